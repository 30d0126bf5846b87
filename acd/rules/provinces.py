"""The 107 provinces of Italy, from ``data/provinces.csv`` (its origin and licence stand beside it)."""

from __future__ import annotations

import csv
import unicodedata
from functools import cache
from importlib.resources import files

import msgspec

__all__ = ["Province", "office_id", "provinces"]


class Province(msgspec.Struct, frozen=True, kw_only=True):
    """One province, as far as offices, calendars and what stands in need it."""

    sigla: str
    istat_code: str
    name: str
    population: int
    region: str
    latitude: float
    longitude: float
    """Of the centroid, in degrees."""


@cache
def provinces() -> tuple[Province, ...]:
    """Return the 107 provinces, by the name of the province."""
    text = files("acd.rules").joinpath("data/provinces.csv").read_text(encoding="utf-8")
    found = [
        Province(
            sigla=row["province"],
            istat_code=row["istat_code"],
            name=row["name"],
            population=int(row["population"]),
            region=row["region"],
            latitude=float(row["lat"]),
            longitude=float(row["lng"]),
        )
        for row in csv.DictReader(text.splitlines())
    ]
    return tuple(sorted(found, key=office_id))


def office_id(province: Province) -> str:
    """Return the office's id: the name of the province in small letters without accents."""
    plain = unicodedata.normalize("NFD", province.name.lower())
    letters = "".join(letter for letter in plain if not unicodedata.combining(letter))
    return "-".join("".join(letter if letter.isalnum() else " " for letter in letters).split())
