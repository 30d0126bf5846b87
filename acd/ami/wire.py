r"""The Asterisk Manager Interface as bytes: messages in, actions out.

What comes in. Asterisk greets with one line (``Asterisk Call Manager/x.y.z``) and then sends
messages: header lines, each ended by CR LF, closed by an empty line. TCP cuts the stream
anywhere, inside a character too, so ``Splitter`` works on bytes and only a whole message is
decoded (UTF-8; a foreign byte becomes U+FFFD and can neither lose nor shift its neighbours).
A header that comes twice keeps both values; the first one wins where one is asked for, because
Asterisk writes its own headers before those of a ``UserEvent``: nobody forges a ``Uniqueid``.
What never ends is no message: a peer that sends 64 KiB without an empty line is cut off.

What goes out. AMI has no quoting. A line break in a value is a new header, two are a new
action; a comma in a variable's name sets a second variable; Asterisk reads 1,024 bytes a line;
``Hangup`` takes ``/regular expressions/``; ``BridgeKick`` without a bridge throws the channel out
of a talk; ``BlindTransfer`` without a context looks for the extension wherever the channel happens to be.
``encode`` refuses all of these with ``UnsafeValue`` *before* the wire, whoever asks, and
knows only the actions this system needs: what is not in ``ALLOWED`` cannot be sent. ``Originate``, with which
one could call anywhere and start anything, is sent for a rehearsal of an office's line alone (``MUST_BE``).

Sources: ``main/manager.c`` of Asterisk 22 (limits, ``astman_append`` order); AMI v2 specification.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

import msgspec

from acd.errors import AsteriskError, UnsafeValue

__all__ = ["ALLOWED", "Action", "Message", "Splitter", "encode"]

MESSAGE_BYTES_MAX = 65_536
BANNER_BYTES_MAX = 256
VALUE_BYTES_MAX = 1_000
BANNER = b"Asterisk Call Manager/"

ALLOWED = frozenset(
    {
        "BlindTransfer",
        "BridgeKick",
        "ControlPlayback",
        "CoreSettings",
        "CoreStatus",
        "DeviceStateList",
        "Getvar",
        "Hangup",
        "Login",
        "Logoff",
        "Originate",
        "Ping",
        "QueueAdd",
        "QueuePause",
        "QueueRemove",
        "QueueStatus",
        "Setvar",
        "Status",
    }
)
"""Every action we ever send."""

NEVER_EMPTY = frozenset(
    {
        ("BlindTransfer", "Channel"),
        ("BlindTransfer", "Context"),
        ("BlindTransfer", "Exten"),
        ("BridgeKick", "BridgeUniqueid"),
        ("BridgeKick", "Channel"),
        ("Hangup", "Channel"),
    }
)
"""Without these Asterisk would act on something else, so they must be there and not empty."""

_NAME = re.compile(r"[A-Za-z][A-Za-z0-9-]{0,22}", re.ASCII)
REHEARSAL = "acd-rehearse"
"""The one context to which a call of ours may begin …"""
REHEARSAL_CHANNEL = f"Local/s@{REHEARSAL}/n"
"""… and the one channel it may begin with."""
MUST_BE = {
    ("Originate", "Channel"): REHEARSAL_CHANNEL,
    ("Originate", "Context"): REHEARSAL,
    ("Originate", "Exten"): "done",
    ("Originate", "Priority"): "1",
    ("Originate", "Async"): "true",
}
"""No call begins anywhere else, and no application at all, whatever right the account has."""
ORIGINATE = frozenset({"Timeout", "Variable", *(header for _, header in MUST_BE)})

_SET = re.compile(r"ACD_TRY=[A-Za-z0-9._+/-]+", re.ASCII)
_VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*", re.ASCII)
_CONTROL = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029]")


class Message:
    """One whole message. ``message["Uniqueid"]`` is the first value, empty where there is none."""

    __slots__ = ("_more", "headers")

    def __init__(self, headers: Mapping[str, str], more: Mapping[str, list[str]] | None = None) -> None:
        self.headers = headers
        self._more = more or {}

    def __getitem__(self, name: str) -> str:
        return self.headers.get(name, "")

    def __contains__(self, name: str) -> bool:
        return name in self.headers

    def __repr__(self) -> str:
        """Say what kind it is, for tracebacks: the values may be a caller's number and name."""
        kind = self["UserEvent"] or self["Event"] or self["Response"]
        return f"<message {kind} with {len(self.headers)} headers>"

    def all(self, name: str) -> list[str]:
        """Every value of a header, in order; an empty list where there is none."""
        if name in self._more:
            return self._more[name]
        return [self.headers[name]] if name in self.headers else []

    @classmethod
    def parse(cls, raw: bytes) -> Message:
        """Decode one message; a line without a colon is no header and is left out."""
        headers: dict[str, str] = {}
        more: dict[str, list[str]] = {}
        for line in raw.decode("utf-8", "replace").split("\r\n"):
            name, colon, value = line.partition(":")
            if not colon:
                continue
            value = value.removeprefix(" ")
            if name in headers:
                more.setdefault(name, [headers[name]]).append(value)
            else:
                headers[name] = value
        return cls(headers, more)


