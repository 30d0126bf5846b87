"""Keyed hashes: how a caller's number and a personal code are kept without keeping them.

HMAC-SHA-256 under a key that stands outside the store, so that the store alone cannot be searched for
a number. The use (``number``, ``code``) is part of what is hashed: the same digits give unlike hashes.
"""

from __future__ import annotations

import hashlib
import hmac

__all__ = ["KeyedHash"]


class KeyedHash:
    """Hashes under one key."""

    def __init__(self, key: str) -> None:
        self._key = key.encode()
        self._name = hashlib.sha256(b"name of " + self._key).hexdigest()[:4]

    def number(self, number: str) -> str:
        """What is kept of a caller's number: ``<name of the key>-<32 hex digits>``, empty for no number."""
        return self._hash("number", number) if number else ""

    def code(self, code: str) -> str:
        """What is kept of a personal code."""
        return self._hash("code", code)

    def _hash(self, use: str, text: str) -> str:
        digest = hmac.new(self._key, f"{use}:{text}".encode(), hashlib.sha256).hexdigest()
        return f"{self._name}-{digest[:32]}"
