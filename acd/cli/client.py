"""The API's client: one connection, one request after the other, nothing but the standard library.

http.client and no aiohttp, for a command asks a handful of questions in line, and loading a loop and
its connection pool takes longer than the answers.

An answer that is not a success is raised as the error its ``id`` names (``acd.errors``), with the
sentence the ACD wrote. Nothing is sent twice: after a write that was not answered nobody knows whether
it was done, and the sentence says so.

Over TLS the certificate is always checked. Proxies of the environment are not used: the ACD is a
neighbour, and a token is nothing to hand to a stranger.
"""

from __future__ import annotations

import http.client
import socket
from collections.abc import Iterator, Mapping
from http import HTTPStatus
from typing import Final, Self, TypeVar
from urllib.parse import quote, urlencode

import msgspec

from acd import __version__
from acd.cli.place import Place
from acd.errors import (
    AcdError,
    Conflict,
    Forbidden,
    NotFound,
    RequestError,
    StoreUnavailable,
    TooMany,
)

__all__ = [
    "ALIVE_S_MAX",
    "ASK_S_MAX",
    "Client",
    "Finding",
    "NotRunning",
    "WrongFile",
    "alive",
    "listens",
    "path",
]

ASK_S_MAX: Final = 5.0
"""For an answer that only looks."""
ACT_S_MAX: Final = 120.0
"""For a write: a roster of thousands, a morning's logins."""
ALIVE_S_MAX: Final = 1.0
PAGE: Final = 1000
"""Items asked for at a time."""
PAGES_MAX: Final = 1000
"""A list longer than this is none of ours."""
BODY_BYTES_MAX: Final = 64 * 1024 * 1024

ERRORS: Final[Mapping[str, type[AcdError]]] = {
    kind.id: kind for kind in (Conflict, Forbidden, NotFound, RequestError, StoreUnavailable, TooMany)
}

Kind = TypeVar("Kind")


class NotRunning(AcdError):
    """Nobody listens where the ACD should; nothing was asked."""

    id = "not-running"


class Finding(msgspec.Struct, frozen=True):
    """One thing that is wrong with a file we sent."""

    sentence: str
    line: int = 0
    column: str = ""
    """Empty: the line as a whole."""


class Problem(msgspec.Struct, frozen=True):
    """What we read of an application/problem+json body."""

    detail: str
    id: str = ""
    findings: tuple[Finding, ...] = ()


class Page(msgspec.Struct, frozen=True):
    """One page of a list."""

    items: tuple[msgspec.Raw, ...]
    next: str | None = None


class WrongFile(RequestError):
    """The ACD found mistakes in a file we sent; nothing of it was taken."""

    def __init__(self, sentence: str, findings: tuple[Finding, ...]) -> None:
        self.findings = findings
        super().__init__(sentence)


