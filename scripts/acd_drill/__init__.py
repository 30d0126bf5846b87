"""A switch-off, drilled: four days on a real Asterisk with only the calendar's clock made faster."""
