"""Listening, and stopping in time.

aiohttp waits a minute for open requests by default; a planned restart of ours must not. Open
requests get a second or two (``STOP_S``), then they are cancelled.
"""

from __future__ import annotations

from typing import Final

from aiohttp import web

from acd.errors import ConfigError

STOP_S: Final = 1.0
"""What a request under way may still take when we stop; aiohttp waits up to twice this."""


class Server:
    """One application on one address; made by ``serve``."""

    def __init__(self, runner: web.AppRunner, host: str, port: int) -> None:
        self._runner = runner
        self.host = host
        self.port = port
        """The real port, also where 0 was asked for."""

    @property
    def url(self) -> str:
        """Where it answers, without a trailing slash."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"http://{host}:{self.port}"

    async def stop(self) -> None:
        """Take no more requests, let those under way end, give up after twice ``STOP_S`` seconds."""
        await self._runner.cleanup()


async def serve(app: web.Application, host: str, port: int) -> Server:
    """Listen; returns when requests are taken.

    Raises:
        ConfigError: the address cannot be listened on.
    """
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=STOP_S)
    await runner.setup()
    try:
        await web.TCPSite(runner, host, port).start()
    except OSError as error:
        await runner.cleanup()
        raise ConfigError(
            (f"Cannot listen on {host}:{port}: {error.strerror or error}; choose a free address",)
        ) from error
    return Server(runner, host, runner.addresses[0][1])
