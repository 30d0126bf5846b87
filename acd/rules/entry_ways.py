"""How long a caller can be on the way to a queue.

Menus form no circle, so every way is finite; here it is measured. The **longest** way is that of a
caller who does everything late and wrong: hears each menu to its end, presses a wrong key at the
last moment, hears it again, presses the right key at the last moment, and takes the longest pause
before each digit of a code. The way **in silence** is that of somebody who presses nothing.

A text is reckoned at `CHARACTERS_PER_S`, the pace of the placeholders; a recording speaks about as
fast.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

import msgspec

from acd.core.ids import QueueId
from acd.rules.entry import COUNTRY_PROMPT, PROMPT_OF_ASK, WRONG_KEY_PROMPT, Ask, Door, EntryPlan, Go, Menu

__all__ = ["DIGITS_MAX", "DIGIT_S", "Way", "describe_entry", "longest_way", "silent_way"]

CHARACTERS_PER_S: Final = 13.0

DIGITS_MAX: Final[Mapping[Ask, int]] = {Ask.PROVINCE: 4, Ask.PERSONAL_CODE: 10}

DIGIT_S: Final = 5
"""Silence that ends the digits of a code."""


class Way(msgspec.Struct, frozen=True, kw_only=True):
    """One way from a called number to a queue."""

    seconds: float
    menus: tuple[str, ...]
    queue: QueueId


def describe_entry(plan: EntryPlan) -> tuple[str, ...]:
    """Say for each called number where it leads and how long that takes at most."""
    return tuple(_described(plan, door) for door in plan.doors.values())


def _described(plan: EntryPlan, door: Door) -> str:
    silent, longest = silent_way(plan, door), longest_way(plan, door)
    if not silent.menus:
        return f"{door.number}: to the queue {silent.queue} after {silent.seconds:.0f} s."
    menus = " → ".join(longest.menus)
    return (
        f"{door.number}: silence reaches the queue {silent.queue} in {silent.seconds:.0f} s; the longest way,"
        f" with every key late and wrong once, takes {longest.seconds:.0f} s ({menus} → {longest.queue})."
    )


def longest_way(plan: EntryPlan, door: Door) -> Way:
    """Return the way that takes longest."""
    return max(_ways(plan, door.go, door.language), key=lambda way: way.seconds)


def silent_way(plan: EntryPlan, door: Door) -> Way:
    """Return the way of a caller who presses nothing."""
    go, language, menus, seconds = (
        door.go,
        door.language,
        list[str](),
        _asked_s(plan, door.go, door.language, 1),
    )
    while go.menu:
        menu = plan.menus[go.menu]
        menus.append(menu.id)
        seconds += _said_s(plan, menu, language) + menu.wait_s
        go = menu.choices[menu.default]
        language = go.language or language
        seconds += _asked_s(plan, go, language, 1)
    queue = go.queues.get(language) or go.queues[""]
    return Way(seconds=seconds + _told_s(plan, language), menus=tuple(menus), queue=queue)


def _ways(plan: EntryPlan, go: Go, language: str) -> Iterator[Way]:
    language = go.language or language
    asked_s = _asked_s(plan, go, language, None)
    if not go.menu:
        queue = go.queues.get(language) or go.queues[""]
        yield Way(seconds=asked_s + _told_s(plan, language), menus=(), queue=queue)
        return
    menu = plan.menus[go.menu]
    wrong_s = _spoken_s(plan, WRONG_KEY_PROMPT, language)
    here_s = 2 * (_said_s(plan, menu, language) + menu.wait_s) + wrong_s + asked_s
    for choice in menu.choices.values():
        for way in _ways(plan, choice, language):
            yield Way(seconds=here_s + way.seconds, menus=(menu.id, *way.menus), queue=way.queue)


def _said_s(plan: EntryPlan, menu: Menu, language: str) -> float:
    """The longest that a caller of this language may hear at this menu."""
    own = menu.say.get(language) or menu.say.get("") or next(iter(menu.say.values()))
    heard = {own, *(prompt for listener, prompt in menu.say.items() if listener.isupper())}
    return max(_spoken_s(plan, prompt, language) for prompt in heard)


def _asked_s(plan: EntryPlan, go: Go, language: str, pauses: int | None) -> float:
    """What is asked on the way; ``pauses`` long ones before digits, None for the most there can be."""
    return sum(
        _spoken_s(plan, PROMPT_OF_ASK[ask], language)
        + DIGIT_S * (DIGITS_MAX[ask] if pauses is None else pauses)
        for ask in go.asks
    )


def _told_s(plan: EntryPlan, language: str) -> float:
    if not plan.announce_country:
        return 0.0
    return _spoken_s(plan, COUNTRY_PROMPT.format(plan.announce_country.lower()), language)


def _spoken_s(plan: EntryPlan, prompt: str, language: str) -> float:
    said = plan.prompts[prompt]
    return sum(len(said.texts[each]) / CHARACTERS_PER_S for each in said.in_turn or (language,))
