"""What a caller meets before a queue: called numbers, keyed menus, prompts.

A menu says something and waits for one key. Each key, and the silence after ``wait_s``, leads
somewhere: to another menu, or to a queue. There is no dead end: the default of each menu is one of
its keys, a key nobody chose repeats the menu once and then counts as the default, and menus form no
circle, so every caller reaches a queue within a bounded time, whatever they press.

The menus run in the dialplan (``acd.ami.export`` writes them), so they work while the ACD is away.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Final

import msgspec

from acd.core.ids import PriorityClassId, QueueId

__all__ = [
    "CLOSED_PROMPT",
    "COUNTRY_PROMPT",
    "GOODBYE_PROMPT",
    "HOLIDAY_PROMPT",
    "PATRON_PROMPT",
    "PROMPT_OF_ASK",
    "REHEARSAL_PROMPT",
    "WRONG_KEY_PROMPT",
    "Ask",
    "Door",
    "EntryPlan",
    "Go",
    "Menu",
    "Prompt",
]


class Ask(StrEnum):
    """More than one key, asked on the way to a queue."""

    PROVINCE = "province"
    """The area prefix of the caller's town, when the caller's number does not tell the province."""
    PERSONAL_CODE = "personal_code"
    """The code of a letter that gives a priority class; a wrong one gives none, and nothing is said of it."""


PROMPT_OF_ASK: Final[Mapping[Ask, str]] = {
    Ask.PROVINCE: "ask-province",
    Ask.PERSONAL_CODE: "ask-personal-code",
}
"""The prompt that asks, by its fixed id in ``prompts.yaml``."""

WRONG_KEY_PROMPT: Final = "wrong-key"
"""Said before a menu is repeated."""

COUNTRY_PROMPT: Final = "operator-country-{}"
"""Said before the queue; the country in small letters."""

CLOSED_PROMPT: Final = "closed"
"""Said to whoever calls a closed queue, before the moment it opens again."""

HOLIDAY_PROMPT: Final = "closed-holiday"
PATRON_PROMPT: Final = "closed-patron"
"""Why it is closed; both stand in `acd.core.policy.Calendar.closings`."""

GOODBYE_PROMPT: Final = "goodbye"
"""Said where nobody could be reached; the first called number follows, digit by digit. May be absent."""

REHEARSAL_PROMPT: Final = "rehearsal"
"""Said to whoever answers when an office's line is tried: key 1, here we are; key 2, this is no office."""


class Go(msgspec.Struct, frozen=True, kw_only=True):
    """Where a key leads. Language and questions take effect on the way; then a menu or a queue."""

    language: str = ""
    asks: tuple[Ask, ...] = ()
    menu: str = ""
    queues: Mapping[str, QueueId] = {}
    """Language to queue; empty while ``menu`` leads on."""


class Menu(msgspec.Struct, frozen=True, kw_only=True):
    """One question with one key as its answer."""

    id: str
    say: Mapping[str, str]
    """Caller's language (or province, two capitals: it wins) to the prompt's id; ``""`` for any other."""
    wait_s: int
    choices: Mapping[str, Go]
    """Digit to what it does."""
    default: str
    """The digit that silence counts as."""


class Door(msgspec.Struct, frozen=True, kw_only=True):
    """A called number: language to begin with, then a menu or a queue at once."""

    number: str
    language: str
    go: Go


class Prompt(msgspec.Struct, frozen=True, kw_only=True):
    """Something that is said, by language; recordings replace the spoken placeholder by name."""

    id: str
    texts: Mapping[str, str]
    in_turn: tuple[str, ...] = ()
    """Languages spoken one after the other to everybody; empty: the caller's own."""


class EntryPlan(msgspec.Struct, frozen=True, kw_only=True):
    """Everything the dialplan must know of the entry."""

    revision: str
    """Digest of all this, of the offices and of the provinces: what Asterisk runs is compared with it."""
    doors: Mapping[str, Door]
    menus: Mapping[str, Menu]
    prompts: Mapping[str, Prompt]
    announce_country: str = ""
    """ISO 3166 country told before the queue; empty: no announcement."""
    code_class: PriorityClassId | None = None
    """The class of a good personal code; None: no menu asks for one."""
