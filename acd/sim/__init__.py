"""Shipped: a simulated Asterisk and a simulated call centre."""
