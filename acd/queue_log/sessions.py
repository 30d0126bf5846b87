"""Who is a member of which queue, as the file says it: what is opened there is closed there.

Programs that read the file make sessions of ``ADDMEMBER`` and ``REMOVEMEMBER``, and pauses of ``PAUSE`` and
``UNPAUSE``, queue by queue and by the member's name. So a pause ends before its member leaves, and comes
again when the member's queues change; ``PAUSEALL`` stands before the pauses of the single queues, as
app_queue has it.

**Each file can be read alone.** When the file is put aside, all that is open is closed in it and opened
again at the head of the next. A process that starts reads back what the one before left open at the end of
the file, and closes that at the moment of the last line there: what followed, nobody saw.

Calls go on while no process is there. So what the file's end says of those that had not ended is kept until
they are heard of again: one that still waits is not told twice, and a talk ends in the queue and with the
member with which it began, its time counted from then.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from acd.queue_log.lines import ENDS, MANAGER, NONE, Line, Verb, parse

__all__ = ["Book", "Members", "Session"]


class Session(NamedTuple):
    """What holds for one member from now on."""

    at_s: int
    name: str
    queues: tuple[str, ...]
    """Empty: it is a member of none."""
    pause: str | None
    """The reason; None: not paused."""


class Members(NamedTuple):
    """What holds for all members: who is not named is a member of nothing."""

    at_s: int
    sessions: tuple[Session, ...]


class Book:
    """What is open in the file."""

    def __init__(self) -> None:
        self.last_s = 0
        """The moment of the last line."""
        self._queues: dict[str, tuple[str, ...]] = {}
        self._paused: dict[str, str] = {}
        self._waited: dict[str, Line] = {}
        """How calls entered that waited when the process before us wrote its last line …"""
        self._talked: dict[str, tuple[Line, str | int]] = {}
        """… and how those that talked were connected, with their position at the entry."""

    def read(self, lines: Iterable[str]) -> None:
        """Learn from the end of a file what is open there."""
        for said in lines:
            line = parse(said)
            if line is None:
                continue
            self.last_s = max(self.last_s, line.at_s)
            known = self._queues.get(line.agent, ())
            match line.verb:
                case Verb.ADDMEMBER if line.queue not in known:
                    self._queues[line.agent] = (*known, line.queue)
                case Verb.REMOVEMEMBER:
                    self._queues[line.agent] = tuple(queue for queue in known if queue != line.queue)
                case Verb.PAUSE | Verb.PAUSEALL:
                    self._paused[line.agent] = str(line.data[0]) if line.data else ""
                case Verb.UNPAUSE | Verb.UNPAUSEALL:
                    self._paused.pop(line.agent, None)
                case Verb.ENTERQUEUE:
                    self._waited[line.call] = line
                case Verb.CONNECT:
                    entry = self._waited.pop(line.call, line)
                    self._talked[line.call] = (line, entry.data[-1])
                case _:
                    if line.verb in ENDS:
                        self._waited.pop(line.call, None)
                        self._talked.pop(line.call, None)

    def take(self, told: Line | Session | Members) -> Iterator[Line]:
        """What is to be written of one thing that was told."""
        if isinstance(told, Line):
            for line in self._going_on(told) if self._waited or self._talked else (told,):
                yield self._in_order(line)
        elif isinstance(told, Session):
            yield from self._change(told)
        else:
            named = {session.name for session in told.sessions}
            for name in [name for name in self._queues if name not in named]:
                yield from self._change(Session(told.at_s, name, (), None))
            for session in told.sessions:
                yield from self._change(session)

    def close(self) -> Iterator[Line]:
        """Close all that is open, for good."""
        for name in list(self._queues):
            yield from self._change(Session(self.last_s, name, (), None))

    def open_anew(self) -> tuple[list[Line], list[Line]]:
        """The end of one file and the head of the next."""
        sessions = [
            Session(self.last_s, name, queues, self._paused.get(name))
            for name, queues in self._queues.items()
        ]
        ends = list(self.close())
        return ends, [line for session in sessions for line in self._change(session)]

    # ── calls of the process before us ───────────────────────────────────────────────────────

    def _going_on(self, told: Line) -> Iterator[Line]:
        """A line of a call that may have begun before this process."""
        entry = self._waited.pop(told.call, None)
        talk = self._talked.pop(told.call, None)
        if talk is not None:
            connect, position = talk
            if told.verb in ENDS:
                yield _ended(connect, position, told)
                return
            yield _ended(connect, position, told._replace(verb=Verb.COMPLETEAGENT))
        elif entry is not None and told.verb is Verb.ENTERQUEUE:
            if entry.queue == told.queue:
                return
            data = (entry.data[-1], entry.data[-1], told.at_s - entry.at_s)
            yield entry._replace(at_s=told.at_s, verb=Verb.EXITWITHTIMEOUT, data=data)
        yield told

    # ── one member ───────────────────────────────────────────────────────────────────────────

    def _change(self, session: Session) -> Iterator[Line]:
        name, queues = session.name, session.queues
        before = self._queues.get(name, ())
        paused = self._paused.get(name)
        wanted = session.pause if queues else None
        if paused is not None and (paused != wanted or before != queues):
            yield from self._pauses(session.at_s, name, before, (Verb.UNPAUSEALL, Verb.UNPAUSE), paused)
            paused = None
            self._paused.pop(name, None)
        for queue in before:
            if queue not in queues:
                yield self._in_order(Line(session.at_s, MANAGER, queue, name, Verb.REMOVEMEMBER))
        for queue in queues:
            if queue not in before:
                yield self._in_order(Line(session.at_s, MANAGER, queue, name, Verb.ADDMEMBER))
        self._queues[name] = queues
        if not queues:
            del self._queues[name]
        if wanted is not None and paused is None:
            yield from self._pauses(session.at_s, name, queues, (Verb.PAUSEALL, Verb.PAUSE), wanted)
            self._paused[name] = wanted

    def _pauses(
        self, at_s: int, name: str, queues: tuple[str, ...], verbs: tuple[Verb, Verb], reason: str
    ) -> Iterator[Line]:
        yield self._in_order(Line(at_s, NONE, NONE, name, verbs[0], (reason,)))
        for queue in queues:
            yield self._in_order(Line(at_s, NONE, queue, name, verbs[1], (reason,)))

    def _in_order(self, line: Line) -> Line:
        """The line, not before the one before it."""
        self.last_s = max(self.last_s, line.at_s)
        return line._replace(at_s=self.last_s)


def _ended(connect: Line, position: str | int, told: Line) -> Line:
    """The end of a talk that began with this line."""
    lasted_s = max(0, told.at_s - connect.at_s)
    data: tuple[str | int, ...] = (connect.data[0], lasted_s, position)
    if told.verb is Verb.BLINDTRANSFER:
        data = (*told.data[:2], *data)
    return connect._replace(at_s=told.at_s, verb=told.verb, data=data)
