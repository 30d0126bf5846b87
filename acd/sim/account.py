"""A user of ``manager.conf``: what it may read and do, and which events pass its filters.

The defaults are those of ``config/asterisk/manager_acd.conf``. Filters are the advanced ones of
Asterisk 22 with ``action(include)``: without any, everything readable passes; with some, only
what one of them names. List answers and the ``FullyBooted`` of a login are never filtered.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

Method = Literal["any", "exact", "starts_with"]

_WHOLE = (
    "DialBegin", "DialEnd", "DialState", "BridgeEnter", "BridgeLeave", "Hangup", "BlindTransfer",
    "AttendedTransfer", "DeviceStateChange", "FullyBooted", "Shutdown", "Reload",
)  # fmt: skip
_Rules = tuple[tuple[Method, str], ...]

FILTERS: Mapping[str, _Rules] = {
    "UserEvent": (("starts_with", "ACD"),),
    "DTMFEnd": (("exact", "acd-hold"), ("exact", "acd-say")),
    **dict.fromkeys(_WHOLE, (("any", ""),)),
}
"""Those of ``config/asterisk/manager_acd.conf``."""

ACTION_CLASSES: Mapping[str, frozenset[str]] = {
    "setvar": frozenset({"call"}),
    "blindtransfer": frozenset({"call"}),
    "controlplayback": frozenset({"call"}),
    "redirect": frozenset({"call"}),
    "hangup": frozenset({"system", "call"}),
    "status": frozenset({"system", "call", "reporting"}),
    "getvar": frozenset({"call", "reporting"}),
    "devicestatelist": frozenset({"call", "reporting"}),
    "corestatus": frozenset({"system", "reporting"}),
    "coresettings": frozenset({"system", "reporting"}),
    "queueadd": frozenset({"agent"}),
    "queueremove": frozenset({"agent"}),
    "queuepause": frozenset({"agent"}),
    "originate": frozenset({"originate"}),
    "command": frozenset({"command"}),
    "userevent": frozenset({"user"}),
    "filter": frozenset({"system"}),
    "dbput": frozenset({"system"}),
    "dbget": frozenset({"system", "reporting"}),
    "coreshowchannels": frozenset({"system", "reporting"}),
    "modulecheck": frozenset({"system"}),
    "moduleload": frozenset({"system"}),
    "getconfig": frozenset({"system", "config"}),
    "pjsipshowcontacts": frozenset({"system"}),
}
"""Which classes allow an action (one of them suffices); an action that is not here needs none."""


@dataclass(frozen=True)
class Account:
    """One manager user."""

    name: str = "acd"
    secret: str = field(default="simulated", repr=False)
    read: frozenset[str] = frozenset({"call", "user", "system", "dtmf"})
    write: frozenset[str] = frozenset({"call", "reporting", "agent", "originate"})
    filters: Mapping[str, _Rules] = field(default_factory=lambda: FILTERS)

    def reads(self, event_class: str, kind: str, detail: str) -> bool:
        """Whether this event reaches this user.

        Args:
            event_class: the privilege class the event is sent under.
            kind: the event's name.
            detail: the one header a filter may look at (name of a UserEvent, Context of a key).
        """
        if event_class not in self.read:
            return False
        if not self.filters:
            return True
        for method, value in self.filters.get(kind, ()):
            if method == "any" or (detail == value if method == "exact" else detail.startswith(value)):
                return True
        return False

    def may(self, action: str) -> bool:
        """Whether this user may send this action (lower case)."""
        needed = ACTION_CLASSES.get(action)
        return needed is None or not needed.isdisjoint(self.write)
