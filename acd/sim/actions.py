"""The manager actions we use, answered word for word as Asterisk 22.10.1 answers them.

Each function does one action and writes its answer; permission was checked before. What is not
here Asterisk may know, but we never send: the session says so with ``Invalid/unknown command``.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

from acd.sim.channels import UP, Channel
from acd.sim.net import DEVICE_CODES, Member, Queue

if TYPE_CHECKING:
    from acd.sim.session import Session

Fields = dict[str, str]
Action = Callable[["Session", Fields], None]

_NO_CHANNEL = "No such channel"
_MEDIA = (
    "Nativeformats: (alaw)\r\nReadformat: alaw\r\nReadtrans: \r\nWriteformat: alaw\r\nWritetrans: \r\n"
    "Callgroup: 0\r\nPickupgroup: 0\r\n"
)


def _tail(fields: Fields) -> str:
    return f"ActionID: {fields['actionid']}\r\n" if "actionid" in fields else ""


def _list(session: Session, fields: Fields, message: str, events: Iterable[str], end: str, last: str) -> None:
    """A list answer: start, one event each, end. ``{n}`` in ``last`` is how many there were."""
    session.answer(fields, f"EventList: start\r\nMessage: {message}\r\n")
    tail, count, parts = _tail(fields), 0, []
    for event in events:
        parts.append(f"{event}{tail}\r\n")
        count += 1
    parts.append(f"Event: {end}\r\n{tail}EventList: Complete\r\n{last.format(n=count)}\r\n")
    session.put("".join(parts).encode())


def ping(session: Session, fields: Fields) -> None:
    """``Ping``: Asterisk's clock."""
    now_us = session.sim.clock.now_us()
    stamp = f"{now_us // 1_000_000}.{now_us % 1_000_000:06d}"
    session.answer(fields, f"Ping: Pong\r\nTimestamp: {stamp}\r\n")


def core_status(session: Session, fields: Fields) -> None:
    """``CoreStatus``: since when it runs."""
    sim = session.sim
    start = time.gmtime(sim.started_s)
    day, hour = time.strftime("%Y-%m-%d", start), time.strftime("%H:%M:%S", start)
    calls = sum(1 for channel in sim.channels.values() if channel.uniqueid == channel.linkedid)
    session.answer(
        fields,
        f"CoreStartupDate: {day}\r\nCoreStartupTime: {hour}\r\nCoreReloadDate: {day}\r\n"
        f"CoreReloadTime: {hour}\r\nCoreCurrentCalls: {calls}\r\nCoreProcessedCalls: {sim.calls_count}\r\n",
    )


def core_settings(session: Session, fields: Fields) -> None:
    """``CoreSettings``: which Asterisk it says it is."""
    session.answer(
        fields,
        f"AMIversion: 11.0.0\r\nAsteriskVersion: {session.sim.version}\r\n"
        f"SystemName: {session.sim.system_name}\r\nCoreMaxCalls: 0\r\nCoreMaxLoadAvg: 0.000000\r\n"
        "CoreRunUser: \r\nCoreRunGroup: \r\nCoreMaxFilehandles: 0\r\nCoreRealTimeEnabled: No\r\n"
        "CoreCDRenabled: No\r\nCoreHTTPenabled: No\r\nSoundsSearchCustomDir: No\r\n",
    )


def get_var(session: Session, fields: Fields) -> None:
    """``Getvar`` of a channel or of Asterisk."""
    name = fields.get("variable", "")
    if not name:
        session.error(fields, "No variable specified")
        return
    source = session.sim.globals
    if fields.get("channel"):
        channel = session.sim.find(fields["channel"])
        if channel is None:
            session.error(fields, _NO_CHANNEL)
            return
        source = channel.variables
    session.answer(fields, f"Variable: {name}\r\nValue: {source.get(name, '')}\r\n")


def set_var(session: Session, fields: Fields) -> None:
    """``Setvar`` of a channel or of Asterisk."""
    name = fields.get("variable", "")
    if not name:
        session.error(fields, "No variable specified")
        return
    target = session.sim.globals
    if fields.get("channel"):
        channel = session.sim.find(fields["channel"])
        if channel is None:
            session.error(fields, _NO_CHANNEL)
            return
        target = channel.variables
    target[name] = fields.get("value", "")
    session.done(fields, "Variable Set")


