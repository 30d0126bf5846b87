"""The simulated Asterisk speaks as the real one did: every scene, header by header."""

from __future__ import annotations

import re
from collections import defaultdict
from pathlib import Path

import pytest

from acd.sim.loop import run_virtual
from tests.sim.scenes import SCENES
from tests.sim.stage import Message, parse
from tests.sim.stages import play

FOLDER = Path(__file__).parent / "transcripts"
VOLATILE = {
    "Timestamp", "SystemName", "Priority", "T0", "First", "Up", "Ring", "TalkMs", "LoginTime", "LastPause",
    "Uptime", "LastReload", "Lease", "CoreStartupDate", "CoreStartupTime", "CoreReloadDate", "CoreReloadTime",
    "CoreCurrentCalls", "CoreProcessedCalls", "Attempt", "Seconds", "AsteriskVersion", "Value", "Data",
    "BridgeName", "CallsTaken", "DurationMs",
}  # fmt: skip
OF_WHO_LEAVES_FIRST = {"BridgeNumChannels", "BridgeTechnology"}
"""After a blind transfer two threads leave the bridge, in either order."""
DEVICES_OF_THE_QUEUE = re.compile(r"Queue:.*")


def blocks(log: list[str]) -> list[Message]:
    """Every message of Asterisk in a conversation."""
    text = "\n".join(log)
    return [parse(block) for block in text.split("\n\n") if block.startswith(("Response", "Event"))]


def plain(message: Message, blind: bool) -> tuple[tuple[str, str], ...]:
    """A message with everything that differs from run to run taken out (an empty value stays empty)."""
    out = []
    for key, value in message.headers:
        volatile = key in VOLATILE or key.endswith(("Uniqueid", "Linkedid", "BridgeID"))
        volatile = volatile or (blind and key in OF_WHO_LEAVES_FIRST and message.kind == "BridgeLeave")
        volatile = volatile or (message.kind == "DialState" and key.startswith("DestChannelState"))
        kept = re.sub(r"-[0-9a-f]{8}$", "", value) if key.endswith("Channel") else value
        if key == "Variable" and "=" in value:
            kept = re.sub(r"=\d[\d-]*$", "=*", value)
        out.append((key, "*" if volatile and value else kept))
    return tuple(out)


def told(messages: list[Message], blind: bool = False) -> dict[str, list[tuple[tuple[str, str], ...]]]:
    """What was said of each subject, in order: the n-th channel of an endpoint, a device, or the answers."""
    names: dict[str, str] = {}
    counts: dict[str, int] = defaultdict(int)
    by_subject: dict[str, list[tuple[tuple[str, str], ...]]] = defaultdict(list)
    for message in messages:
        subject = "answers"
        if message.get("Uniqueid") and not message.get("ActionID"):
            uniqueid = message.get("Uniqueid")
            if uniqueid not in names:
                endpoint = message.get("Channel").rpartition("-")[0]
                counts[endpoint] += 1
                names[uniqueid] = f"{endpoint} {counts[endpoint]}"
            subject = names[uniqueid]
        elif message.kind == "Status":
            subject = "status"
        elif message.kind == "DeviceStateChange":
            subject = "list" if message.get("ActionID") else message.get("Device")
        elif message.kind in {"BlindTransfer", "AttendedTransfer"}:
            subject = "transfer"
        by_subject[subject].append(plain(message, blind))
    for rows_in_any_order in by_subject.keys() & {"list", "status"}:
        by_subject[rows_in_any_order].sort()
    return {key: value for key, value in by_subject.items() if not DEVICES_OF_THE_QUEUE.match(key)}


@pytest.mark.parametrize("name", sorted(SCENES))
def test_a_scene_is_told_as_asterisk_told_it(name: str) -> None:
    """Per channel the same messages in the same order, with the same headers and values."""
    real = told(blocks([FOLDER.joinpath(f"{name}.txt").read_text(encoding="utf-8")]), "blind" in name)
    ours = told(blocks(run_virtual(play(name))), "blind" in name)
    assert list(ours) == list(real) or sorted(ours) == sorted(real)
    for subject, messages in real.items():
        assert ours[subject] == messages, subject


@pytest.mark.parametrize("name", ["agent_ends", "withdrawn", "attended_transfer"])
@pytest.mark.parametrize("seed", range(5))
def test_chance_changes_no_channels_own_order(name: str, seed: int) -> None:
    """Another seed mixes the threads anew, never the messages of one channel."""
    first, other = told(blocks(run_virtual(play(name)))), told(blocks(run_virtual(play(name, seed + 2))))
    assert first == other
