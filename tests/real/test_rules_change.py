"""New rules under calls that wait and talk: a real process is told by SIGHUP, on a real Asterisk."""

from __future__ import annotations

import asyncio
import json
import signal
import time
from pathlib import Path
from typing import Any

import pytest

from asterisk_lab import Lab
from asterisk_lab.phones import Sipp
from tests.real.asking import acd as command
from tests.real.asking import at, story
from tests.real.process import AcdProcess, stages, until

pytestmark = pytest.mark.real

CAPO = "a0003"
ROSTER = f"agent,site,skills\na0001,roma,generale:5\na0002,roma,generale:5\n{CAPO},roma,generale:9\n"
"""The third is logged in, and paused: somebody whom the queue begins with, else its ladder would not wait."""
LADDER = """\
    ladder:
      - {step: ogni-livello, after_s: 2, levels: {generale: 1}}
"""
NEW_QUEUE = """\
  nuova:
    name: Nuova
    language: de
    needs: {generale: 9}
"""


class Ruled(AcdProcess):
    """A process whose rules a test rewrites while it runs."""

    @property
    def queues(self) -> Path:
        """The file of the queues."""
        return self.folder / "rules" / "queues.yaml"

    def needs(self, level: int) -> None:
        """Let the queue ask for another level."""
        text = self.queues.read_text()
        assert "needs: {generale: " in text
        head, _, tail = text.partition("needs: {generale: ")
        self.queues.write_text(f"{head}needs: {{generale: {level}{tail[tail.index('}') :]}")

    def hang_up_signal(self) -> None:
        """SIGHUP: read the rules again."""
        assert self.running is not None
        self.running.send_signal(signal.SIGHUP)

    async def summary(self) -> dict[str, Any]:
        """The whole centre."""
        found: dict[str, Any] = await self.get("summary")
        return found

    async def revision(self) -> str:
        """Of the rules in force."""
        return str((await self.summary())["revision"])

    async def takes_new_rules(self) -> str:
        """Send the signal and wait for another revision."""
        before = await self.revision()
        self.hang_up_signal()
        end = time.monotonic() + 10
        while (after := await self.revision()) == before:
            assert time.monotonic() < end, self.log.read_text()[-3_000:]
            await asyncio.sleep(0.05)
        assert (await self.summary())["rules_refused"] == ""
        return after

    async def metrics(self) -> str:
        """What Prometheus would read."""
        said = [json.loads(line) for line in self.log.read_text().splitlines() if line.startswith("{")]
        url = next(line["metrics"] for line in reversed(said) if line.get("event") == "acd.serving")
        async with self.client.get(f"{url}/metrics") as answer:
            return await answer.text()


def caller(lab: Lab, number: str, count: int = 1) -> Sipp:
    """Callers who stay until somebody else ends the call: ``number``, then a digit counting from 1."""
    return Sipp.callers(lab, count=count, rate=5, from_numbers=[f"{number}{n + 1}" for n in range(count)])


async def entered(acd: Ruled) -> dict[str, int]:
    """When each call in progress entered, as its wait tells; milliseconds since 1970."""
    now_ms = round(time.time() * 1_000)
    return {call["id"]: now_ms - call["wait_ms"] for call in await acd.calls()}


async def test_waiting_calls_keep_their_age_and_the_new_ladder_counts_it(lab: Lab, tmp_path: Path) -> None:
    """Three wait for a level nobody has; the new rules lower it after 2 s, which they have waited already.

    While it runs the story of the first says so; afterwards its journal shows the three as they waited, and
    comes out again byte for byte.
    """
    async with Ruled([lab], tmp_path, agents=3, roster=ROSTER, journal=True) as acd:
        acd.needs(9)
        await acd.takes_new_rules()
        with (
            Sipp.agent(lab, "answer", port=6001, ring_ms=100) as phone,
            Sipp.agent(lab, "answer", port=6002, ring_ms=100) as other,
        ):
            await acd.login("a0001", "a0002", CAPO)
            await acd.ask(CAPO, "pause", reason="pausa")
            with caller(lab, "07", count=3):
                await until(lambda: list(stages(lab).values()).count("hold") == 3, "three wait")
                await asyncio.sleep(2.5)
                before = await entered(acd)
                with acd.queues.open("a") as file:
                    file.write(LADDER)
                began = time.monotonic()
                changed_ms = round(time.time() * 1_000)
                revision = await acd.takes_new_rules()
                await until(lambda: list(stages(lab).values()).count("talk") == 2, lambda: stages(lab))
                assert time.monotonic() - began < 3.0
                after = await entered(acd)
                assert after.keys() == before.keys()
                waiting = [call["id"] for call in await acd.calls() if call["state"] == "waiting"]
                assert len(waiting) == 1
                assert after[waiting[0]] == pytest.approx(before[waiting[0]], abs=150)
                numbers = [row.from_number for each in (phone, other) for row in each.invites()]
                assert sorted(numbers) == ["071", "072"], "the two oldest"
                await says_when_the_rules_changed(acd, next(iter(before)), revision)
        assert (await acd.counts())["unaccounted"] == 0
    then = json.loads(await command("state", "--at", at(changed_ms), *settings(acd), "--json"))
    assert (then["counts"]["in_progress"], then["queues"][0]["waiting"]) == (3, 3)
    assert then["revision"] != revision
    again = json.loads(await command("replay", *settings(acd), "--json"))
    assert (again["difference"], again["skipped"]) == (None, [])
    assert again["facts"] > again["orders"] > 5


