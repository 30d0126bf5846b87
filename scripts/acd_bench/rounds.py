"""One round: callers and phones for some seconds, and the delays read from SIPp's own logs.

Both ends of a delay are stamped by SIPp on this machine's clock. A caller's INVITE and the agent's
belong together by the caller's number, which no two callers of a run share.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from random import Random

from acd_bench.ways import NUMBERS, Way
from asterisk_lab import Lab, LabError
from asterisk_lab.phones import Message, Sipp

STAY_MS = 300
"""A measured talk; the caller ends it. Short, so that free agents never run out."""
IDLE_CALLERS_PER_S = 50.0
EMPTY_S_MAX = 20.0


@dataclass(frozen=True)
class Round:
    """What one round gave."""

    delays_ms: list[float]
    missing: int
    """Callers or agents without a second time stamp."""
    busy: float
    """Share of the machine's processors that was in use, 0 to 1."""


def offer_round(lab: Lab, way: Way, *, rate: float, seconds: float, agents: int, draws: Random) -> Round:
    """Let callers come to free agents: each one's delay from their INVITE to an agent's."""
    count = max(1, round(rate * seconds))
    first = draws.randrange(agents)
    numbers = [f"{draws.randrange(10**6):06}{1 + (first + n) % agents:04}" for n in range(count)]
    if len(set(numbers)) < count:
        return offer_round(lab, way, rate=rate, seconds=seconds, agents=agents, draws=draws)
    before = _cpu_ticks()
    with (
        Sipp.agent(lab) as phones,
        Sipp.callers(
            lab, NUMBERS[way], count=count, rate=rate, stay_ms=STAY_MS, from_numbers=numbers
        ) as callers,
    ):
        callers.wait(seconds + 60)
        busy = _busy_since(before)
        _until_empty(lab)
        rang: dict[str, float] = {}
        for invite in phones.invites():
            rang.setdefault(invite.from_number, invite.at)
        dialled = {numbers[m.call_number - 1]: m.at for m in _first_sent(callers.messages(), "INVITE")}
    delays = [(rang[number] - at) * 1000 for number, at in dialled.items() if number in rang]
    return Round(delays, count - len(delays), busy)


def idle_round(lab: Lab, way: Way, *, agents: int, waiting: int, talk_ms: tuple[int, int]) -> Round:
    """Let callers wait for too few agents: each agent's gap from their BYE to their next INVITE."""
    count = agents + waiting
    before = _cpu_ticks()
    with (
        Sipp.agent(lab, talk_ms=talk_ms, log_messages=True) as phones,
        Sipp.callers(lab, NUMBERS[way], count=count, rate=IDLE_CALLERS_PER_S, log_messages=False) as callers,
    ):
        callers.wait(120 + count / agents * talk_ms[1] / 1000)
        busy = _busy_since(before)
        _until_empty(lab)
        invites = sorted(phones.invites(), key=lambda invite: invite.at)
        agent_of = {invite.call_id: invite.to for invite in invites}
        left: dict[str, float] = {}
        gaps: list[float] = []
        byes = [(m.at, agent_of[m.call_id], False) for m in _first_sent(phones.messages(), "BYE")]
        for at, agent, rings in sorted(byes + [(invite.at, invite.to, True) for invite in invites]):
            if not rings:
                left[agent] = at
            elif agent in left:
                gaps.append((at - left.pop(agent)) * 1000)
    return Round(gaps, waiting - len(gaps), busy)


def _first_sent(messages: Iterable[Message], method: str) -> Iterator[Message]:
    """The first sending of this request in each call, retransmissions left out."""
    known: set[str] = set()
    for message in messages:
        if message.sent and message.first_line.startswith(method) and message.call_id not in known:
            known.add(message.call_id)
            yield message


def _until_empty(lab: Lab) -> None:
    """Wait until no channel is left, so that one round does not disturb the next."""
    deadline = time.monotonic() + EMPTY_S_MAX
    while not lab.rx("core show channels count").startswith("0 active channels"):
        if time.monotonic() > deadline:
            raise LabError(f"Calls are left in Asterisk {EMPTY_S_MAX:g} s after the last caller has gone.")
        time.sleep(0.05)
    time.sleep(0.2)


def _cpu_ticks() -> tuple[int, int]:
    """(in use, all) of the machine since boot."""
    fields = [int(word) for word in Path("/proc/stat").read_text().splitlines()[0].split()[1:9]]
    return sum(fields) - fields[3] - fields[4], sum(fields)


def _busy_since(before: tuple[int, int]) -> float:
    used, total = _cpu_ticks()
    return (used - before[0]) / max(1, total - before[1])
