"""Every Prometheus name in one registry; notes become updates."""
