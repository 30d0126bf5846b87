"""The demonstration on a real Asterisk: the lab, ``acd serve``, SIPp as callers, agents and an office.

The load fits the twelve agents of the shipped rules a little too tightly, so that one sees waiting,
overflow to the offices, and people who give up. At the end no new calls come, those in progress are
let finish, and the books of the ACD are compared with what SIPp says it did: a call that Asterisk
answered and the ACD never counted is *unaccounted*.
"""

from __future__ import annotations

import asyncio
import random
import secrets
import signal
import statistics
import sys
import tempfile
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.live import Live

from acd.demo.board import draw
from acd.demo.simulated import FREE_MS_MAX
from acd.rules.load import load_rules
from acd.rules.roster import read_roster
from acd_demo.serving import Api, serving
from asterisk_lab import Lab
from asterisk_lab.phones import Message, Sipp

ROOT = Path(__file__).resolve().parents[2]
RULES = ROOT / "routing_rules" / "demo"
SEED = 2212


@dataclass(frozen=True)
class Traffic:
    """Callers of one kind."""

    number: str
    per_second: float
    stay_ms: tuple[int, int]


TRAFFIC = (
    Traffic("803164", 0.6, (20_000, 60_000)),
    Traffic("q-pensioni", 0.25, (15_000, 50_000)),
    Traffic("q-tedesco", 0.1, (15_000, 50_000)),
)
TALK_MS = (4_000, 11_000)
DRAIN_S_MAX = 90.0
BATCH_S = 10.0
"""Callers are started for this long at a time, so that they can stop when told."""


def say(text: str) -> None:
    """Progress goes to stderr."""
    print(text, file=sys.stderr, flush=True)


async def run(seconds: float | None, *, quiet: bool, port_offset: int | None) -> dict[str, Any]:
    """Set up, run, wind down; returns the figures."""
    told = _stop_when_told()
    people = RULES / "roster.csv"
    roster = read_roster(people, load_rules(RULES).rules)
    say("starting a real Asterisk (the first time it is made: a minute or two)")
    lab = await asyncio.to_thread(Lab.up, len(roster.agents), port_offset)
    async with AsyncExitStack() as stack:
        stack.callback(lab.down)
        api = await stack.enter_async_context(_acd(lab))
        say(f"the API is at {api.url}, metrics at {api.url.rpartition(':')[0]}:{_metrics_port(lab)}/metrics")
        await api.employ(people.read_bytes())
        for agent in roster.agents:
            await api.log_in(agent)
        agents = stack.enter_context(
            Sipp.agent(lab, ring_ms=(800, 2_500), talk_ms=TALK_MS, log_messages=True)
        )
        stack.enter_context(Sipp.agent(lab, ring_ms=(1_000, 2_000), talk_ms=TALK_MS, office=True))
        callers, summary = await _traffic(lab, api, seconds, told, quiet=quiet)
        return _figures(lab, summary, callers, agents)


def _metrics_port(lab: Lab) -> int:
    return lab.settings.port(9188)


@asynccontextmanager
async def _acd(lab: Lab) -> AsyncIterator[Api]:
    """``acd serve`` beside this lab, ended at the end."""
    environment = {"ACD_AMI_SECRET": lab.ami_secret, "ACD_API_TOKEN": secrets.token_urlsafe(24)}
    with tempfile.TemporaryDirectory(prefix="acd-demo-") as folder:
        config = Path(folder, "acd.yaml")
        config.write_text(_config(lab, Path(folder, "acd.sqlite")))
        url = f"http://127.0.0.1:{lab.settings.port(8088)}"
        async with serving(config, url, environment) as api:
            yield api


def _config(lab: Lab, store: Path) -> str:
    return (
        f"nodes: [{{id: lab, host: 127.0.0.1, port: {lab.ami_port}, username: {lab.ami_user}, "
        f"secret_env: ACD_AMI_SECRET}}]\n"
        f"rules: {RULES}\n"
        f"store: {{file: {store}}}\n"
        f"api: {{address: 127.0.0.1, port: {lab.settings.port(8088)}, "
        f"tokens: [{{name: demo, role: admin, token_env: ACD_API_TOKEN}}]}}\n"
        f"metrics: {{address: 127.0.0.1, port: {_metrics_port(lab)}}}\n"
    )


# ── callers ──────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class Batch:
    """Some callers of one kind, and the numbers they call from, in order."""

    sipp: Sipp
    numbers: list[str]


def _stop_when_told() -> asyncio.Event:
    """The first signal ends the traffic in order, the second ends everything at once."""
    told = asyncio.Event()
    task = asyncio.current_task()
    assert task is not None

    def tell() -> None:
        if told.is_set():
            task.cancel()
        told.set()

    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        asyncio.get_running_loop().add_signal_handler(number, tell)
    return told