async def says_when_the_rules_changed(acd: Ruled, call: str, revision: str) -> None:
    """As a supervisor reads it, from the running process."""
    said = await story(call, *settings(acd))
    assert said[0].startswith("Chi chiama è entrato nella coda Informazioni (numero chiamato 803164")
    assert said[1:3] == [
        f"Sono in vigore nuove regole ({revision}); la chiamata conserva l'anzianità.",
        "Si è aperto il gradino 1 della scala (ogni-livello): la chiamata lo ha atteso.",
    ]
    assert "è stato scelto e chiamato un operatore della sede Roma" in said[3]
    assert said[-1].startswith("Un operatore della sede Roma ha risposto dopo un'attesa di ")


def settings(acd: Ruled) -> tuple[str, str]:
    """Which ACD a command asks."""
    return ("--config", str(acd.folder / "acd.yaml"))


async def test_broken_rules_change_nothing_and_are_told_until_they_are_mended(
    lab: Lab, tmp_path: Path
) -> None:
    """The finding with its place stands in the summary and in the log, a metric is 0; calls are routed on."""
    async with Ruled([lab], tmp_path, agents=3, roster=ROSTER) as acd:
        revision = await acd.revision()
        assert "acd_config_last_reload_successful 1.0" in await acd.metrics()
        good = acd.queues.read_text()
        acd.queues.write_text(good.replace("generale: 1", "nessuna: 1"))
        acd.hang_up_signal()
        await acd.comes_true(lambda: _is_refused(acd), True)
        summary = await acd.summary()
        assert "queues.yaml:" in summary["rules_refused"]
        assert (summary["revision"], summary["not_ready"]) == (revision, None)
        assert "config.refused" in acd.log.read_text()
        await asyncio.sleep(5.1)  # a text is good for so long
        assert "acd_config_last_reload_successful 0.0" in await acd.metrics()
        with Sipp.agent(lab, "answer", port=6001), caller(lab, "06"):
            await acd.login("a0001")
            await until(lambda: stages(lab) == {"061": "talk"}, lambda: stages(lab))
            acd.queues.write_text(good.replace("ring_s: 3", "ring_s: 4"))
            await acd.takes_new_rules()
            assert stages(lab) == {"061": "talk"}, "nobody noticed"


async def _is_refused(acd: Ruled) -> bool:
    return bool((await acd.summary())["rules_refused"])


async def test_a_queue_that_comes_is_rung_and_has_its_series_and_one_that_goes_leaves_its_calls(
    lab: Lab, tmp_path: Path
) -> None:
    """A second queue for a moment: its caller is served, by the default queue after it is gone."""
    async with Ruled([lab], tmp_path, agents=3, roster=ROSTER) as acd:
        skills = acd.folder / "rules" / "skills.yaml"
        before = (skills.read_text(), acd.queues.read_text())
        skills.write_text(before[0] + "  nuova: Nuova\n")
        acd.queues.write_text(before[1] + NEW_QUEUE)
        await acd.takes_new_rules()
        with Sipp.callers(lab, number="q-nuova", count=1, from_numbers=["051"]):
            await until(lambda: stages(lab) == {"051": "hold"}, lambda: stages(lab))
            assert [call["queue"] for call in await acd.calls()] == ["nuova"]
            assert 'acd_calls_offered_total{queue="nuova"} 1.0' in await acd.metrics()
            age = await entered(acd)
            skills.write_text(before[0])
            acd.queues.write_text(before[1])
            await acd.takes_new_rules()
            (call,) = await acd.calls()
            assert call["queue"] == "generale"
            assert await entered(acd) == pytest.approx(age, abs=150)
            with Sipp.agent(lab, "answer", port=6001):
                await acd.login("a0001")
                await until(lambda: stages(lab) == {"051": "talk"}, lambda: stages(lab))
        counts = await acd.counts()
        assert (counts["entered"], counts["unaccounted"]) == (1, 0)
