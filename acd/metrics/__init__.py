"""Every Prometheus name in one table, and what feeds it; no metric knows an agent."""
