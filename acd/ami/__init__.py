"""Everything that knows Asterisk: link, decode, encode, snapshot."""
