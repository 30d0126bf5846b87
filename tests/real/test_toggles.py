"""The country is switched from the terminal while calls ring and wait, on a real Asterisk.

``acd fallback`` runs as a process of its own against ``acd serve``, as an operator types it; the times are
those from the moment the ACD made the override to what a phone sees.
"""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from asterisk_lab import Lab
from asterisk_lab.phones import Sipp
from asterisk_lab.user_agent import UserAgent
from tests.real.process import ROOT, AcdProcess, stages, until

pytestmark = pytest.mark.real

EFFECT_S_MAX = 2.0


async def switch(acd: AcdProcess, *arguments: str) -> dict[str, Any]:
    """``acd fallback …`` for ten minutes; returns what it prints as JSON."""
    config = ("--config", str(acd.folder / "acd.yaml"))
    reason = ("--reason", "prova dello spegnimento", "--for", "10m", "--json")
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "acd", "fallback", *arguments, *reason, *config),
        stdout=asyncio.subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )
    said, _ = await process.communicate()
    assert process.returncode == 0
    return json.loads(said)  # type: ignore[no-any-return]  # our own format


FILE = """\
national:
  mode: {mode}
  reason: "spegnimento di prova"
"""


@pytest.fixture
async def acd(lab: Lab, tmp_path: Path) -> AsyncIterator[AcdProcess]:
    """A process whose agents ring for ten seconds."""
    planned = AcdProcess([lab], tmp_path, agents=2, ring_s=10, wrap_up_s=0)
    with (tmp_path / "acd.yaml").open("a") as settings:
        settings.write("fallback: fallback.yaml\n")
    (tmp_path / "fallback.yaml").write_text("national: {mode: auto}\n")
    async with planned as made:
        yield made


async def test_switched_on_offices_ring_and_switched_off_the_calls_come_back(
    lab: Lab, acd: AcdProcess
) -> None:
    """Within two seconds each way; a ring that is under way is not cut, who waits keeps the place."""
    async with (
        UserAgent(lab, "a0001", 6001, secret=lab.phone_secret) as first,
        UserAgent(lab, "a0002", 6002, secret=lab.phone_secret) as second,
        UserAgent(lab, "office", 6000, ip=lab.trunk_ip) as office,
    ):
        await acd.login("a0001")
        with Sipp.callers(lab, count=3, rate=5, from_numbers=["0611", "0612", "0613"]):
            ring = await first.ringing()
            await until(lambda: sorted(stages(lab).values()) == ["hold", "hold", "ring"], "two wait")

            on = await switch(acd, "on")
            at_office = await office.ringing()
            assert at_office.invite is not None
            assert at_office.invite.at - on["override"]["made_ms"] / 1000 < EFFECT_S_MAX
            assert stages(lab) == {"0611": "ring", "0612": "ring", "0613": "hold"}
            at_office.answer()
            await asyncio.sleep(0.5)
            assert not ring.cancelled, "the ring under way ends by itself"
            ring.answer()
            talking = {"0611": "talk", "0612": "talk", "0613": "hold"}
            await until(lambda: stages(lab) == talking, lambda: stages(lab))

            await acd.login("a0002")
            with pytest.raises(TimeoutError):
                await second.ringing(1.0)  # the office comes before the agents of a site without a share
            off = await switch(acd, "off")
            back = await second.ringing()
            assert back.invite is not None
            assert back.invite.at - off["override"]["made_ms"] / 1000 < EFFECT_S_MAX
            assert [one["id"] for one in off["over"]] == [on["override"]["id"]]
            back.answer()
            await until(lambda: set(stages(lab).values()) == {"talk"}, lambda: stages(lab))
            assert (await acd.counts())["unaccounted"] == 0
    found = await acd.get("fallback/national?lang=en")
    assert found["sentence"].startswith("national: off, forced_off by token:test until ")


async def test_the_file_is_what_ops_edit_and_a_signal_puts_it_in_force(acd: AcdProcess) -> None:
    """Within two seconds of SIGHUP; a broken file changes nothing, a good one holds after a kill too."""
    file = acd.folder / "fallback.yaml"

    async def switched() -> tuple[bool, str]:
        found = await acd.get("fallback/national?lang=en")
        return found["value"] == "on", found["source"]

    assert await switched() == (False, "transition")
    for text, wanted in (
        (FILE.format(mode="forced_on"), (True, "file")),
        (FILE.format(mode="forced_up"), (True, "file")),
        (FILE.format(mode="forced_off"), (False, "file")),
        (FILE.format(mode="forced_on"), (True, "file")),
    ):
        file.write_text(text)
        assert acd.running is not None
        acd.running.send_signal(signal.SIGHUP)
        await acd.comes_true(switched, wanted, EFFECT_S_MAX)
        if "forced_up" in text:
            await acd.comes_true(lambda: _refused(acd), True, EFFECT_S_MAX)
            assert await switched() == (True, "file")
    assert await _changes(acd) == ["on", "off", "on"]
    acd.kill()
    await acd.start()
    assert await switched() == (True, "file")
    assert (await _changes(acd))[3:] == ["on"], "what holds at the start"


async def _refused(acd: AcdProcess) -> bool:
    return "forced_up" in (await acd.get("summary"))["rules_refused"]


async def _changes(acd: AcdProcess) -> list[str]:
    rows = [row["entry"] for row in (await acd.get("audit?limit=1000"))["items"]]
    return [row["target"].split()[0] for row in rows if row["action"] == "fallback.change"]
