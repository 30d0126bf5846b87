"""The demonstration that the package itself can give: a small centre on the simulated Asterisk."""
