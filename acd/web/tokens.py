"""Who may use the API: bearer tokens, of which we keep only the SHA-256.

A token is a long random string, so a plain fast digest is enough (there is nothing to guess, and
a stolen table of digests opens nothing); a password would need a slow one. Each request is
compared with every digest in constant time, without stopping at the first match, so that the
time of an answer tells nothing. There is no default token: with none configured nobody gets in.

The name of the token is what an audit record will say; what its bearer may do (agent, viewer,
supervisor, operator, admin) will hang on ``Token`` and be asked where ``app.guard`` admits.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Iterable, Mapping

import msgspec


class Token(msgspec.Struct, frozen=True, kw_only=True):
    """One bearer."""

    name: str
    """Who this is, for the log; never the secret."""
    sha256: bytes
    """Digest of the secret, 32 bytes."""


class Tokens:
    """All bearers we admit."""

    def __init__(self, tokens: Iterable[Token]) -> None:
        self._tokens = tuple(tokens)

    @classmethod
    def from_secrets(cls, secrets: Mapping[str, str]) -> Tokens:
        """Take name and secret of each bearer (``config/acd.yaml`` sees to their length)."""
        return cls(Token(name=name, sha256=digest(secret)) for name, secret in secrets.items())

    def bearer(self, authorization: str) -> Token | None:
        """The bearer an ``Authorization`` header names, None if it names nobody of ours."""
        scheme, _, secret = authorization.partition(" ")
        presented = digest(secret.strip())
        found = None
        for token in self._tokens:
            if hmac.compare_digest(token.sha256, presented):
                found = token
        return found if scheme.lower() == "bearer" and secret else None


def digest(secret: str) -> bytes:
    """What we keep of a secret."""
    return hashlib.sha256(secret.encode("utf-8", "surrogateescape")).digest()
