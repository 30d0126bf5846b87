"""What ``fallback.yaml`` says, checked, and each toggle with the line where it stands.

Times in the file are those of the clock in Rome. A moment that is over is no finding: a file that was right
yesterday is right today, its toggle is ``auto`` now.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping
from typing import Final

import msgspec

from acd.rules.calendar import ROME
from acd.rules.calendar_shape import moment_of
from acd.rules.document import Document, Loc
from acd.rules.fallback_shape import HOURS_MAX, FallbackFile, ToggleShape
from acd.rules.sentences import did_you_mean, validate_whole
from acd.store.records import OverrideMode

__all__ = ["FILE", "Base", "Toggle", "check_fallback"]

FILE: Final = "fallback.yaml"
"""How explanations name the file, wherever it lies."""


class Toggle(msgspec.Struct, frozen=True, kw_only=True):
    """One toggle of the file."""

    mode: OverrideMode
    reason: str = ""
    until_ms: int | None = None
    """After this moment it is ``auto``; None: until the file says otherwise."""
    line: int = 1
    """Where it stands."""


class Base(msgspec.Struct, frozen=True, kw_only=True):
    """What holds where no override says otherwise."""

    toggles: Mapping[str, Toggle] = {}
    """By scope; only those that force something. Not named: ``auto``."""
    hours_max: int = HOURS_MAX
    """An override ends at the latest so many hours after it begins."""


def check_fallback(document: Document, sites: Collection[str], offices: Collection[str]) -> Base | None:
    """What a document says; None, with findings in the document, if it does not do.

    Args:
        document: The file as it was read.
        sites: Those of the rules …
        offices: … and their offices.
    """
    file = validate_whole(document, FallbackFile)
    if file is None:
        return None
    _check_names(document, "sites", file.sites, "site", sites)
    _check_names(document, "offices", file.offices, "office", offices)
    named: dict[str, tuple[Loc, ToggleShape]] = {"national": (("national",), file.national)}
    named.update((f"site:{name}", (("sites", name), shape)) for name, shape in file.sites.items())
    named.update((f"office:{name}", (("offices", name), shape)) for name, shape in file.offices.items())
    for loc, shape in named.values():
        _check_toggle(document, loc, shape)
    if document.findings:
        return None
    return Base(
        toggles={
            scope: _toggle(document, loc, shape)
            for scope, (loc, shape) in named.items()
            if shape.mode != "auto"
        },
        hours_max=file.policy.hours_max,
    )


def _check_names(
    document: Document, section: str, named: Collection[str], what: str, known: Collection[str]
) -> None:
    for name in named:
        if name not in known:
            sentence = f"there is no {what} '{name}' in the rules;{did_you_mean(name, known)}"
            document.complain(document.key_mark((section, name)), sentence)


def _check_toggle(document: Document, loc: Loc, shape: ToggleShape) -> None:
    if shape.mode == "auto":
        if shape.until is not None:
            sentence = "auto is what holds when nobody says otherwise and has no end; remove 'until'."
            document.complain(document.key_mark((*loc, "until")), sentence)
    elif shape.reason is None:
        sentence = f"{shape.mode} needs a 'reason': whoever reads it at night must know why; add it."
        document.complain(document.value_mark((*loc, "mode")), sentence)


def _toggle(document: Document, loc: Loc, shape: ToggleShape) -> Toggle:
    return Toggle(
        mode=OverrideMode(shape.mode),
        reason=shape.reason or "",
        until_ms=_end_ms(shape.until) if shape.until is not None else None,
        line=document.key_mark((*loc, "mode")).line,
    )


def _end_ms(text: str) -> int:
    """The wall milliseconds of a moment of Rome's clock; a day alone ends with its last minute."""
    day, minute = moment_of(text, end=True)
    days, minute = divmod(minute, 24 * 60)
    at = dt.time(minute // 60, minute % 60)
    return round(dt.datetime.combine(day + dt.timedelta(days=days), at, ROME).timestamp() * 1_000)
