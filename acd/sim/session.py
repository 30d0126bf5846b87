"""One manager session: bytes in, answers and events out. Knows no socket.

As in Asterisk, one thread serves a session: an action is answered before the events it
causes, actions are taken one after the other, and nothing is sent to somebody who has not
logged in. A session that is not let in is told so and closed.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Protocol

from acd.sim.account import Account
from acd.sim.actions import ACTIONS, Fields

if TYPE_CHECKING:
    from acd.sim.asterisk import SimulatedAsterisk

BANNER = b"Asterisk Call Manager/11.0.0\r\n"
LINE_BYTES_MAX = 1024


class Wire(Protocol):
    """What a session writes to."""

    def send(self, data: bytes) -> None:
        """Send these bytes to the client."""

    def hang_up(self) -> None:
        """Close after what was sent."""


Shape = Callable[["Session", str, bytes], None]
"""A fault that decides when (or whether) an event or answer leaves: session, subject, bytes."""


class Session:
    """One client of the manager interface."""

    def __init__(self, sim: SimulatedAsterisk, wire: Wire) -> None:
        self.sim = sim
        self.account: Account | None = None
        self._wire = wire
        self._in = b""
        self._actions: list[Fields] = []
        self._out: list[bytes] = []
        self._open = True
        self.put(BANNER)

    # ── from the client ──────────────────────────────────────────────────────────────────────

    def feed(self, data: bytes) -> None:
        """Take bytes; whole actions are done a moment later, in their order."""
        buffer = self._in + data
        *blocks, self._in = buffer.split(b"\r\n\r\n")
        if blocks:
            if not self._actions:
                self.sim.later(self.sim.delay(0.1, 0.4), self._work)
            self._actions.extend(map(_fields, blocks))

    def _work(self) -> None:
        actions, self._actions = self._actions, []
        for action in actions:
            if self._open:
                self._do(action)

    def _do(self, fields: Fields) -> None:
        self.sim.actions_count += 1
        name = fields.get("action", "")
        action = name.lower()
        if "\0toolong" in fields:
            self.error(fields, "Failed to parse message: line too long")
        elif action == "login":
            self._login(fields)
        elif action == "logoff":
            self.answer(fields, "Message: Thanks for all the fish.\r\n", word="Goodbye")
            self.close()
        elif self.account is None:
            self.error(fields, "Permission denied")
        elif not name:
            self.error(fields, "Missing action in request")
        elif not self.account.may(action):
            self.error(fields, "Permission denied")
        elif action not in ACTIONS:
            hint = "Use Action: ListCommands to show available commands."
            self.error(fields, f"Invalid/unknown command: {name}. {hint}")
        else:
            ACTIONS[action](self, fields)

    def _login(self, fields: Fields) -> None:
        account = self.sim.accounts.get(fields.get("username", ""))
        if account is None or fields.get("secret") != account.secret:
            self.error(fields, "Authentication failed")
            self.close()
            return
        self.account = account
        self.answer(fields, "Message: Authentication accepted\r\n")
        if self.sim.booted and "system" in account.read:
            self.booted()
        self.sim.sessions.append(self)

    # ── to the client ────────────────────────────────────────────────────────────────────────

    def booted(self) -> None:
        """Tell that Asterisk is fully up, as a login and the end of a start do."""
        seconds = self.sim.uptime_s()
        status = f"Uptime: {seconds}\r\nLastReload: {seconds}\r\nStatus: Fully Booted\r\n"
        self.put(f"Event: FullyBooted\r\nPrivilege: system,all\r\n{status}\r\n".encode())

    def event(self, event_class: str, kind: str, detail: str, subject: str, data: bytes) -> None:
        """Pass an event on, if this user reads it. ``subject``: the channel or device it tells of."""
        account = self.account
        if account is not None and account.reads(event_class, kind, detail):
            self.sim.events_count += 1
            if self.sim.shape is not None:
                self.sim.shape(self, subject, data)
            else:
                self.put(data)

    def answer(self, fields: Fields, body: str, word: str = "Success") -> None:
        """Answer an action."""
        if self.sim.answers_lost and self.sim.random.random() < self.sim.answers_lost:
            return
        action_id = fields.get("actionid")
        line = f"ActionID: {action_id}\r\n" if action_id else ""
        self.put(f"Response: {word}\r\n{line}{body}\r\n".encode())

    def done(self, fields: Fields, message: str) -> None:
        """Answer that it is done."""
        self.answer(fields, f"Message: {message}\r\n")

    def error(self, fields: Fields, message: str) -> None:
        """Answer that it is not."""
        self.answer(fields, f"Message: {message}\r\n", word="Error")

    def put(self, data: bytes) -> None:
        """Send bytes with whatever else is sent in this turn of the loop."""
        if self._open:
            if not self._out:
                self.sim.loop.call_soon(self._flush)
            self._out.append(data)

    def close(self) -> None:
        """End the session after what was said."""
        if self._open:
            self._flush()
            self.lost()
            self._wire.hang_up()

    def lost(self) -> None:
        """The link is gone."""
        self._open = False
        if self in self.sim.sessions:
            self.sim.sessions.remove(self)

    def _flush(self) -> None:
        if self.sim.timers.stopped:
            self.sim.later(0, self._flush)
        elif self._out and self._open:
            data = b"".join(self._out)
            self._out.clear()
            self._wire.send(data)


def _fields(block: bytes) -> Fields:
    """One action's headers, names in lower case; a repeated one keeps its last value."""
    fields: Fields = {}
    for line in block.replace(b"\r\n", b"\n").split(b"\n"):
        if len(line) > LINE_BYTES_MAX:
            fields["\0toolong"] = ""
        key, colon, value = line.partition(b":")
        if colon:
            fields[key.decode("utf-8", "replace").strip().lower()] = value.decode("utf-8", "replace").lstrip()
    return fields
