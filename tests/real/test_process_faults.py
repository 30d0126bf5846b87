"""Our process dies, restarts or stands still under running calls: what callers and agents notice.

The promises (README, "when the ACD dies"): a talk is never touched; who waits is in the safety net
within 10 s; who rings is answered, or in the net when the ring is over; a restart on purpose, or one
quicker than the lease, is noticed by nobody; a process that wakes up late believes nothing it knew.
"""

from __future__ import annotations

import asyncio
import os
import time
from itertools import pairwise
from pathlib import Path

import pytest

from asterisk_lab import Lab
from asterisk_lab.phones import Sipp
from asterisk_lab.user_agent import Call, UserAgent
from tests.queue_log.reader import Reader
from tests.real.floor import net_members
from tests.real.process import AcdProcess, places, stages, until

pytestmark = pytest.mark.real

TO_NET_S_MAX = 10.0


def caller(lab: Lab, number: str, count: int = 1, rate: float = 5) -> Sipp:
    """Callers who stay until somebody else ends the call: ``number``, then a digit counting from 1."""
    return Sipp.callers(lab, count=count, rate=rate, from_numbers=[f"{number}{n + 1}" for n in range(count)])


async def test_a_restart_is_noticed_by_nobody(lab: Lab, tmp_path: Path) -> None:
    """Planned (SIGTERM, start) or not (kill -9, started at once): places, ages and talks are kept."""
    async with AcdProcess([lab], tmp_path, wrap_up_s=0) as acd:
        with (
            Sipp.agent(lab, "answer", port=6001),
            Sipp.agent(lab, "answer", port=6002, ring_ms=100) as second,
            Sipp.agent(lab, "answer", port=6003, ring_ms=100) as third,
            Sipp.agent(lab, "answer", port=6004, ring_ms=100) as fourth,
            caller(lab, "09"),
        ):
            await acd.login("a0001")
            await until(lambda: stages(lab) == {"091": "talk"}, "a talk")
            with caller(lab, "08", count=3):
                await until(lambda: list(stages(lab).values()).count("hold") == 3, "three wait")
                before = await acd.calls()
                looked = time.time()
                seen: list[dict[str, str]] = []
                watch = asyncio.create_task(_watch(lab, seen))
                assert await acd.stop() == 0
                await asyncio.sleep(6)  # longer than the lease and than a step: only the stop's word holds
                await acd.start()
                await _same_calls(acd, before, looked)
                acd.kill()
                await acd.start()
                await _same_calls(acd, before, looked)
                watch.cancel()
                assert all(row["091"] == "talk" for row in seen)
                assert {row[f"08{n}"] for row in seen for n in (1, 2, 3)} == {"hold"}
                await acd.login("a0002", "a0003", "a0004")
                await until(lambda: list(stages(lab).values()).count("talk") == 4, lambda: stages(lab))
                served = [phone.invites() for phone in (second, third, fourth)]
            assert [[row.from_number for row in rows] for rows in served] == [["081"], ["082"], ["083"]]
            assert (await acd.counts())["unaccounted"] == 0
    report = Reader().read(acd.queue_log)  # three processes, one file: a report sees four whole calls
    assert report.odd == []
    assert report.all_closed()
    assert (report.counts["ENTERQUEUE"], report.counts["CONNECT"]) == (4, 4)
    assert report.counts["COMPLETEAGENT"] + report.counts["COMPLETECALLER"] == 4


async def _watch(lab: Lab, seen: list[dict[str, str]]) -> None:
    while True:
        seen.append(stages(lab))
        await asyncio.sleep(0.1)


async def _same_calls(acd: AcdProcess, before: list[dict[str, object]], looked: float) -> None:
    """The same calls in the same order and state, older by exactly the time that has passed."""
    now = await acd.calls()
    passed_ms = (time.time() - looked) * 1000
    assert [(c["id"], c["state"]) for c in now] == [(c["id"], c["state"]) for c in before]
    for then, after in zip(before, now, strict=True):
        if after["state"] == "waiting":
            assert after["wait_ms"] - then["wait_ms"] == pytest.approx(passed_ms, abs=500)


