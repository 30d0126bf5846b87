"""Who asks: the bearer of a token, or a user of this machine over the local socket.

Tokens come from two places. Those of the settings are for machines: they stand as long as the process.
Those of the store are for people, made and revoked through the API; they are read once and then kept here
in step with every change, so that a revoked or expired token opens nothing from that moment on.

Of each secret we keep only the SHA-256. A secret is a long random string, so a plain fast digest is
enough (there is nothing to guess, and a stolen table of digests opens nothing); a password would need a
slow one. The digest of what is presented is looked up in a table: the time that takes tells nothing of
use, since nobody can steer a digest towards another. There is no default token: with none nobody gets in.

While the store has not been read yet (it is gone or locked) a token we do not know may still be a good
one: then the answer is that the store is unavailable, not that the token is bad. It is tried again once
a second at most, however many ask.
"""

from __future__ import annotations

import hashlib
import secrets
import socket
import struct
from collections.abc import Iterable
from typing import Final

import msgspec

from acd.core.ids import AgentId, SiteId
from acd.errors import Forbidden, StoreUnavailable
from acd.rules.settings import ApiToken
from acd.runtime.ports import Clock
from acd.store.port import Store
from acd.store.records import Role, TokenRecord
from acd.web.problems import Unauthorized

SECRET_PREFIX: Final = "acd_"  # noqa: S105  # not the secret
"""By which a scanner of repositories knows a leaked token."""
SECRET_BYTES: Final = 32
AGAIN_MS: Final = 1_000

_CREDENTIALS: Final = struct.Struct("3i")
"""Linux ``struct ucred``: pid, uid, gid."""


class Bearer(msgspec.Struct, frozen=True, kw_only=True):
    """Who asks, and what they may do."""

    who: str
    """For the audit: ``token:<name>`` or ``uid:<number>``."""
    role: Role
    sites: frozenset[SiteId] = frozenset()
    """Only these sites' people; empty: all."""
    agent: AgentId | None = None
    record: TokenRecord | None = None
    """Of a token of the store."""
    session: bytes = b""
    """Digest of the cookie they came by (``acd.web.sessions``); empty: they showed the token itself."""

    def sees(self, site: SiteId) -> bool:
        """Whether people of this site exist for this bearer."""
        return not self.sites or site in self.sites


class Bearers:
    """Everybody we admit.

    Args:
        machines: tokens of the settings.
    """

    def __init__(self, machines: Iterable[ApiToken] = ()) -> None:
        self._machines = {
            digest(token.token.get_secret_value()): Bearer(who=f"token:{token.name}", role=Role(token.role))
            for token in machines
        }
        self._people: dict[bytes, Bearer] = {}
        self._read = False
        self._not_before_ms = 0

    async def read(self, store: Store | None, clock: Clock) -> None:
        """Take the tokens of the store, once.

        Raises:
            StoreUnavailable: they cannot be read now.
        """
        if self._read:
            return
        if clock.now_ms() < self._not_before_ms:
            raise StoreUnavailable(
                "The tokens of the store cannot be read now; only those of the settings work."
            )
        self._not_before_ms = clock.now_ms() + AGAIN_MS
        for record in await store.tokens() if store is not None else ():
            self.put(record)
        self._read = True

    async def find(self, authorization: str, store: Store | None, clock: Clock) -> Bearer:
        """Return the bearer an ``Authorization`` header names.

        Raises:
            Unauthorized: it names nobody of ours.
            StoreUnavailable: we cannot tell.
        """
        scheme, _, secret = authorization.partition(" ")
        secret = secret.strip()
        if scheme.lower() != "bearer" or not secret:
            raise Unauthorized("There is no 'Authorization: Bearer <token>' in the request.")
        presented = digest(secret)
        bearer = self._machines.get(presented)
        if bearer is not None:
            return bearer
        if presented not in self._people:
            await self.read(store, clock)
        bearer = self._people.get(presented)
        if bearer is None:
            raise Unauthorized("The token is none of ours.")
        if not self.is_good(bearer, clock.now_ms()):
            raise Unauthorized("The token has expired or was revoked.")
        return bearer

    def is_good(self, bearer: Bearer, now_ms: int) -> bool:
        """Whether who was admitted would be admitted again."""
        if bearer.record is None:
            return True
        present = self._people.get(bearer.record.sha256)
        return present is not None and present.record is not None and present.record.is_good(now_ms)

    def put(self, record: TokenRecord) -> None:
        """A token was made, or changed."""
        self._people[record.sha256] = Bearer(
            who=f"token:{record.name}",
            role=record.role,
            sites=frozenset(record.sites),
            agent=record.agent,
            record=record,
        )

    def close(self, token_id: str, now_ms: int) -> bool:
        """Let a token of the store open nothing in this process; False if there is none of this id."""
        for bearer in self._people.values():
            if bearer.record is not None and bearer.record.id == token_id:
                self.put(msgspec.structs.replace(bearer.record, revoked_ms=now_ms))
                return True
        return False

    def is_machine(self, name: str) -> bool:
        """Whether a token of the settings has this name."""
        return any(bearer.who == f"token:{name}" for bearer in self._machines.values())


def digest(secret: str) -> bytes:
    """What we keep of a secret."""
    return hashlib.sha256(secret.encode("utf-8", "surrogateescape")).digest()


def new_secret() -> str:
    """A secret nobody has had before."""
    return SECRET_PREFIX + secrets.token_urlsafe(SECRET_BYTES)


def local_bearer(peer: socket.socket, own_uid: int) -> Bearer:
    """Who asks over the local socket: the kernel knows.

    Args:
        peer: the accepted connection.
        own_uid: the user this process runs as.

    Raises:
        Forbidden: somebody who is neither root nor that user.
    """
    uid = peer_uid(peer)
    if uid not in {0, own_uid}:
        raise Forbidden(f"The local socket is for root and the user of the ACD, not for uid {uid}.")
    return Bearer(who=f"uid:{uid}", role=Role.ADMIN)


def peer_uid(peer: socket.socket) -> int:
    """The user at the other end of a Unix socket (``SO_PEERCRED``, unix(7))."""
    found = peer.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, _CREDENTIALS.size)
    uid: int = _CREDENTIALS.unpack(found)[1]
    return uid


__all__ = [
    "Bearer",
    "Bearers",
    "StoreUnavailable",
    "digest",
    "local_bearer",
    "new_secret",
    "peer_uid",
]
