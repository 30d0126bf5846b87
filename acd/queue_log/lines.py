"""One line of the file: ``epoch|callid|queue|agent|EVENT|data …``, as Asterisk's logger writes it.

The format has no quoting: what separates fields and lines is taken out of every field. Source: Asterisk's
``main/logger.c`` and `Queue Logs <https://docs.asterisk.org/Operation/Logging/Queue-Logs/>`_.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Final, NamedTuple

__all__ = ["ENDS", "MANAGER", "NONE", "Line", "Verb", "parse", "text"]

NONE: Final = "NONE"
MANAGER: Final = "MANAGER"
"""Stands for the call where a program has changed members."""
OUT: Final = {ord("|"): None, **dict.fromkeys((*range(32), 127), None)}


class Verb(StrEnum):
    """What has happened, in Asterisk's words."""

    ENTERQUEUE = "ENTERQUEUE"
    CONNECT = "CONNECT"
    COMPLETEAGENT = "COMPLETEAGENT"
    COMPLETECALLER = "COMPLETECALLER"
    ABANDON = "ABANDON"
    EXITWITHTIMEOUT = "EXITWITHTIMEOUT"
    EXITEMPTY = "EXITEMPTY"
    RINGNOANSWER = "RINGNOANSWER"
    RINGCANCELED = "RINGCANCELED"
    BLINDTRANSFER = "BLINDTRANSFER"
    ADDMEMBER = "ADDMEMBER"
    REMOVEMEMBER = "REMOVEMEMBER"
    PAUSE = "PAUSE"
    UNPAUSE = "UNPAUSE"
    PAUSEALL = "PAUSEALL"
    UNPAUSEALL = "UNPAUSEALL"
    CONFIGRELOAD = "CONFIGRELOAD"


FIELDS: Final = 5
VERBS: Final = frozenset(verb.value for verb in Verb)
ENDS: Final = frozenset(
    {
        Verb.COMPLETEAGENT,
        Verb.COMPLETECALLER,
        Verb.ABANDON,
        Verb.EXITWITHTIMEOUT,
        Verb.EXITEMPTY,
        Verb.BLINDTRANSFER,
    }
)
"""Each ends what an ``ENTERQUEUE`` has begun."""


class Line(NamedTuple):
    """One line."""

    at_s: int
    call: str
    queue: str
    agent: str
    verb: Verb
    data: tuple[str | int, ...] = ()
    adopted: bool = False
    """An ``ENTERQUEUE`` that the process before us may have written."""


def text(line: Line) -> str:
    """The line as it stands in the file, with its line feed."""
    fields = (line.at_s, line.call, line.queue, line.agent, line.verb.value, *(line.data or ("",)))
    return "|".join(str(field).translate(OUT) for field in fields) + "\n"


def parse(said: str) -> Line | None:
    """A line of the file; None for what is not one of ours."""
    fields = said.rstrip("\n").split("|")
    if len(fields) < FIELDS or not fields[0].isdecimal() or fields[4] not in VERBS:
        return None
    at_s, call, queue, agent, verb, *data = fields
    return Line(int(at_s), call, queue, agent, Verb(verb), tuple(data))
