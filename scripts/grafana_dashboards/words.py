"""Values and labels in the words of supervisors, and the colours that go with them everywhere."""

from __future__ import annotations

from typing import Final

from grafana_dashboards.parts import Word, Words

OFFICES_ON: Final[Words] = {0: Word("no", "text"), 1: Word("attivo", "orange")}
"""Whether offices stand in."""
IN_ORDER: Final[Words] = {0: Word("no", "red"), 1: Word("sì", "green")}
"""Whether something is as it should be."""
OPEN: Final[Words] = {0: Word("chiusa", "text"), 1: Word("aperta", "green")}
ASKED: Final[Words] = {0: Word("no", "orange"), 1: Word("sì", "green")}
"""Whether an office may be asked."""
LEFT_ALONE: Final[Words] = {0: Word("risponde", "super-light-blue"), 1: Word("non risponde", "red")}
"""A breaker."""
TAKEN: Final[Words] = {0: Word("rifiutate", "red"), 1: Word("accettate", "green")}

OUTCOMES: Final = {
    "answered": "green",
    "abandoned": "red",
    "short_abandoned": "light-red",
    "closed": "gray",
    "safety_net": "purple",
    "lost": "dark-blue",
}
"""How a call ended."""
PATHS: Final = {"primary": "blue", "fallback": "orange"}
"""Who answered: agents, offices."""
STATES: Final = {
    "ready": "green",
    "reserved": "light-green",
    "ringing": "light-blue",
    "talking": "blue",
    "wrap_up": "purple",
    "paused": "gray",
    "unreachable": "red",
}
"""What agents are doing."""
OFFERS: Final = {
    "answered": "green",
    "caller_left": "gray",
    "no_answer": "red",
    "busy": "orange",
    "declined": "light-yellow",
    "failed": "purple",
    "unreachable": "dark-blue",
    "no_key": "light-red",
    "full": "light-blue",
}
"""How an offer ended."""
