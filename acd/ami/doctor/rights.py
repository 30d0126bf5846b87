"""What the account may do: all we need, and nothing more.

``ListCommands`` names exactly the actions this account may send (Asterisk tests the same bits before
it carries one out), each with its classes. So nothing dangerous need be tried: an action that is not
listed is refused, and a class is granted if an action of that class alone is listed. Only for a needed
action that is absent one harmless try tells whether the right or the module is missing.

Source: ``action_listcommands`` and ``process_message`` in ``main/manager.c`` of Asterisk 22.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Final, NamedTuple

from acd.ami.doctor.findings import Finding, good, unproved, warning, wrong
from acd.ami.doctor.session import Session
from acd.ami.wire import Message

__all__ = ["WRITE", "check_rights"]

WRITE: Final = "write = call,reporting,agent,originate"
NOBODY: Final = "acd-doctor"
"""A channel, bridge and queue that does not exist."""


class Need(NamedTuple):
    """An action we send, and where it comes from."""

    right: str
    """The class it needs, empty for none."""
    module: str
    """Where it is registered."""
    harmless: Mapping[str, str]
    """Headers with which it changes nothing."""


CHANNEL: Final = {"Channel": NOBODY}
MEMBER: Final = {"Queue": NOBODY, "Interface": f"PJSIP/{NOBODY}", "Paused": "true"}
NEEDED: Final[Mapping[str, Need]] = {
    "BlindTransfer": Need("call", "", {"Context": NOBODY, "Exten": NOBODY, **CHANNEL}),
    "BridgeKick": Need("", "", {"BridgeUniqueid": NOBODY, **CHANNEL}),
    "ControlPlayback": Need("call", "app_controlplayback.so", {"Control": "stop", **CHANNEL}),
    "CoreSettings": Need("reporting", "", {}),
    "CoreStatus": Need("reporting", "", {}),
    "DeviceStateList": Need("reporting", "res_manager_devicestate.so", {}),
    "Getvar": Need("reporting", "", {"Variable": "EPOCH"}),
    "Hangup": Need("call", "", CHANNEL),
    "Originate": Need("originate", "", {}),
    "QueueAdd": Need("agent", "app_queue.so", MEMBER),
    "QueuePause": Need("agent", "app_queue.so", MEMBER),
    "QueueRemove": Need("agent", "app_queue.so", MEMBER),
    "QueueStatus": Need("", "app_queue.so", {"Queue": NOBODY}),
    "Setvar": Need("call", "", {"Variable": "ACD_DOCTOR", "Value": "1", **CHANNEL}),
    "Status": Need("call", "", CHANNEL),
}
"""Every action of ``acd.ami.wire.ALLOWED`` but those that any login may send."""

USED: Final = {"call", "reporting", "agent", "originate"}
WHY_NOT: Final[Mapping[str, str]] = {
    "system": "writes Asterisk's database and loads modules",
    "command": "runs any command of Asterisk's console",
    "config": "reads and rewrites configuration files, secrets too",
    "agi": "runs programs on a call",
    "dialplan": "changes the dialplan while calls run",
    "user": "forges the reports of our own dialplan",
    "message": "sends text messages in anybody's name",
}
PRIVILEGES = re.compile(r"\(Priv: ([a-z,]+)\)")


async def check_rights(session: Session) -> list[Finding]:
    """Compare what the account may send with what we send."""
    listed = await session.ask("ListCommands")
    if listed["Response"] != "Success" or "Ping" not in listed:
        return [
            unproved(
                "rights",
                f"Asterisk does not list what the account may do ({listed['Message'] or 'an empty list'}).",
                "Look with `manager show user` in Asterisk's console.",
            )
        ]
    section = f"manager.conf, section [{session.node.username}]"
    missing = [name for name in NEEDED if name not in listed]
    findings = await _why_missing(session, section, missing)
    if not missing:
        findings.append(good("rights", f"All {len(NEEDED)} actions that the ACD sends are allowed."))
    return [*findings, *_too_many(listed, section)]


async def _why_missing(session: Session, section: str, missing: list[str]) -> list[Finding]:
    """One finding per class or module that is not there."""
    lacking: dict[str, list[str]] = {}
    unknown: dict[str, list[str]] = {}
    for name in missing:
        need = NEEDED[name]
        answer = (await session.ask(name, **need.harmless))["Message"]
        if "ermission" in answer:
            lacking.setdefault(need.right, []).append(name)
        else:
            unknown.setdefault(need.module or "the module that has it", []).append(name)
    return [
        *(
            wrong(
                "rights",
                f"The account lacks the class {right}: it may not {', '.join(names)}.",
                f"{section}: {WRITE}",
            )
            for right, names in lacking.items()
        ),
        *(
            wrong(
                "rights",
                f"Asterisk does not know the actions {', '.join(names)}.",
                f"modules.conf: load = {module}",
            )
            for module, names in unknown.items()
        ),
    ]


def _too_many(listed: Message, section: str) -> Iterator[Finding]:
    granted = sorted(_classes(listed) - USED)
    if not granted:
        yield good(
            "least rights", "The account holds no class of rights but call, reporting, agent and originate."
        )
    for right in granted:
        why = WHY_NOT.get(right, "is never used")
        yield warning(
            "least rights",
            f"The account also holds the class {right}, which {why}; the ACD does not need it.",
            f"{section}: {WRITE}",
        )


def _classes(listed: Message) -> set[str]:
    """The classes the account surely has: each is the only one of an action it may send."""
    single: set[str] = set()
    for synopsis in listed.headers.values():
        found = PRIVILEGES.search(synopsis)
        classes = set(found[1].split(",")) - {"all"} if found else set()
        if len(classes) == 1:
            single |= classes
    return single
