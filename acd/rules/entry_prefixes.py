"""Which province a caller calls from, as far as the number tells.

A landline's number begins with an area prefix (two to four digits, the longest that fits counts),
and most prefixes lie in one province. Some do not: then the province where most of their residents
live is a guess, and it is a **sure** one only from `SURE_SHARE` on. An unsure one is worth a
question where a menu asks; where none does, the heaviest province is taken: an office of the next
province is better than no office.

No province have: a withheld number, a mobile (3…), a nomadic or toll-free number, a number from
abroad, and our own called numbers, which some trunks show instead of a caller.

The table and its licences: ``data/`` beside this file.
"""

from __future__ import annotations

import csv
import functools
from collections.abc import Collection, Mapping
from importlib import resources
from typing import Final

import msgspec

__all__ = ["SURE_SHARE", "AreaPrefix", "area_prefixes", "province_of"]

SURE_SHARE: Final = 0.8

PREFIX_DIGITS_MAX: Final = 4

DIGITS_AFTER_MIN: Final = 2
"""So many digits must follow a prefix to make a number of it."""


class AreaPrefix(msgspec.Struct, frozen=True, kw_only=True):
    """One area prefix and the province most of its residents live in."""

    prefix: str
    district: str
    province: str
    share: float

    @property
    def sure(self) -> bool:
        """Whether the province needs no question."""
        return self.share >= SURE_SHARE


@functools.cache
def area_prefixes() -> Mapping[str, AreaPrefix]:
    """Return every prefix, in the order of the digits."""
    text = resources.files("acd.rules").joinpath("data/prefix_province.csv").read_text("utf-8")
    heaviest: dict[str, AreaPrefix] = {}
    for row in csv.DictReader(text.splitlines()):
        share = float(row["share"])
        known = heaviest.get(row["prefix"])
        if known is None or share > known.share:
            heaviest[row["prefix"]] = AreaPrefix(
                prefix=row["prefix"], district=row["district"], province=row["province"], share=share
            )
    return {prefix: heaviest[prefix] for prefix in sorted(heaviest)}


def province_of(number: str, called: Collection[str] = ()) -> AreaPrefix | None:
    """Return the prefix of a caller's national number; None when it tells no province."""
    if number in called:
        return None
    table = area_prefixes()
    for length in range(min(PREFIX_DIGITS_MAX, len(number) - DIGITS_AFTER_MIN), 1, -1):
        found = table.get(number[:length])
        if found is not None:
            return found
    return None
