"""What Asterisk tells us by itself: all we need, and as little else as can be.

Without a call two things can be made to happen. A custom device state that the doctor sets must come as
``DeviceStateChange``: so the class ``call`` is read and our filter lets it through. Our dialplan hangs a
hint on that device, and the hint's ``ExtensionStatus`` (the same class) must *not* come: so there is a
filter. ``FullyBooted`` after the login tells of the class ``system``.

The rest needs a call: events of our dialplan (class ``user``), the bridges, the keys. While the doctor
listens it looks at whatever comes: names that nobody needs, keys from a talk (card numbers!), and how
long a leg takes from our order to its dialling.

The device is left as ``NOT_INUSE`` in Asterisk's database; no phone and no queue knows it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Iterator
from typing import Final

from acd.ami.doctor.findings import Finding, good, unproved, warning, wrong
from acd.ami.doctor.session import Session
from acd.ami.wire import Message

__all__ = ["NEEDED_EVENTS", "check_stream", "slowest_leg_s"]

DEVICE: Final = "Custom:acd-doctor"
COMES_S_MAX: Final = 2.0
SETTLES_S: Final = 0.3
"""The hint follows its device within this."""
READ: Final = "read = call,user,system,dtmf"
NEEDED_EVENTS: Final = frozenset(
    {
        "AttendedTransfer",
        "BlindTransfer",
        "BridgeEnter",
        "BridgeLeave",
        "DTMFEnd",
        "DeviceStateChange",
        "DialBegin",
        "DialEnd",
        "DialState",
        "FullyBooted",
        "Hangup",
        "Reload",
        "Shutdown",
        "UserEvent",
    }
)
"""As in ``config/asterisk/manager_acd.conf``; a test compares them."""
WAITING: Final = ("acd-hold", "acd-say")
FILTER: Final = "the eventfilter lines of config/asterisk/manager_acd.conf"


async def check_stream(session: Session, listen_s: float) -> list[Finding]:
    """Make two events happen, listen for the others."""
    section = f"manager.conf, section [{session.node.username}]"
    device = await _touch(session, section)
    hinted = await session.value("DIALPLAN_EXISTS(acd-doctor)") == "1"
    await asyncio.sleep(max(listen_s, SETTLES_S))
    booted = await session.hear(lambda event: event["Event"] == "FullyBooted", 0.1)
    findings = [device]
    if booted is None:
        saw = "Asterisk did not say FullyBooted after the login: the account does not read the class system."
        findings.append(wrong("events", saw, f"{section}: {READ}"))
    findings += _stamps(session.events)
    tried = device.level == "ok" and hinted
    findings += _unneeded(session.events, section, tried=tried)
    findings.append(_ours(session.events, section))
    return findings


async def _touch(session: Session, section: str) -> Finding:
    for state in ("INUSE", "NOT_INUSE"):
        answer = await session.ask("Setvar", Variable=f"DEVICE_STATE({DEVICE})", Value=state)
        if answer["Response"] != "Success":
            saw = f"No device state can be set to see its event ({answer['Message']})."
            return unproved("events", saw, "modules.conf: load = func_devstate.so, then ask again")
    came = await session.hear(
        lambda event: event["Event"] == "DeviceStateChange" and event["Device"] == DEVICE, COMES_S_MAX
    )
    if came is None:
        saw = "A device changed its state and its DeviceStateChange did not come: no ringing is seen either."
        return wrong("events", saw, f"{section}: {READ} and {FILTER}")
    return good("events", "A device changed its state and its DeviceStateChange came.")


def _stamps(events: Iterable[Message]) -> Iterator[Finding]:
    if any("Timestamp" not in event for event in events if event["Event"] == "DeviceStateChange"):
        saw = "Events come without Asterisk's time, so their delay cannot be seen."
        yield warning("events", saw, "manager.conf, section [general]: timestampevents = yes")


def _unneeded(events: list[Message], section: str, *, tried: bool) -> Iterator[Finding]:
    keys = [event for event in events if event["Event"] == "DTMFEnd" and event["Context"] not in WAITING]
    if keys:
        saw = f"Keys come from {keys[0]['Context'] or 'anywhere'}: numbers keyed in a talk would be seen."
        yield warning("filter", saw, f"{section}: {FILTER}, the two of DTMFEnd")
    names = sorted({_name(event) for event in events if not _needed(event)})
    if names:
        saw = f"Events come that nobody needs ({', '.join(names[:6])}): some eight times the load."
        yield warning("filter", saw, f"{section}: {FILTER}")
    elif tried:
        yield good("filter", "The state of a hint changed too, and its ExtensionStatus was kept away.")
    else:
        saw = "Nothing came that nobody needs, but without our dialplan's hint that says little."
        yield unproved("filter", saw, "Mend what is said of the dialplan and of events, then ask again.")


def _ours(events: Iterable[Message], section: str) -> Finding:
    count = sum(_is_ours(event) for event in events)
    if count:
        return good("calls", f"{count} events of our dialplan came while we listened.")
    saw = "Events of our dialplan (class user) come only with a call, and none came while we listened."
    return unproved(
        "calls", saw, f"Call one of your numbers while `acd doctor --listen 20` runs ({section}: {READ})."
    )


def _is_ours(event: Message) -> bool:
    return event["Event"] == "UserEvent" and event["UserEvent"].startswith("ACD")


def _needed(event: Message) -> bool:
    return _is_ours(event) if event["Event"] == "UserEvent" else event["Event"] in NEEDED_EVENTS


def _name(event: Message) -> str:
    return f"UserEvent {event['UserEvent']}" if event["Event"] == "UserEvent" else event["Event"]


def slowest_leg_s(events: Iterable[Message]) -> float | None:
    """The longest time from our dialplan's Dial to the leg's ``DialBegin``; None if no call was seen."""
    began: dict[str, float] = {}
    slowest: float | None = None
    for event in events:
        stamp = event["Timestamp"]
        if not stamp.replace(".", "", 1).isdigit():
            continue
        if event["UserEvent"] == "ACDOfferBegin":
            began[event["Uniqueid"]] = float(stamp)
        elif event["Event"] == "DialBegin" and event["Uniqueid"] in began:
            took_s = float(stamp) - began.pop(event["Uniqueid"])
            slowest = took_s if slowest is None else max(slowest, took_s)
    return slowest