def hangup(session: Session, fields: Fields) -> None:
    """``Hangup`` of one channel by its exact name or Uniqueid."""
    channel = session.sim.find(fields.get("channel", ""))
    if channel is None:
        session.error(fields, _NO_CHANNEL)
        return
    session.done(fields, "Channel Hungup")
    cause = fields.get("cause", "")
    session.sim.later(session.sim.delay(0.2, 0.8), session.sim.hang_up, channel, int(cause) if cause else 0)


def bridge_kick(session: Session, fields: Fields) -> None:
    """``BridgeKick``: out of this very bridge, or (with no bridge named) out of whatever it is in."""
    sim = session.sim
    wanted = fields.get("bridgeuniqueid", "")
    channel = sim.find(fields.get("channel", ""))
    if channel is None:
        session.error(fields, "Channel does not exist")
    elif wanted and (channel.bridge is None or channel.bridge.uniqueid != wanted):
        session.error(fields, "Bridge not found")
    elif channel.bridge is None:
        session.error(fields, "Channel is not in a bridge")
    else:
        session.done(fields, "Channel has been kicked")
        sim.kicked(channel, channel.bridge)


def blind_transfer(session: Session, fields: Fields) -> None:
    """``BlindTransfer``: whoever talks with this channel goes to an extension, as by a REFER."""
    sim = session.sim
    if not fields.get("channel"):
        session.error(fields, "No channel specified")
        return
    if not fields.get("exten"):
        session.error(fields, "No extension specified")
        return
    channel = sim.find(fields["channel"])
    if channel is None:
        session.error(fields, "Channel specified does not exist")
    elif sim.transfers.by_manager(channel, fields["exten"]):
        session.done(fields, "Transfer succeeded")
    else:
        session.error(fields, "Transfer invalid")


def control_playback(session: Session, fields: Fields) -> None:
    """``ControlPlayback``: only ``stop`` matters to us."""
    channel = session.sim.find(fields.get("channel", ""))
    if channel is None:
        session.error(fields, _NO_CHANNEL)
        return
    session.answer(fields, "")
    session.sim.playback_stopped(channel)


def status(session: Session, fields: Fields) -> None:
    """``Status`` of one channel or of all, with the variables asked for."""
    sim = session.sim
    names = [name for name in fields.get("variables", "").split(",") if name]
    channels: list[Channel] = list(sim.channels.values())
    if fields.get("channel"):
        one = sim.find(fields["channel"])
        if one is None:
            session.error(fields, _NO_CHANNEL)
            return
        channels = [one]
    events = (_status_of(session, channel, names) for channel in channels)
    _list(
        session,
        fields,
        "Channel status will follow",
        events,
        "StatusComplete",
        "ListItems: {n}\r\nItems: {n}\r\n",
    )


def _status_of(session: Session, channel: Channel, names: list[str]) -> str:
    number, name = channel.connected
    seconds = int(session.sim.loop.time() - channel.created_s) if channel.state == UP else 0
    variables = "".join(f"Variable: {key}={channel.variables.get(key, '(null)')}\r\n" for key in names)
    return (
        f"Event: Status\r\nPrivilege: Call\r\n{channel.spell()}Type: PJSIP\r\nDNID: {channel.dialled}\r\n"
        f"EffectiveConnectedLineNum: {number or '<unknown>'}\r\n"
        f"EffectiveConnectedLineName: {name or '<unknown>'}\r\nTimeToHangup: 0\r\n"
        f"BridgeID: {channel.bridge.uniqueid if channel.bridge else ''}\r\n"
        f"Application: {channel.application}\r\nData: {channel.data}\r\n{_MEDIA}"
        f"Seconds: {seconds}\r\n{variables}"
    )


def device_state_list(session: Session, fields: Fields) -> None:
    """``DeviceStateList``: every device Asterisk has a word for."""
    tail = _tail(fields)
    states = list(session.sim.device_states())
    count = len(states)
    session.answer(fields, "EventList: start\r\nMessage: Device State Changes will follow\r\n")
    parts = [
        f"Event: DeviceStateChange\r\n{tail}Device: {device}\r\nState: {state}\r\n\r\n"
        for device, state in states
    ]
    parts.append(f"Event: DeviceStateListComplete\r\n{tail}EventList: Complete\r\nListItems: {count}\r\n\r\n")
    session.put("".join(parts).encode())