async def test_kill_9_leaves_every_caller_looked_after(lab: Lab, tmp_path: Path) -> None:
    """Waiting: in the net ≤ 10 s. Ringing: answered, or in the net when the ring ends. Talks go on.

    Then a new process adopts the talks and who is in the net, knows from the net who was logged in
    and paused, and serves new calls.
    """
    ring_s = 8
    async with AcdProcess([lab], tmp_path, ring_s=ring_s) as acd:
        with (
            Sipp.agent(lab, "answer", port=6001),
            Sipp.agent(lab, "answer", port=6002, ring_ms=4_000),
            Sipp.agent(lab, "ring", port=6003),
            Sipp.agent(lab, "answer", port=6005),
            Sipp.agent(lab, "answer", port=6006),
            Sipp.agent(lab, "answer", port=6007),
            caller(lab, "09"),
        ):
            await acd.login("a0001", "a0004")
            await acd.ask("a0004", "pause", reason="pausa")
            await until(lambda: stages(lab) == {"091": "talk"}, "a talk")
            with (
                caller(lab, "08"),
                caller(lab, "07", count=5, rate=1.25),
            ):  # their steps end at different times
                await until(lambda: list(stages(lab).values()).count("hold") == 6, "six wait")
                oldest = (await acd.calls())[1]["id"]
                await acd.login("a0002", "a0003")
                rang = await until(lambda: list(stages(lab).values()).count("ring") == 2, "two ring")
                await until(
                    lambda: (
                        net_members(lab)
                        == dict.fromkeys(("a0001", "a0002", "a0003"), False) | {"a0004": True}
                    ),
                    lambda: net_members(lab),
                )
                ringing = {
                    number: place.uniqueid for number, place in places(lab).items() if place.stage == "ring"
                }
                assert oldest in ringing.values()
                killed = acd.kill()
                in_net, seen = await _until_all_looked_after(lab, TO_NET_S_MAX + 1)
                answered = [n for n in ringing if stages(lab)[n] == "talk"]
                unanswered = [n for n in ringing if n not in answered]
                assert len(answered) == len(unanswered) == 1
                assert in_net[unanswered[0]] - rang <= ring_s + 1
                waiting = [n for n in in_net if n not in ringing]
                assert len(waiting) == 4
                took = sorted(in_net[n] - killed for n in waiting)
                assert took[-1] <= TO_NET_S_MAX
                assert all(row["091"] == "talk" for row in seen)
                print(  # noqa: T201 - measured, shown with -s
                    f"to the net: waiting {took[0]:.1f} to {took[-1]:.1f} s,"
                    f" ringing {in_net[unanswered[0]] - rang:.1f} s after its ring began"
                )
                for number in waiting[1:]:
                    hang_up(lab, places(lab)[number].channel)
                print(f"a new process routes after {await acd.start():.1f} s")  # noqa: T201
                counts = await acd.counts()
                assert (counts["entered"], counts["in_progress"], counts["unaccounted"]) == (4, 4, 0)
                assert await acd.states("a0001", "a0002", "a0004", "a0005") == [
                    "talking",
                    "talking",
                    "paused",
                    "logged_out",
                ]
                assert (await acd.get("agents/a0004"))["reason"] == "pausa"
                # Who logs in now is a member of the net at once, and serves those who are there.
                await acd.ask("a0003", "logout")
                hang_up(lab, "PJSIP/a0003-")  # the net may just be ringing it, for 15 s
                await acd.login("a0005", "a0006")
                await until(lambda: list(stages(lab).values()).count("nettalk") == 2, lambda: stages(lab))
                await acd.login("a0007")
                with caller(lab, "06"):
                    await until(lambda: stages(lab).get("061") == "talk", lambda: stages(lab))
                    assert await acd.state("a0007") == "talking"
        acd.hang_up_all()
        await acd.comes_true(_books(acd), (0, 0))
        counts = await acd.counts()
        assert (counts["entered"], counts["answered"], counts["safety_net"]) == (5, 3, 2)
        await acd.comes_true(lambda: acd.states("a0001", "a0002", "a0004"), ["ready", "ready", "paused"])


def hang_up(lab: Lab, prefix: str) -> None:
    """End the channels whose names begin so."""
    for row in lab.rx("core show channels concise").splitlines():
        if row.startswith(prefix):
            lab.rx(f"channel request hangup {row.partition('!')[0]}")


def _books(acd: AcdProcess):
    async def read() -> tuple[int, int]:
        counts = await acd.counts()
        return counts["in_progress"], counts["unaccounted"]

    return read


async def _until_all_looked_after(lab: Lab, limit_s: float) -> tuple[dict[str, float], list[dict[str, str]]]:
    """Watch until nobody waits or rings; returns when each caller was first seen in the net."""
    in_net: dict[str, float] = {}
    seen: list[dict[str, str]] = []

    def nobody_is_left() -> bool:
        seen.append(stages(lab))
        for number, stage in seen[-1].items():
            if stage.startswith("net"):
                in_net.setdefault(number, time.time())
        return not {"hold", "ring"} & set(seen[-1].values())

    await until(nobody_is_left, lambda: stages(lab), limit_s)
    return in_net, seen


