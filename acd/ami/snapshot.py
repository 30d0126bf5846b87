"""The whole truth of a node, read after every (re)connect on the one connection we have.

Calls live in Asterisk, and so does what we must know of them: the dialplan keeps each call's place
in channel variables. One ``Status`` gives every channel with these variables; the caller rows give
the calls, the leg rows (``ACD_LEG``, Linkedid = the caller) who rings or talks with whom (during an
offer the caller has ``ACD_LEG`` too, for the leg to inherit: the same as its ``ACD_ATT``), and the
BridgeID of a held caller is the bridge a kick must aim at. ``DeviceStateList`` gives the phones,
``QueueStatus`` of the safety net's queues who was logged in and paused. A caller's number and personal
code are hashed and looked up as they are read.

Events that come meanwhile are held back and replayed after it. That is safe: the stream has no
gap after the login, so whatever an old event says, the newest one comes last; an event for a state
that the rows already show is merely late.

A variable that is not set reads ``(null)``; ``Variable`` is a repeated header (``NAME=value``).
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from acd.ami.decode import device_state, endpoint_of, number
from acd.ami.link import Link
from acd.ami.picture import Directory, Leg, Picture
from acd.ami.wire import Action, Message
from acd.core.facts import CallSeen, DeviceSeen, MemberSeen, Stage
from acd.core.ids import AttemptId, CallId
from acd.errors import ActionRefused

__all__ = [
    "COPY_DIALPLAN",
    "DIALPLAN_VERSION",
    "NET_PREFIX",
    "VARIABLES",
    "NetMember",
    "Snapshot",
    "build_picture",
    "phones",
    "seen_call",
    "take",
    "wrong_dialplan",
]

DIALPLAN_VERSION: Final = "4"
"""``ACD_DIALPLAN`` of the ``extensions_acd.conf`` that this release ships and knows."""
COPY_DIALPLAN: Final = "Copy config/asterisk/extensions_acd.conf of this release, then `dialplan reload`."
VARIABLES = (
    "ACD_STATE,ACD_QUEUE,ACD_LANG,ACD_PROV,ACD_T0,ACD_FIRST,ACD_VISIT,ACD_ATT,ACD_TGT,ACD_LEG,ACD_UP,"
    "ACD_CALLED,ACD_NUM,ACD_CODE,ACD_WANTED"
)
NET_PREFIX = "acd-net-"
STAGES = {
    "enter": Stage.ENTERING,
    "hold": Stage.HOLDING,
    "ring": Stage.DIALLING,
    "talk": Stage.TALKING,
    "say": Stage.HEARING,
    "bye": Stage.FAREWELL,
    "net": Stage.IN_NET,
    "nettalk": Stage.IN_NET,
    "xfer": Stage.TRANSFERRED,
    "after": Stage.LEAVING,
}
WITH_A_LEG = frozenset({Stage.DIALLING, Stage.TALKING})
WITH_A_PROMPT = frozenset({Stage.HEARING, Stage.FAREWELL})
RINGING_OR_UP = frozenset({"5", "6"})
"""``ChannelState`` of a leg that has given a sign of life."""


@dataclass(frozen=True, slots=True)
class NetMember:
    """One row of the safety net as Asterisk has it."""

    queue: str
    interface: str
    paused: bool
    reason: str


@dataclass(frozen=True, slots=True)
class Snapshot:
    """What a node told of itself."""

    started: str
    """When this Asterisk was started, in its own words; another value = it was restarted."""
    version: str
    """Of Asterisk, in its own words; empty if it does not say."""
    epoch: int
    """The highest epoch that gave orders here, 0 for none since Asterisk started."""
    picture: Picture
    calls: tuple[CallSeen, ...]
    devices: tuple[DeviceSeen, ...]
    net: tuple[NetMember, ...]

    @property
    def members(self) -> tuple[MemberSeen, ...]:
        """The net's members by endpoint; paused in one queue is paused."""
        by_endpoint: dict[str, MemberSeen] = {}
        for row in self.net:
            endpoint = row.interface.removeprefix("PJSIP/")
            known = by_endpoint.get(endpoint)
            paused = row.paused or (known is not None and known.paused)
            reason = row.reason or (known.reason if known is not None else "")
            by_endpoint[endpoint] = MemberSeen(endpoint=endpoint, paused=paused, reason=reason)
        return tuple(by_endpoint.values())


def wrong_dialplan(version: str) -> str:
    """Say why we cannot work with a dialplan of this ``ACD_DIALPLAN``; empty when we can."""
    if version == DIALPLAN_VERSION:
        return ""
    if not version:
        return "Our dialplan is not loaded."
    return f"The dialplan says it is version {version}, this release knows version {DIALPLAN_VERSION}."


