"""Speak every text of a rule set, so that menus are heard before anybody has recorded them."""
