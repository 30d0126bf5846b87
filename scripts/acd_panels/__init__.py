"""The dashboards seen with data: a simulated centre, a real Prometheus, every panel asked and drawn.

``scripts/panels`` lives through a working day of a national centre in virtual time, has the metrics of every
half minute of it read by a real Prometheus, asks that every query of every panel, and draws what it answers.
The gate uses the same parts the other way round: a Prometheus scrapes a small simulated centre while it
works, and every query must return data (``tests/metrics/test_panels.py``).
"""
