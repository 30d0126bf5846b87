"""The three ways to ring an agent that are compared, and what the lab's dialplan needs for them.

All run on the same Asterisk with the same phones and, in the ACD's mirrored safety net, the same
queue members; so each pays for what the others need.
"""

from __future__ import annotations

from enum import StrEnum

from acd_bench.centre import NET_QUEUE
from asterisk_lab import Lab


class Way(StrEnum):
    """How a call reaches an agent."""

    DIAL = "dial"
    """Plain ``Dial`` to the agent whose number the caller's own ends with: the floor, nobody chooses."""
    ACD = "acd"
    """Ours: held, ordered, kicked, dialled."""
    QUEUE = "app_queue"
    """One queue of all agents, who is idle longest first as with us (``leastrecent``), with ``autofill``."""


NUMBERS = {Way.DIAL: "bench-dial", Way.ACD: "803164", Way.QUEUE: "bench-queue"}
"""What a caller dials."""

_DIALPLAN = f"""
[from-trunk](+)
exten => bench-dial,1,Dial(PJSIP/a${{CALLERID(num):-4}},15)
exten => bench-queue,1,Answer(0,i)
 same => n,Queue({NET_QUEUE},,,,120)
"""


def prepare(lab: Lab) -> None:
    """Add the two extensions and the strategy to this lab's own copy of the shipped files."""
    etc = lab.host_dir / "etc"
    (etc / "site/bench.conf").write_text(_DIALPLAN)
    plan = etc / "extensions.conf"
    line = "#include site/bench.conf\n"
    if line not in plan.read_text():
        plan.write_text(plan.read_text() + line)
    lab.rx("dialplan reload")
    queues = etc / "queues_acd.conf"
    queues.write_text(queues.read_text().replace("strategy = rrmemory", "strategy = leastrecent"))
    lab.rx("queue reload all")
