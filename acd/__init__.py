"""acd: an automatic call distributor beside Asterisk, for public contact centres."""

__version__ = "0.1.0"
