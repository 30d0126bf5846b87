"""Idempotency keys: a request that is sent again because its answer was lost is not done again.

The client makes a key for each write and sends it as ``Idempotency-Key``. The same key of the same
bearer with the same request gets the same answer for 24 hours; with another request it is refused. Two
at the same time: the second waits for the first. Kept are answers that say what became of the request
(successes and refusals); a failure of ours, or "too many", is forgotten, so that trying again helps.

The memory is bounded in answers and in bytes; when it is full the oldest are forgotten, and a restart
forgets all. An answer that holds a secret is not kept: the second request learns that the first was done.
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from http import HTTPStatus
from typing import Final

import msgspec
from aiohttp import web

from acd.errors import AcdError
from acd.runtime.ports import Clock
from acd.web.problems import KeyReused, problem_of

KEPT_MS: Final = 24 * 3_600_000
ANSWERS_MAX: Final = 10_000
BYTES_MAX: Final = 16 * 1024 * 1024
KEY_LENGTH_MAX: Final = 128
KEPT_HEADERS: Final = ("ETag", "Retry-After", "WWW-Authenticate")

Name = tuple[str, str]
"""Bearer and key."""


class Answer(msgspec.Struct, frozen=True):
    """What was answered."""

    status: int
    body: bytes
    content_type: str
    headers: tuple[tuple[str, str], ...]

    def again(self) -> web.Response:
        """The same answer anew."""
        return web.Response(
            status=self.status, body=self.body, content_type=self.content_type, headers=dict(self.headers)
        )


class _Kept:
    """One request under way or answered."""

    __slots__ = ("answer", "at_ms", "fingerprint")

    def __init__(self, fingerprint: bytes, at_ms: int) -> None:
        self.fingerprint = fingerprint
        self.at_ms = at_ms
        self.answer: asyncio.Future[Answer | None] = asyncio.get_running_loop().create_future()
        """None: it failed, or may not be shown twice."""


class Once:
    """The memory of one API."""

    def __init__(self, clock: Clock, *, answers_max: int = ANSWERS_MAX, bytes_max: int = BYTES_MAX) -> None:
        self._clock = clock
        self._answers_max = answers_max
        self._bytes_max = bytes_max
        self._kept: OrderedDict[Name, _Kept] = OrderedDict()
        self._bytes = 0

    def __len__(self) -> int:
        return len(self._kept)

    async def answer(
        self,
        name: Name,
        fingerprint: bytes,
        do: Callable[[], Awaitable[web.Response]],
        *,
        secret: bool = False,
    ) -> web.Response:
        """Do it, or give the answer of the first time.

        Args:
            name: bearer and key.
            fingerprint: digest of the whole request.
            do: what is done once.
            secret: its answer holds a secret and is not kept.

        Raises:
            KeyReused: the key came with another request, or its answer is not shown twice.
        """
        self._forget()
        known = self._kept.get(name)
        if known is None:
            return await self._first(name, _Kept(fingerprint, self._clock.now_ms()), do, secret=secret)
        if known.fingerprint != fingerprint:
            raise KeyReused("This Idempotency-Key came before, with another request.")
        answer = await asyncio.shield(known.answer)
        if answer is None:
            raise KeyReused(
                "This request came before under this key; its answer held a secret or it failed."
                " Look what there is before asking again."
            )
        return answer.again()

    async def _first(
        self, name: Name, kept: _Kept, do: Callable[[], Awaitable[web.Response]], *, secret: bool
    ) -> web.Response:
        self._kept[name] = kept
        done: Answer | None = None
        keep = False
        try:
            try:
                response = await do()
            except AcdError as error:
                done = _answer(problem_of(error))
                keep = _is_final(done.status)
                raise
            done = None if secret else _answer(response)
            keep = True
        finally:
            kept.answer.set_result(done)
            if not keep:
                self._kept.pop(name, None)
            elif done is not None:
                self._bytes += len(done.body)
        return response

    def _forget(self) -> None:
        """Let go of what is old, and of the oldest while there is too much."""
        until_ms = self._clock.now_ms() - KEPT_MS
        while self._kept:
            name, oldest = next(iter(self._kept.items()))
            full = len(self._kept) >= self._answers_max or self._bytes > self._bytes_max
            if not oldest.answer.done() or (oldest.at_ms > until_ms and not full):
                return
            del self._kept[name]
            answer = oldest.answer.result()
            self._bytes -= len(answer.body) if answer is not None else 0


def _is_final(status: int) -> bool:
    return status < HTTPStatus.INTERNAL_SERVER_ERROR and status != HTTPStatus.TOO_MANY_REQUESTS


def _answer(response: web.Response) -> Answer:
    body = response.body
    assert isinstance(body, bytes)
    return Answer(
        response.status,
        body,
        response.content_type,
        tuple((name, response.headers[name]) for name in KEPT_HEADERS if name in response.headers),
    )
