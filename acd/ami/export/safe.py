"""The alphabets of what may stand in an exported line; everything else is refused.

A dialplan line is code: a comma is the next argument, ``${`` a variable, a line break the next
command. The rules hold none of these (`acd.rules.entry_shape` and `acd.rules.schema` refuse them),
and this is the second lock: a value that does not fit its alphabet ends the export.
"""

from __future__ import annotations

import re
from typing import Final

from acd.errors import UnsafeValue

__all__ = [
    "country",
    "digit",
    "endpoint",
    "language",
    "name",
    "number",
    "province",
    "revision",
    "sound",
    "whole",
]

_NAME: Final = re.compile(r"[a-z0-9][a-z0-9-]{0,79}")
_NUMBER: Final = re.compile(r"\+?[0-9]{2,20}")
_ENDPOINT: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._+-]{0,63}")
_LANGUAGE: Final = re.compile(r"[a-z]{2}")
_CAPITALS: Final = re.compile(r"[A-Z]{2}")
_DIGIT: Final = re.compile(r"[0-9]")
_SOUND: Final = re.compile(r"[A-Za-z0-9_-]+(/[A-Za-z0-9_-]+)*")
_REVISION: Final = re.compile(r"[0-9a-f]{8,64}")


def _fitting(pattern: re.Pattern[str], text: str, what: str) -> str:
    if pattern.fullmatch(text) is None:
        raise UnsafeValue(f"{text[:40]!r} cannot stand in a dialplan as {what}; nothing was written.")
    return text


def name(text: str) -> str:
    """Return the id of a queue, menu or prompt."""
    return _fitting(_NAME, text, "a name")


def number(text: str) -> str:
    """Return a number as it is called or dialled."""
    return _fitting(_NUMBER, text, "a number")


def endpoint(text: str) -> str:
    """Return the name of a trunk."""
    return _fitting(_ENDPOINT, text, "a trunk")


def language(text: str) -> str:
    """Return a language, two small letters."""
    return _fitting(_LANGUAGE, text, "a language")


def province(text: str) -> str:
    """Return a province, two capitals."""
    return _fitting(_CAPITALS, text, "a province")


def country(text: str) -> str:
    """Return a country, two capitals."""
    return _fitting(_CAPITALS, text, "a country")


def digit(text: str) -> str:
    """Return a key."""
    return _fitting(_DIGIT, text, "a key")


def revision(text: str) -> str:
    """Return a revision, in hexadecimal."""
    return _fitting(_REVISION, text, "a revision")


def sound(text: str) -> str:
    """Return the name of a sound file below Asterisk's sounds."""
    return _fitting(_SOUND, text, "a sound")


def whole(value: int) -> str:
    """Return a count or a time as digits."""
    return _fitting(re.compile(r"[0-9]{1,9}"), str(value), "a whole number")
