"""The demonstration behind ``scripts/demo``: a small centre at work, on a real or a simulated Asterisk."""