class Client:
    """A connection to the ACD at one place; use it in a ``with``."""

    def __init__(self, place: Place) -> None:
        self.place = place
        self._connection = _connection(place)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._connection.close()

    def get(self, target: str, kind: type[Kind], **query: object) -> Kind:
        """Ask for one document.

        Args:
            target: The path (see ``path``).
            kind: What it is decoded as; fields it does not know are left aside.
            **query: Parameters; those that are None or empty are left out.

        Raises:
            NotRunning: nobody listens there.
            RequestError: the ACD refused; also its subclasses.
            AcdError: no answer of an ACD came, or it does not know our token.
        """
        return self._decoded(self.ask("GET", target, query=query), kind)

    def search(self, target: str, kind: type[Kind], **query: object) -> Kind:
        """Ask for what takes its time, as the journal's answers do; raises as ``get`` does."""
        return self._decoded(self.ask("GET", target, query=query, limit_s=ACT_S_MAX), kind)

    def items(
        self, target: str, *, most: int | None = None, after: str | None = None, **query: object
    ) -> Iterator[msgspec.Raw]:
        """Every item of a list after a cursor, page by page, as it was answered; at most ``most``."""
        left = most
        for _ in range(PAGES_MAX):
            limit = PAGE if left is None else min(PAGE, left)
            page = self.get(target, Page, **query, limit=limit, after=after)
            yield from page.items if left is None else page.items[:left]
            left = None if left is None else left - len(page.items)
            after = page.next
            if after is None or (left is not None and left <= 0):
                return

    def post(self, target: str, kind: type[Kind], body: object = None, **query: object) -> Kind:
        """Ask for a change; raises as ``get`` does."""
        encoded = b"" if body is None else msgspec.json.encode(body)
        return self._decoded(self.ask("POST", target, query=query, body=encoded), kind)

    def delete(self, target: str, kind: type[Kind], **query: object) -> Kind:
        """Ask for the end of something; raises as ``get`` does."""
        return self._decoded(self.ask("DELETE", target, query=query), kind)

    def ask(
        self,
        method: str,
        target: str,
        *,
        query: Mapping[str, object] | None = None,
        body: bytes | None = None,
        content_type: str = "application/json",
        accept: str = "application/json",
        headers: Mapping[str, str] | None = None,
        limit_s: float | None = None,
    ) -> bytes:
        """One request and the body of its answer; raises as ``get`` does."""
        given = {name: _written(value) for name, value in (query or {}).items() if value not in {None, ""}}
        url = target + ("?" + urlencode(given) if given else "")
        sent = {"User-Agent": f"acd/{__version__}", "Accept": accept, **(headers or {})}
        if self.place.token:
            sent["Authorization"] = f"Bearer {self.place.token}"
        if body is not None:
            sent["Content-Type"] = content_type
        limit_s = limit_s or (ASK_S_MAX if method == "GET" else ACT_S_MAX)
        status, answer = self._exchange(method, url, body, sent, limit_s)
        if status >= HTTPStatus.MULTIPLE_CHOICES:
            raise self._error(status, answer)
        return answer

    def _exchange(
        self, method: str, url: str, body: bytes | None, headers: Mapping[str, str], limit_s: float
    ) -> tuple[int, bytes]:
        connection = self._connection
        connection.timeout = limit_s
        try:
            if connection.sock is not None:
                connection.sock.settimeout(limit_s)
            connection.request(method, url, body=body, headers=dict(headers))
            answered = connection.getresponse()
            return answered.status, answered.read(BODY_BYTES_MAX)
        except TimeoutError:
            connection.close()
            doubt = "" if method == "GET" else " It may have been done: look before you ask again."
            raise AcdError(f"{self.place.name} did not answer within {limit_s:g} s.{doubt}") from None
        except (ConnectionRefusedError, FileNotFoundError):
            raise NotRunning(
                f"{self.place.name} cannot be asked: nobody listens there; start the ACD, or give --url."
            ) from None
        except PermissionError:
            raise AcdError(
                f"{self.place.name} cannot be asked: only root and the ACD's own user may; use sudo."
            ) from None
        except (OSError, http.client.HTTPException, ValueError) as error:
            connection.close()
            said = str(error) or type(error).__name__
            raise AcdError(f"{self.place.name} cannot be asked ({said}); is it an ACD's address?") from None

    def _error(self, status: int, answer: bytes) -> AcdError:
        try:
            problem = msgspec.json.decode(answer, type=Problem)
        except msgspec.DecodeError:
            return AcdError(f"{self.place.name} answered {status}; is it the address of an ACD?")
        if status == HTTPStatus.UNAUTHORIZED:
            return AcdError(
                f"{self.place.name} does not know the token, or it has expired; ask its admin for one."
            )
        if problem.findings:
            return WrongFile(problem.detail, problem.findings)
        usual = RequestError if status < HTTPStatus.INTERNAL_SERVER_ERROR else AcdError
        return ERRORS.get(problem.id, usual)(problem.detail)

    def _decoded(self, answer: bytes, kind: type[Kind]) -> Kind:
        try:
            return msgspec.json.decode(answer, type=kind)
        except msgspec.DecodeError as error:
            raise AcdError(
                f"{self.place.name} did not answer as an ACD of this version does ({error})."
            ) from None


class _SocketConnection(http.client.HTTPConnection):
    """HTTP over a Unix socket."""

    def __init__(self, path: str) -> None:
        super().__init__("localhost")
        self._path = path

    def connect(self) -> None:
        """Connect to the socket instead of a host."""
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.sock.settimeout(self.timeout)
        self.sock.connect(self._path)


def path(*parts: str) -> str:
    """The path below ``/api/v1`` with each part quoted."""
    return "/api/v1/" + "/".join(quote(part, safe="") for part in parts)


def alive(place: Place) -> bool:
    """Whether an ACD answers there; takes a second at most, and needs no token."""
    connection = _connection(place)
    connection.timeout = ALIVE_S_MAX
    try:
        connection.request("GET", "/livez")
        answer = connection.getresponse()
        return answer.status == HTTPStatus.OK and msgspec.json.decode(answer.read(1024)) == {"alive": True}
    except (OSError, http.client.HTTPException, ValueError):
        return False
    finally:
        connection.close()


def listens(place: Place) -> bool:
    """Whether anybody listens there at all; in doubt yes."""
    connection = _connection(place)
    connection.timeout = ASK_S_MAX
    try:
        connection.connect()
    except (ConnectionRefusedError, FileNotFoundError):
        return False
    except OSError:
        return True
    finally:
        connection.close()
    return True


def _connection(place: Place) -> http.client.HTTPConnection:
    if place.socket:
        return _SocketConnection(place.socket)
    if not place.tls:
        return http.client.HTTPConnection(place.host, place.port)
    import ssl

    try:
        trusted = ssl.create_default_context(cafile=place.ca_file or None)
    except OSError as error:
        raise AcdError(
            f"The authority's file {place.ca_file} (ACD_CA_FILE) cannot be read: {error}."
        ) from None
    return http.client.HTTPSConnection(place.host, place.port, context=trusted)


def _written(value: object) -> str:
    match value:
        case bool():
            return "true" if value else "false"
        case _:
            return str(value)
