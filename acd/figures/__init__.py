"""What the numbers are: raw counters of a queue and the formulas over them; see docs/observability.md."""