class Splitter:
    r"""Cuts the stream of one connection into messages.

    Raises ``AsteriskError`` when the peer is no Asterisk or a message does not end; the
    connection is useless from then on.
    """

    def __init__(self) -> None:
        self._rest = b""
        self.version = ""
        """What the banner said, empty until it has come."""

    def feed(self, data: bytes) -> Iterable[Message]:
        """Take the next bytes; return the messages that are whole now."""
        data = self._rest + data if self._rest else data
        if not self.version:
            data = self._banner(data)
            if not self.version:
                self._rest = data
                return ()
        *whole, self._rest = data.split(b"\r\n\r\n")
        if len(self._rest) > MESSAGE_BYTES_MAX:
            raise AsteriskError(
                f"The manager port sent {len(self._rest)} bytes without an end; the link is dropped."
            )
        return [Message.parse(raw) for raw in whole if raw.strip()]

    def _banner(self, data: bytes) -> bytes:
        line, end, rest = data.partition(b"\r\n")
        if not (line[: len(BANNER)] == BANNER[: len(line)]) or len(line) > BANNER_BYTES_MAX:
            raise AsteriskError(
                f"This port greets with {line[:60]!r}, not as an Asterisk manager port;"
                " check host and port of the node."
            )
        if not end:
            return data
        self.version = line[len(BANNER) :].decode("ascii", "replace").strip() or "?"
        return rest


class Action(msgspec.Struct, frozen=True):
    """One action to be sent: its name and its headers in order. Made by ``Action.of``."""

    name: str
    headers: tuple[tuple[str, str], ...] = ()

    @classmethod
    def of(cls, name: str, **headers: str | int) -> Action:
        """Build from keyword headers, in the order given."""
        return cls(name, tuple((key, str(value)) for key, value in headers.items()))


def encode(action: Action, action_id: str) -> bytes:
    """Turn an action into the bytes Asterisk reads; raises ``UnsafeValue`` and sends nothing."""
    if action.name not in ALLOWED:
        raise UnsafeValue(
            f"The action {action.name!r} is none we send; add it to acd.ami.wire.ALLOWED if it must be."
        )
    given = {name for name, value in action.headers if value}
    for name, header in NEVER_EMPTY:
        if name == action.name and header not in given:
            raise UnsafeValue(f"{name} without {header} would act on something else; nothing was sent.")
    if action.name == "Originate":
        _check_origin(action)
    lines = [f"Action: {action.name}", f"ActionID: {_checked(action.name, 'ActionID', action_id)}"]
    lines += [f"{name}: {_checked(action.name, name, value)}" for name, value in action.headers]
    return ("\r\n".join(lines) + "\r\n\r\n").encode("utf-8")


def _check_origin(action: Action) -> None:
    """Refuse a call that would begin anywhere but in a rehearsal."""
    given = dict(action.headers)
    for (_, header), value in MUST_BE.items():
        if given.get(header) != value:
            raise UnsafeValue(f"Originate with another {header} than {value!r}; nothing was sent.")
    if len(given) != len(action.headers) or not given.keys() <= ORIGINATE:
        raise UnsafeValue("Originate with headers that no rehearsal needs; nothing was sent.")


def _checked(action: str, name: str, value: str) -> str:
    """Give the value back if it may stand behind this header."""
    where = f"The header {name!r} of {action}"
    if not _NAME.fullmatch(name):
        raise UnsafeValue(f"{where} is no header name; nothing was sent.")
    size = len(value)
    if not (value.isascii() and value.isprintable()):
        if _CONTROL.search(value):
            raise UnsafeValue(f"{where} holds a control character; nothing was sent.")
        try:
            size = len(value.encode("utf-8"))
        except UnicodeEncodeError:
            raise UnsafeValue(f"{where} holds half a character (a surrogate); nothing was sent.") from None
    if size > VALUE_BYTES_MAX:
        raise UnsafeValue(f"{where} is {size} bytes long, {VALUE_BYTES_MAX} are allowed; nothing was sent.")
    if name == "Variable" and not (_SET if action == "Originate" else _VARIABLE).fullmatch(value):
        raise UnsafeValue(f"{where} is no plain variable name; nothing was sent.")
    if name == "Channel" and value.startswith("/"):
        raise UnsafeValue(f"{where} would be read as a regular expression; nothing was sent.")
    return value
