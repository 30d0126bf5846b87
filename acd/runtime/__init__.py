"""The imperative shell round the core: one inbox, one consumer, one timer. Knows ports, not Asterisk."""
