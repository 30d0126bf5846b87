"""Grafana dashboards as typed code; the JSON it makes is committed, so a deployment needs no SDK."""
