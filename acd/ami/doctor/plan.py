"""Is our dialplan there, whole, and ours; is the safety net; who leads.

All of it is read with ``Getvar``, which evaluates dialplan functions too. A function whose module is
not loaded reads as empty, so an expected answer also proves the module.
"""

from __future__ import annotations

import time
from collections.abc import AsyncIterator
from typing import Final

from acd.ami.doctor.findings import Expected, Finding, good, unproved, warning, wrong
from acd.ami.doctor.session import Session
from acd.ami.snapshot import COPY_DIALPLAN, DIALPLAN_VERSION, NET_PREFIX, wrong_dialplan

__all__ = ["check_leader", "check_net", "check_plan"]

PARTS: Final = (
    "acd-enter,s",
    "acd-hold,s",
    "acd-offer,v-agent",
    "acd-offer,v-line",
    "acd-offer,v-say",
    "acd-auto,s",
    "acd-up,s",
    "acd-up-auto,s",
    "acd-up-key,s",
    "acd-key,s",
    "acd-net,s",
    "acd-net-up-key,s",
    "acd-office,none",
    "acd-office-line,s",
    "acd-end,s",
    "acd-menu-end,s",
    "acd-xfer,q-x",
    "acd-xfer,o-x",
    "acd-feature,login",
    "acd-rehearse,s",
    "acd-rehearse-ask,s",
    "acd-rehearse-end,s",
    "from-agent,*11",
    "from-agent,*111",
    "from-agent,*161",
    "from-agent,*171",
)
FUNCTIONS: Final = {
    "FILTER(0-9,a1b)": ("1", "func_strings.so"),
    "URIENCODE(a b)": ("a%20b", "func_uri.so"),
    "IF(1?a:b)": ("a", "func_logic.so"),
    "GROUP_COUNT(nobody@acdline)": ("0", "func_groupcount.so"),
    "GLOBAL(ACD_DIALPLAN)": (DIALPLAN_VERSION, "func_global.so"),
}
"""What the dialplan computes with and can be asked without a call."""
INCLUDE: Final = "extensions.conf, last line: #include extensions_acd.conf"


async def check_plan(session: Session, expected: Expected) -> AsyncIterator[Finding]:
    """Version, parts, functions, and the called numbers of the rules."""
    version = await session.value("ACD_DIALPLAN")
    saw = wrong_dialplan(version)
    if saw:
        change = COPY_DIALPLAN if version else f"{INCLUDE}; then `dialplan reload`"
        yield wrong("dialplan", saw, change)
        return
    if await session.value("DIALPLAN_EXISTS(acd-enter)") == "":
        yield wrong(
            "dialplan", "The dialplan cannot look into itself.", "modules.conf: load = func_dialplan.so"
        )
        return
    absent = [part for part in PARTS if not await _exists(session, part)]
    lame = [module for call, (answer, module) in FUNCTIONS.items() if await session.value(call) != answer]
    for part in absent:
        yield wrong("dialplan", f"The extension {part.replace(',', ' of ', 1)} is missing.", INCLUDE)
    for module in lame:
        yield wrong("dialplan", f"A function of {module} does not answer.", f"modules.conf: load = {module}")
    if not absent and not lame:
        yield good("dialplan", f"Our dialplan is loaded, version {version}, with all its parts.")
    for number in expected.numbers:
        if not await _exists(session, f"from-trunk,{number}"):
            saw = f"The rules know the called number {number}, the context from-trunk does not."
            yield warning("numbers", saw, f"acd_entry.conf, section [from-trunk]: a line for {number}")


async def _exists(session: Session, part: str) -> bool:
    return await session.value(f"DIALPLAN_EXISTS({part},1)") == "1"


async def check_net(session: Session, expected: Expected) -> AsyncIterator[Finding]:
    """A queue for each language, and how many members it has."""
    for language in expected.languages:
        queue = NET_PREFIX + language
        there = await session.value(f"QUEUE_EXISTS({queue})")
        if there == "1":
            rows = await session.rows("QueueStatus", Queue=queue)
            count = sum(row["Event"] == "QueueMember" for row in rows)
            members = f"{count} members" if count else "no members, which is right while nobody is logged in"
            yield good("safety net", f"The queue {queue} is there, with {members}.")
        elif there == "":
            saw = "Asterisk has no queues at all: waiting callers would go straight to an office."
            yield wrong("safety net", saw, "modules.conf: load = app_queue.so")
        else:
            saw = f"The queue {queue} of the safety net is missing: without the ACD its callers ring nobody."
            yield wrong("safety net", saw, f"queues.conf: #include queues_acd.conf with [{queue}](acd-net)")


async def check_leader(session: Session, expected: Expected) -> Finding:
    """Who vouches for this node, and whether an ACD of now could take over."""
    lease, epoch = await session.value("ACD_LEASE"), await session.value("ACD_EPOCH")
    now = await session.value("EPOCH")
    if not now.isdigit():
        return unproved("leader", "Asterisk does not tell its time.", "Look at the clock of its machine.")
    left_s = int(lease) - int(now) if lease.isdigit() else -1
    if epoch.isdigit() and int(epoch) > time.time() + 1:
        saw = f"The last leader's epoch {epoch} lies in the future: an ACD started now is refused as deposed."
        return wrong("leader", saw, "Set this machine's clock right; then restart Asterisk, or wait.")
    if left_s < 0:
        return good(
            "leader", "No ACD leads this node now." if not epoch else f"The ACD of epoch {epoch} left."
        )
    if expected.serving:
        return good("leader", f"Our own ACD leads this node (epoch {epoch}, lease {left_s} s).")
    saw = f"Another ACD leads this node (epoch {epoch}) and vouches for it {left_s} s more."
    return warning("leader", saw, "Stop it before you start one here; the one started last takes over.")
