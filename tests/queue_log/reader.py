"""Reads a ``queue_log`` as programs for reports do: calls by their name, sessions and pauses by pairs."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

NUMBERS = {
    "ENTERQUEUE": (2,),
    "CONNECT": (0, 2),
    "COMPLETEAGENT": (0, 1, 2),
    "COMPLETECALLER": (0, 1, 2),
    "ABANDON": (0, 1, 2),
    "EXITWITHTIMEOUT": (0, 1, 2),
    "EXITEMPTY": (0, 1, 2),
    "RINGNOANSWER": (0,),
    "RINGCANCELED": (0,),
    "BLINDTRANSFER": (2, 3, 4),
}
"""Which fields of the data are whole numbers."""
RINGS = {"RINGNOANSWER", "RINGCANCELED"}
EXITS = {"ABANDON", "EXITWITHTIMEOUT", "EXITEMPTY"}
ENDS_OF_TALKS = {"COMPLETEAGENT", "COMPLETECALLER", "BLINDTRANSFER"}


@dataclass
class Reader:
    """What a report would know; ``odd`` is what it would stumble over."""

    counts: Counter[str] = field(default_factory=Counter)
    odd: list[str] = field(default_factory=list)
    last_s: int = 0
    waiting: dict[str, str] = field(default_factory=dict)
    """Call → queue."""
    talking: dict[str, tuple[str, str]] = field(default_factory=dict)
    """Call → queue and member."""
    verbs: dict[str, list[str]] = field(default_factory=dict)
    """Call → everything that was said of it."""
    members: set[tuple[str, str]] = field(default_factory=set)
    paused: set[tuple[str, str]] = field(default_factory=set)
    paused_everywhere: set[str] = field(default_factory=set)
    agents: set[str] = field(default_factory=set)
    elsewhere: int = 0
    """Talks with somebody who is no member of the queue."""

    def read(self, path: Path) -> Reader:
        """Read one file to its end."""
        text = path.read_text()
        assert text.endswith("\n") or not text
        for line in text.splitlines():
            before = len(self.odd)
            self._line(line.split("|"))
            self.odd[before:] = [f"{why}: {line}" for why in self.odd[before:]]
        return self

    def _line(self, fields: list[str]) -> None:
        if len(fields) < 6:
            self.odd.append("too few fields")
            return
        at, call, queue, agent, verb, *data = fields
        if int(at) < self.last_s:
            self.odd.append("goes back in time")
        self.last_s = int(at)
        self.counts[verb] += 1
        if agent != "NONE":
            self.agents.add(agent)
        for place in NUMBERS.get(verb, ()):
            if not data[place].isdecimal():
                self.odd.append("no number")
        if verb in NUMBERS:
            self.verbs.setdefault(call, []).append(verb)
            self._call(call, queue, agent, verb)
        elif verb != "CONFIGRELOAD":
            self._member(call, queue, agent, verb)

    def _call(self, call: str, queue: str, agent: str, verb: str) -> None:
        if verb == "ENTERQUEUE":
            if call in self.waiting or call in self.talking:
                self.odd.append("enters twice")
            self.waiting[call] = queue
        elif verb in RINGS:
            if self.waiting.get(call) != queue or agent == "NONE":
                self.odd.append("rings for nobody")
        elif verb == "CONNECT":
            if self.waiting.pop(call, None) != queue or agent == "NONE":
                self.odd.append("connects nobody")
            self.talking[call] = (queue, agent)
            self.elsewhere += agent.startswith(("agent/", "site/")) and (agent, queue) not in self.members
        elif verb in EXITS:
            if self.waiting.pop(call, None) != queue:
                self.odd.append("leaves from nowhere")
        elif verb in ENDS_OF_TALKS and self.talking.pop(call, None) != (queue, agent):
            self.odd.append("ends no talk")

    def _member(self, call: str, queue: str, agent: str, verb: str) -> None:
        member = (agent, queue)
        match verb:
            case "ADDMEMBER":
                wrong = call != "MANAGER" or member in self.members
                self.members.add(member)
            case "REMOVEMEMBER":
                wrong = call != "MANAGER" or member not in self.members or member in self.paused
                self.members.discard(member)
            case "PAUSE":
                wrong = member not in self.members or member in self.paused
                self.paused.add(member)
            case "UNPAUSE":
                wrong = member not in self.paused
                self.paused.discard(member)
            case "PAUSEALL":
                wrong = queue != "NONE" or agent in self.paused_everywhere
                self.paused_everywhere.add(agent)
            case "UNPAUSEALL":
                wrong = queue != "NONE" or agent not in self.paused_everywhere
                self.paused_everywhere.discard(agent)
            case _:
                wrong = True
        if wrong:
            self.odd.append("no pair")

    def all_closed(self) -> bool:
        """Whether nothing is open at the end."""
        return not (self.waiting or self.talking or self.members or self.paused or self.paused_everywhere)