async def take(link: Link, *, directory: Directory, entered_ms: Callable[[str], int]) -> Snapshot:
    """Ask for everything at once; Asterisk answers in order. Raises as ``Link.act`` does."""
    await link.ping()
    (started, epoch, version), (status, devices), queues = await asyncio.gather(
        asyncio.gather(
            link.act(Action.of("CoreStatus")),
            link.act(Action.of("Getvar", Variable="ACD_EPOCH")),
            _version(link),
        ),
        asyncio.gather(
            link.collect(Action.of("Status", Variables=VARIABLES)),
            link.collect(Action.of("DeviceStateList")),
        ),
        asyncio.gather(*(_members(link, NET_PREFIX + language) for language in directory.languages)),
    )
    picture = build_picture(status)
    return Snapshot(
        started=f"{started['CoreStartupDate']} {started['CoreStartupTime']}",
        version=version,
        epoch=number(epoch["Value"]),
        picture=picture,
        calls=tuple(
            seen_call(
                row, directory=directory, entered_ms=entered_ms, target=_target(picture, row["Uniqueid"])
            )
            for row in status
            if _is_caller(variables(row))
        ),
        devices=tuple(phones(devices, directory)),
        net=tuple(member for rows in queues for member in rows),
    )


def phones(rows: Iterable[Message], directory: Directory) -> Iterator[DeviceSeen]:
    """The phones among the rows of a ``DeviceStateList``; trunks and queues say nothing of anybody."""
    for row in rows:
        kind, _, endpoint = row["Device"].partition("/")
        if kind == "PJSIP" and directory.knows(endpoint):
            yield DeviceSeen(endpoint=endpoint, state=device_state(row["State"]))


async def _version(link: Link) -> str:
    """Asterisk's version; nothing depends on it, so an Asterisk that does not say is no error."""
    try:
        return (await link.act(Action.of("CoreSettings")))["AsteriskVersion"]
    except ActionRefused:
        return ""


async def _members(link: Link, queue: str) -> list[NetMember]:
    """The members of one queue; a queue that is not there (or no app_queue yet) has none."""
    try:
        rows = await link.collect(Action.of("QueueStatus", Queue=queue))
    except ActionRefused:
        return []
    return [
        NetMember(
            queue=queue,
            interface=row["Location"],
            paused=row["Paused"] == "1",
            reason=row["PausedReason"],
        )
        for row in rows
        if row["Event"] == "QueueMember" and row["Queue"] == queue
    ]


def variables(row: Message) -> Mapping[str, str]:
    """The channel variables of a Status row that are set."""
    pairs = (value.partition("=") for value in row.all("Variable"))
    return {name: value for name, _, value in pairs if value and value != "(null)"}


def _is_caller(given: Mapping[str, str]) -> bool:
    return "ACD_STATE" in given and given.get("ACD_LEG", "") in {"", given.get("ACD_ATT", "")}


def seen_call(
    row: Message, *, directory: Directory, entered_ms: Callable[[str], int], target: str = ""
) -> CallSeen:
    """One caller's Status row as the engine sees it."""
    given = variables(row)
    visit = number(given.get("ACD_VISIT", "")) or 1
    stage = STAGES.get(given.get("ACD_STATE", ""), Stage.ENTERING)
    return CallSeen(
        call=CallId(row["Uniqueid"]),
        queue=given.get("ACD_QUEUE", ""),
        entered_ms=entered_ms(given.get("ACD_T0", "")),
        stage=stage,
        visit=visit,
        language=given.get("ACD_LANG", "it"),
        province=given.get("ACD_PROV", ""),
        first_entered_ms=entered_ms(given["ACD_FIRST"]) if visit > 1 and "ACD_FIRST" in given else 0,
        called=given.get("ACD_CALLED", ""),
        caller=directory.caller(given.get("ACD_NUM", "")),
        priority_class=directory.priority_class(given.get("ACD_CODE", "")),
        office=given.get("ACD_WANTED", ""),
        attempt=given.get("ACD_ATT", ""),
        target=target if stage in WITH_A_LEG else "",
    )


def build_picture(status: Iterable[Message]) -> Picture:
    """Callers, their holding bridges and their legs from the rows of a Status."""
    picture = Picture()
    rows = [(row, variables(row)) for row in status]
    for row, given in rows:
        if not _is_caller(given):
            continue
        caller = picture.caller(row["Uniqueid"])
        stage = STAGES.get(given["ACD_STATE"])
        if stage is Stage.HOLDING:
            caller.holding = row["BridgeID"]
        elif stage in WITH_A_PROMPT:
            caller.hears = given.get("ACD_ATT", "")
        elif stage in WITH_A_LEG:
            caller.begin(given.get("ACD_ATT", ""), given.get("ACD_TGT", ""))
            caller.bridge = row["BridgeID"]
    for row, given in rows:
        caller_row = picture.callers.get(row["Linkedid"])
        if "ACD_LEG" not in given or caller_row is None or _is_caller(given):
            continue
        attempt = given["ACD_LEG"]
        target = caller_row.target or endpoint_of(row["Channel"])
        uniqueid = row["Uniqueid"]
        picture.legs[uniqueid] = Leg(uniqueid, caller_row.call, AttemptId(attempt), target)
        if caller_row.attempt == attempt:
            caller_row.leg, caller_row.target = uniqueid, target
            caller_row.leg_bridge = row["BridgeID"]
            caller_row.rang = row["ChannelState"] in RINGING_OR_UP
            caller_row.talking = bool(row["BridgeID"]) and row["BridgeID"] == caller_row.bridge
    return picture


def _target(picture: Picture, uniqueid: str) -> str:
    caller = picture.callers.get(uniqueid)
    return caller.target if caller is not None and caller.leg else ""