async def _traffic(
    lab: Lab, api: Api, seconds: float | None, told: asyncio.Event, *, quiet: bool
) -> tuple[list[Batch], dict[str, Any]]:
    """Let callers come until the time is over or Ctrl-C, and those in progress finish.

    Returns:
        The SIPps that played them, and the counts at the end.
    """
    began = time.monotonic()
    end = began + seconds if seconds is not None else float("inf")
    draws = random.Random(SEED)  # noqa: S311 - a demonstration, to be the same each time
    callers: list[Batch] = []
    next_batch = began
    head = f"acd on Asterisk {lab.asterisk_version}"
    where = f"API {api.url} · SIP 127.0.0.1:{lab.sip_port}"
    with Live(console=Console(stderr=True, quiet=quiet), refresh_per_second=4) as live:
        while time.monotonic() < end and not told.is_set():
            if time.monotonic() >= next_batch:
                left_s = end - time.monotonic()
                callers += _batch(lab, draws, min(BATCH_S, left_s), left_s)
                next_batch += BATCH_S
            await _show(api, live, head, f"{where} · Ctrl-C ends")
        told.set()
        give_up = time.monotonic() + DRAIN_S_MAX
        while time.monotonic() < give_up:
            summary = await _show(api, live, head, f"{where} · no new calls, those in progress finish")
            if summary["in_progress"] == 0 and not any(batch.sipp.process.alive for batch in callers):
                break
    return callers, summary


async def _show(api: Api, live: Live, head: str, foot: str) -> dict[str, Any]:
    """Draw the board and wait half a second; returns the counts it showed."""
    summary, queues = await api.get("/api/v1/summary"), await api.get("/api/v1/queues")
    live.update(draw(head, summary, queues["items"], foot))
    await asyncio.sleep(0.5)
    counts: dict[str, Any] = summary["counts"]
    return counts


def _batch(lab: Lab, draws: random.Random, span_s: float, left_s: float) -> list[Batch]:
    """Callers of every kind for ``span_s`` seconds; nobody stays much longer than the demonstration."""
    callers: list[Batch] = []
    for kind in TRAFFIC:
        count = round(kind.per_second * span_s + draws.random() * 0.5)
        if count > 0:
            stay_ms_max = round(min(left_s, 600.0) * 1000) + 12_000
            stays = [min(draws.randint(*kind.stay_ms), stay_ms_max) for _ in range(count)]
            base = draws.randint(1_000_000, 8_000_000)
            numbers = [f"06{base + n:07}" for n in range(count)]
            sipp = Sipp.callers(
                lab,
                number=kind.number,
                rate=kind.per_second,
                count=count,
                stay_ms=stays,
                from_numbers=numbers,
            )
            callers.append(Batch(sipp, numbers))
    return callers


# ── figures ──────────────────────────────────────────────────────────────────────────────────


def _figures(lab: Lab, summary: dict[str, Any], callers: list[Batch], agents: Sipp) -> dict[str, Any]:
    begun = sum(batch.sipp.counts().begun for batch in callers)
    dialled = _dialled(callers)
    rang: dict[str, float] = {}
    for invite in agents.invites():
        rang.setdefault(invite.from_number, invite.at)
    answered = _answered(agents)
    offers = [(rang[number] - at) * 1000 for number, at in dialled.items() if number in rang]
    waits = [(answered[number] - at) * 1000 for number, at in dialled.items() if number in answered]
    direct = [ms for ms in offers if ms <= FREE_MS_MAX]
    return {
        "asterisk_version": lab.asterisk_version,
        "callers": begun,
        "entered": summary["entered"],
        "answered": summary["answered"],
        "abandoned": summary["abandoned"],
        "to_offices": summary["to_offices"],
        "safety_net": summary["safety_net"],
        "lost": summary["lost"],
        "unaccounted": max(abs(summary["unaccounted"]), abs(begun - summary["entered"]))
        + summary["in_progress"],
        "wait_p50_ms": _median(waits),
        "offer_p50_ms": _median(direct),
        "offers_measured": len(direct),
    }


def _median(values: list[float]) -> float | None:
    return round(statistics.median(values), 1) if values else None


def _dialled(callers: list[Batch]) -> dict[str, float]:
    """When each caller's number sent its INVITE, seconds since the epoch."""
    return {
        number: message.at
        for batch in callers
        for number, message in zip(batch.numbers, _first_invites(batch.sipp), strict=False)
    }


def _first_invites(sipp: Sipp) -> list[Message]:
    first: dict[str, Message] = {}
    for message in sipp.messages():
        if message.sent and message.cseq.endswith("INVITE") and message.first_line.startswith("INVITE"):
            first.setdefault(message.call_id, message)
    return sorted(first.values(), key=lambda message: message.call_number)


def _answered(agents: Sipp) -> dict[str, float]:
    """When an agent's phone answered each caller's number."""
    numbers = {invite.call_id: invite.from_number for invite in agents.invites()}
    found: dict[str, float] = {}
    for message in agents.messages():
        if message.sent and message.cseq.endswith("INVITE") and " 200 " in f"{message.first_line} ":
            number = numbers.get(message.call_id)
            if number is not None:
                found.setdefault(number, message.at)
    return found
