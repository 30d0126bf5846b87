"""What a deployment configures, as far as the simulated Asterisk needs it: names, numbers, users."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from acd.sim.account import Account
from acd.sim.net import Office


@dataclass(frozen=True)
class Site:
    """The lab's site by default."""

    agents: tuple[str, ...] = tuple(f"a{number:04}" for number in range(1, 13))
    unregistered: tuple[str, ...] = ("r0001", "r0002", "r0003")
    trunks: tuple[str, ...] = ("trunk",)
    carrier: str = "carrier"
    entry: Mapping[str, tuple[str, str]] = field(
        default_factory=lambda: {"803164": ("generale", "it"), "q-tedesco": ("tedesco", "de")}
    )
    """Called number → queue and language; ``q-<queue>`` always works, in Italian unless it stands here."""
    provinces: Mapping[str, str] = field(default_factory=lambda: {"06": "RM", "0471": "BZ"})
    """Prefix of the caller's number → province; the longest counts."""
    offices: Mapping[str, Office] = field(
        default_factory=lambda: {
            "RM": Office("99060001", 2, office="roma"),
            "BZ": Office("99047101", 1, office="bolzano"),
        }
    )
    accounts: tuple[Account, ...] = (Account(),)
    queues: tuple[str, ...] = tuple(
        f"acd-net-{one}" for one in ("it", "de", "en", "fr", "es", "ar", "pl", "ru")
    )
    step_s: float = 5.0
    entry_revision: str = ""
    """What the generated entry menus say they are."""