def queue_status(session: Session, fields: Fields) -> None:
    """``QueueStatus``: the safety net's queues and who is in them."""
    wanted = fields.get("queue", "")
    events = [
        text
        for queue in sorted(session.sim.queues.values(), key=lambda one: one.name)
        if not wanted or queue.name == wanted
        for text in _queue_events(session, queue)
    ]
    _list(session, fields, "Queue status will follow", events, "QueueStatusComplete", "ListItems: {n}\r\n")


def _queue_events(session: Session, queue: Queue) -> Iterable[str]:
    yield (
        f"Event: QueueParams\r\nQueue: {queue.name}\r\nMax: 0\r\nStrategy: rrmemory\r\n"
        f"Calls: {len(queue.waiting)}\r\n"
        "Holdtime: 0\r\nTalkTime: 0\r\nCompleted: 0\r\nAbandoned: 0\r\nServiceLevel: 0\r\n"
        "ServicelevelPerf: 0.0\r\nServicelevelPerf2: 0.0\r\nWeight: 0\r\n"
    )
    for member in queue.members.values():
        code = DEVICE_CODES[session.sim.device_state(member.interface)]
        yield (
            f"Event: QueueMember\r\nQueue: {queue.name}\r\nName: {member.name}\r\n"
            f"Location: {member.interface}\r\n"
            f"StateInterface: {member.interface}\r\nMembership: dynamic\r\nPenalty: 0\r\n"
            f"CallsTaken: {member.calls_taken}\r\nLastCall: 0\r\nLastPause: {member.last_pause_s}\r\n"
            f"LoginTime: {member.login_s}\r\nInCall: 0\r\nStatus: {code}\r\nPaused: {int(member.paused)}\r\n"
            f"PausedReason: {member.reason}\r\nWrapuptime: 0\r\n"
        )


def queue_add(session: Session, fields: Fields) -> None:
    """``QueueAdd``."""
    sim, interface = session.sim, fields.get("interface", "")
    queue = sim.queues.get(fields.get("queue", ""))
    if queue is None:
        session.error(fields, "Unable to add interface to queue: No such queue")
    elif interface in queue.members:
        session.error(fields, "Unable to add interface: Already there")
    else:
        session.done(fields, "Added interface to queue")
        now_s = sim.clock.now_ms() // 1000
        name = fields.get("membername") or interface
        queue.add(Member(interface, name, login_s=now_s, paused=_paused(fields)))


def queue_remove(session: Session, fields: Fields) -> None:
    """``QueueRemove``."""
    interface = fields.get("interface", "")
    queue = session.sim.queues.get(fields.get("queue", ""))
    if queue is None:
        session.error(fields, "Unable to remove interface from queue: No such queue")
    elif interface not in queue.members:
        session.error(fields, "Unable to remove interface: Not there")
    else:
        session.done(fields, "Removed interface from queue")
        queue.remove(interface)


def queue_pause(session: Session, fields: Fields) -> None:
    """``QueuePause`` in one queue, or in all that have the member."""
    interface, wanted = fields.get("interface", ""), fields.get("queue", "")
    hit = False
    for queue in session.sim.queues.values():
        member = queue.members.get(interface)
        if member is not None and wanted in {"", queue.name}:
            member.paused = _paused(fields)
            member.reason = fields.get("reason", "") if member.paused else ""
            if member.paused:
                member.last_pause_s = session.sim.clock.now_ms() // 1000
            queue.paused(member)
            hit = True
    if not hit:
        session.error(fields, "Interface not found")
        return
    word = "paused" if _paused(fields) else "unpaused"
    session.done(fields, f"Interface {word} successfully")


def _paused(fields: Fields) -> bool:
    return fields.get("paused", "").lower() in {"1", "true", "yes", "on"}


ACTIONS: dict[str, Action] = {
    "ping": ping,
    "corestatus": core_status,
    "coresettings": core_settings,
    "getvar": get_var,
    "setvar": set_var,
    "hangup": hangup,
    "blindtransfer": blind_transfer,
    "bridgekick": bridge_kick,
    "controlplayback": control_playback,
    "status": status,
    "devicestatelist": device_state_list,
    "queuestatus": queue_status,
    "queueadd": queue_add,
    "queueremove": queue_remove,
    "queuepause": queue_pause,
}
