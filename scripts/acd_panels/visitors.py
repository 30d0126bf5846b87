"""People who look: the API and the metrics served on loopback ports, boards held open, questions asked."""

from __future__ import annotations

import asyncio
import contextlib
import secrets
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Final

import aiohttp

from acd.centre import RunningCentre
from acd.rules.settings import ApiToken
from acd.web.app import build_api, build_metrics_app
from acd.web.bearers import Bearers
from acd.web.serve import serve

__all__ = ["Served", "served"]

ASKED: Final = ("/api/v1/summary", "/api/v1/queues", "/livez", "/api/v1/queues", "/api/v1/nowhere")
"""What visitors ask for, one after the other; the last is not there."""
STREAM: Final = "/api/v1/board/stream"


class Served:
    """Where the centre can be reached."""

    def __init__(self, session: aiohttp.ClientSession, url: str, metrics_port: int) -> None:
        self.url = url
        self.metrics_port = metrics_port
        self._session = session

    async def visit(self, every_s: float) -> None:
        """Ask one thing after the other, for ever."""
        while True:
            for path in ASKED:
                with contextlib.suppress(aiohttp.ClientError, TimeoutError):
                    async with self._session.get(self.url + path) as answer:
                        await answer.read()
                await asyncio.sleep(every_s)

    async def watch(self) -> None:
        """Hold a board open, for ever."""
        never = aiohttp.ClientTimeout(total=None)
        async with self._session.get(self.url + STREAM, timeout=never) as answer:
            async for _ in answer.content.iter_chunked(65_536):
                pass


@asynccontextmanager
async def served(centre: RunningCentre, *, visits_s: Sequence[float], boards: int) -> AsyncIterator[Served]:
    """Serve a running centre, and let visitors come.

    Args:
        centre: what is served.
        visits_s: for each visitor, the pause between two questions.
        boards: boards held open.
    """
    word = secrets.token_urlsafe(24)
    token = ApiToken.model_validate({"name": "visitatore", "role": "viewer", "token": word})
    api = await serve(
        build_api(centre, Bearers((token,)), clock=centre.clock, metrics=centre.metrics), "127.0.0.1", 0
    )
    metrics = await serve(build_metrics_app(centre.exposition.text), "127.0.0.1", 0)
    async with aiohttp.ClientSession(headers={"Authorization": f"Bearer {word}"}) as session:
        place = Served(session, api.url, metrics.port)
        tasks = [asyncio.create_task(place.visit(pause_s)) for pause_s in visits_s]
        tasks += [asyncio.create_task(place.watch()) for _ in range(boards)]
        try:
            yield place
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            await api.stop()
            await metrics.stop()
