"""A manager port in perfect health, to be made ill one way at a time."""

from __future__ import annotations

import time

from acd.ami.snapshot import DIALPLAN_VERSION
from tests.ami.fake import FakeAsterisk, Heard, block, error, success

CLASSES = {
    "BlindTransfer": "call,all",
    "BridgeKick": "<none>",
    "ControlPlayback": "call,all",
    "CoreSettings": "system,reporting,all",
    "CoreStatus": "system,reporting,all",
    "DeviceStateList": "call,reporting,all",
    "Getvar": "call,reporting,all",
    "Hangup": "system,call,all",
    "Originate": "originate,all",
    "Ping": "<none>",
    "QueueAdd": "agent,all",
    "QueuePause": "agent,all",
    "QueueRemove": "agent,all",
    "QueueStatus": "<none>",
    "Setvar": "call,all",
    "Status": "system,call,reporting,all",
}


class Patient(FakeAsterisk):
    """Answers as Asterisk 22.10.1 with our configuration does."""

    def __init__(self) -> None:
        super().__init__(self.answer)
        self.login = True
        self.version = "22.10.1+dfsg"
        self.name = "n1"
        self.ahead_s = 0.0
        self.classes = dict(CLASSES)
        self.unknown: set[str] = set()
        self.functions = {
            "ACD_DIALPLAN": DIALPLAN_VERSION,
            "GLOBAL(ACD_DIALPLAN)": DIALPLAN_VERSION,
            "FILTER(0-9,a1b)": "1",
            "URIENCODE(a b)": "a%20b",
            "IF(1?a:b)": "a",
            "GROUP_COUNT(nobody@acdline)": "0",
            "QUEUE_EXISTS(acd-net-it)": "1",
        }
        self.absent: set[str] = set()
        """Parts of the dialplan that are not there."""
        self.booted = True
        self.changes = ["Event: DeviceStateChange\r\nDevice: Custom:acd-doctor\r\nTimestamp: 1.5"]
        """What comes when the device changes."""

    def answer(self, heard: Heard) -> bytes | None:
        """By action."""
        name = heard["Action"]
        match name:
            case "Login" if not self.login:
                return error(heard, "Authentication failed")
            case "Login":
                booted = block("Event: FullyBooted") if self.booted else b""
                return success(heard, "Message: Authentication accepted") + booted
            case "ListCommands":
                rows = (f"{name}: Words.  (Priv: {classes})" for name, classes in self.classes.items())
                return success(heard, *rows)
            case _ if name in self.unknown:
                return error(heard, f"Invalid/unknown command: {name}.")
            case _ if name not in self.classes:
                return error(heard, "Permission denied")
            case "CoreSettings":
                return success(heard, f"AsteriskVersion: {self.version}", f"SystemName: {self.name}")
            case "Ping":
                return success(heard, "Ping: Pong", f"Timestamp: {time.time() + self.ahead_s:.6f}")
            case "Getvar":
                return success(heard, f"Value: {self._value(heard['Variable'])}")
            case "Setvar" if heard["Variable"].startswith("DEVICE_STATE"):
                return success(heard) + b"".join(block(*event.split("\r\n")) for event in self.changes)
            case "QueueStatus":
                return success(heard, "EventList: start") + b"".join(
                    block(f"Event: {event}", f"ActionID: {heard['ActionID']}", *more)
                    for event, *more in (("QueueMember",), ("QueueStatusComplete", "EventList: Complete"))
                )
        return success(heard)

    def _value(self, variable: str) -> str:
        if variable.startswith("DIALPLAN_EXISTS("):
            return str(int(not any(part in variable for part in self.absent)))
        if variable.startswith("STRFTIME("):
            return f"{time.time():.3f}"
        if variable == "EPOCH":
            return str(int(time.time()))
        return self.functions.get(variable, "")