async def test_a_frozen_process_wakes_up_and_believes_nothing(
    lab: Lab, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """SIGSTOP for 20 s: no talk is pulled apart, not even one that began while we slept.

    The phone of a0002 shows no sign of life before we freeze, so that on waking its ghost deadline
    is long over: to act on it would end a talk of fifteen seconds.
    """
    monkeypatch.setattr(Call, "ring", lambda _: None)
    async with (
        AcdProcess([lab], tmp_path, ring_s=8, wrap_up_s=1) as acd,
        UserAgent(lab, "a0002", 6002) as late,
    ):
        with (
            Sipp.agent(lab, "answer", port=6001),
            Sipp.agent(lab, "answer", port=6003, talk_ms=3_000),
            Sipp.agent(lab, "answer", port=6004) as net_phone,
            caller(lab, "09"),
        ):
            await acd.login("a0001")
            await until(lambda: stages(lab) == {"091": "talk"}, "a talk")
            with caller(lab, "08"), caller(lab, "05"):
                await until(lambda: list(stages(lab).values()).count("hold") == 2, "two wait")
                await acd.login("a0003")
                await until(lambda: list(stages(lab).values()).count("talk") == 2, "a second talk")
                await acd.login("a0002")
                call = await late.ringing()
                with caller(lab, "07"):
                    await until(lambda: stages(lab).get("071") == "hold", "one waits")
                    frozen = acd.freeze()
                    call.sent["180"] = time.time()
                    call._reply(180, "Ringing")
                    await asyncio.sleep(1)
                    call.answer()
                    seen: list[dict[str, str]] = []
                    watch = asyncio.create_task(_watch(lab, seen))
                    in_net, _ = await _until_all_looked_after(lab, TO_NET_S_MAX + 1)
                    assert in_net["071"] - frozen <= TO_NET_S_MAX
                    await asyncio.sleep(frozen + 20 - time.time())
                    untouched = {n for n, stage in stages(lab).items() if stage == "talk"}
                    assert len(untouched) == 2  # the third talk's agent left as it wished
                    acd.thaw()
                    await asyncio.sleep(2)
                    watch.cancel()
                    assert {n for n, stage in stages(lab).items() if stage == "talk"} == untouched
                    assert not call.ended.is_set()
                    assert all(row["091"] == "talk" for row in seen)
                    assert await acd.ready()
                    assert await acd.states("a0001", "a0002", "a0003") == ["talking", "talking", "ready"]
                    print(f"frozen: to the net {in_net['071'] - frozen:.1f} s")  # noqa: T201
                    counts = await acd.counts()
                    assert (counts["in_progress"], counts["unaccounted"]) == (2, 0)
                    assert (counts["answered"], counts["safety_net"]) == (1, 1)  # a0003 served both
                    await acd.ask("a0003", "logout")
                    await acd.login("a0004")
                    with caller(lab, "06"):
                        await until(lambda: len(net_phone.invites()) == 1, "a0004 rings")
                        await acd.comes_true(_books(acd), (3, 0))
        acd.hang_up_all()
        await acd.comes_true(_books(acd), (0, 0))
        assert "stood still" in acd.log.read_text()


@pytest.mark.skipif("ACD_TEST_CAMPAIGN" not in os.environ, reason="a long campaign: set ACD_TEST_CAMPAIGN")
async def test_kill_9_again_and_again_under_load(lab: Lab, tmp_path: Path) -> None:
    """20 calls/s over 50 agents, killed and started four times: nobody in the net, nobody rung twice."""
    async with AcdProcess([lab], tmp_path, agents=59, wrap_up_s=0.5) as acd:
        await acd.login(*acd.agents[9:])
        options = {"ring_ms": (50, 300), "talk_ms": (1_700, 2_500), "log_messages": True}
        with Sipp.agent(lab, "answer", **options) as phones:
            with Sipp.callers(lab, count=300, rate=20, log_messages=False):
                seen: list[dict[str, str]] = []
                watch = asyncio.create_task(_watch(lab, seen))
                for _ in range(4):
                    await asyncio.sleep(2)
                    acd.kill()
                    await acd.start()
                await until(lambda: not stages(lab), lambda: stages(lab), 30)
                watch.cancel()
            await acd.comes_true(_books(acd), (0, 0))
            assert not [row for row in seen if "net" in row.values()]
            spans: dict[str, list[tuple[float, float]]] = {}
            ended = {message.call_id: message.at for message in phones.messages()}
            for row in phones.invites():
                spans.setdefault(row.to, []).append((row.at, ended[row.call_id]))
            for calls in spans.values():
                assert all(one[1] < two[0] for one, two in pairwise(sorted(calls)))
            wanted = ["ready"] * 50
            await acd.comes_true(lambda: acd.states(*acd.agents[9:]), wanted)
