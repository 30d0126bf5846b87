"""The shape of routing_rules/ and config/ files: loading, checks, compiling to core policy."""
