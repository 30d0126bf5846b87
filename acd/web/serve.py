"""Listening, on a TCP address with or without TLS and on a Unix socket, and stopping in time.

aiohttp waits a minute for open requests by default; a planned restart of ours must not. Open
requests get a second or two (``STOP_S``), then they are cancelled.

aiohttp would also unpack a compressed body as it comes in, before anybody is asked for a token: ten
strangers with a megabyte each, which becomes a thousand, held the loop for seven seconds. Here nothing is
unpacked, and ``acd.web.door`` refuses what says that it is packed.

And aiohttp logs each request that is no HTTP with a traceback, which quotes the line it could not read: a
header with a token or a caller's number in it. Whoever sent it is told; the log is not (``_OnlyDefects``).

The Unix socket is for the command on this machine: who asks is told by the kernel
(``acd.web.bearers.local_bearer``), not by a token. Its file is born with mode 0660. A file left by a process
that was killed is replaced; a socket that answers belongs to somebody who lives, and is left alone.
"""

from __future__ import annotations

import errno
import logging
import os
import socket
import ssl
import stat
from pathlib import Path
from typing import Final, Protocol

from aiohttp import web
from aiohttp.http_exceptions import HttpProcessingError
from aiohttp.log import server_logger

from acd.errors import ConfigError

__all__ = ["Server", "TlsFiles", "serve", "tls_context"]

STOP_S: Final = 1.0
"""What a request under way may still take when we stop; aiohttp waits up to twice this."""
BACKLOG: Final = 128
NOT_FOR_OTHERS: Final = 0o117
"""The mask that makes a socket of mode 0660."""
ASK_S: Final = 1.0


class _OnlyDefects(logging.Filter):
    """Of what aiohttp cannot answer only our own defects, not what somebody sent."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Whether it is told."""
        return record.exc_info is None or not isinstance(record.exc_info[1], HttpProcessingError)


_ONLY_DEFECTS: Final = _OnlyDefects()


class TlsFiles(Protocol):
    """What of the settings TLS needs (``acd.rules.settings.ApiTls``)."""

    @property
    def cert_file(self) -> Path:
        """Certificate and chain, PEM."""

    @property
    def key_file(self) -> Path:
        """Its key, PEM, without a password."""


class Server:
    """One application on its addresses; made by ``serve``."""

    def __init__(self, runner: web.AppRunner, host: str, port: int, scheme: str = "http") -> None:
        self._runner = runner
        self._scheme = scheme
        self.host = host
        self.port = port
        """The real port, also where 0 was asked for."""
        self.socket_file: SocketFile | None = None

    @property
    def url(self) -> str:
        """Where it answers, without a trailing slash."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{self._scheme}://{host}:{self.port}"

    async def stop(self) -> None:
        """Take no more requests, let those under way end, give up after twice ``STOP_S`` seconds."""
        await self._runner.cleanup()
        if self.socket_file is not None:
            self.socket_file.remove()


async def serve(
    app: web.Application,
    host: str,
    port: int,
    *,
    tls: ssl.SSLContext | None = None,
    socket_path: Path | None = None,
) -> Server:
    """Listen; returns when requests are taken.

    Args:
        app: what answers.
        host: address to listen on.
        port: its port; 0 for any that is free.
        tls: see ``tls_context``; None for plain HTTP.
        socket_path: a Unix socket to listen on as well.

    Raises:
        ConfigError: the address or the socket cannot be listened on.
    """
    server_logger.addFilter(_ONLY_DEFECTS)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=STOP_S, auto_decompress=False)
    await runner.setup()
    try:
        await _listen(runner, host, port, tls)
        server = Server(runner, host, runner.addresses[0][1], "https" if tls is not None else "http")
        if socket_path is not None:
            server.socket_file = SocketFile.take(socket_path)
            await web.SockSite(runner, server.socket_file.listening, backlog=BACKLOG).start()
    except BaseException:
        await runner.cleanup()
        raise
    return server


async def _listen(runner: web.AppRunner, host: str, port: int, tls: ssl.SSLContext | None) -> None:
    try:
        await web.TCPSite(runner, host, port, ssl_context=tls).start()
    except OSError as error:
        raise ConfigError(
            (f"Cannot listen on {host}:{port}: {error.strerror or error}; choose a free address",)
        ) from error


def tls_context(files: TlsFiles) -> ssl.SSLContext:
    """Make the TLS side of the API: version 1.2 or newer.

    Raises:
        ConfigError: a file cannot be read, or key and certificate do not belong together.
    """
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    for name, file in (("cert_file", files.cert_file), ("key_file", files.key_file)):
        try:
            file.read_bytes()
        except OSError as error:
            why = error.strerror or str(error)
            raise ConfigError((f"api.tls.{name}: {file} cannot be read ({why}).",)) from error
    try:
        context.load_cert_chain(files.cert_file, files.key_file, password=_no_password)
    except ssl.SSLError as error:
        if error.reason == "KEY_VALUES_MISMATCH":
            why = "the key is not the key of this certificate; give the pair that belongs together"
        else:
            why = "they are no PEM certificate (with its chain) and PEM key; give such files"
        raise ConfigError((f"api.tls: {files.cert_file} and {files.key_file}: {why}.",)) from error
    return context


def _no_password() -> str:
    """Nobody is there to type one at the start of a service."""
    raise ConfigError(("api.tls.key_file: the key has a password; give one without, readable by us only.",))


class SocketFile:
    """The file of a Unix socket we listen on."""

    def __init__(self, path: Path, listening: socket.socket) -> None:
        self.path = path
        self.listening = listening
        self._inode = path.stat().st_ino

    @classmethod
    def take(cls, path: Path) -> SocketFile:
        """Make the file and listen.

        Raises:
            ConfigError: somebody else answers there, or no socket can be made there.
        """
        _clear_away(path)
        listening = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        mask = os.umask(NOT_FOR_OTHERS)
        try:
            listening.bind(str(path))
            listening.setblocking(False)
        except OSError as error:
            listening.close()
            raise _cannot(path, error.strerror or str(error)) from error
        finally:
            os.umask(mask)
        return cls(path, listening)

    def remove(self) -> None:
        """Take the file away, if it is still ours."""
        try:
            if self.path.stat().st_ino == self._inode:
                self.path.unlink()
        except FileNotFoundError:
            pass


def _clear_away(path: Path) -> None:
    """Remove the socket of a process that is gone.

    Raises:
        ConfigError: what is there is no socket, or somebody answers.
    """
    try:
        mode = path.lstat().st_mode
    except OSError:
        return  # nothing there, or bind will say why not
    if not stat.S_ISSOCK(mode):
        raise _cannot(path, "a file that is no socket is there")
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as asking:
        asking.settimeout(ASK_S)
        try:
            asking.connect(str(path))
        except OSError as error:
            if error.errno == errno.ECONNREFUSED:
                path.unlink()
                return
            raise _cannot(path, error.strerror or str(error)) from error
    raise _cannot(path, "another process answers there")


def _cannot(path: Path, why: str) -> ConfigError:
    return ConfigError((f"Cannot listen on the socket {path}: {why}; choose another path for api.socket",))
