"""Public holidays of Italy, and the patron saint of each province.

They come from the ``holidays`` library, which follows the laws (4 October is a holiday from 2026 on) and
knows 107 provinces and seven cities. ``holidays.yaml`` corrects it: ``added`` and ``dropped`` days, and
``patrons``. Known to need it, with version 0.109:

* FC, BT, PU: the library gives the saints of all the capitals they share; name the city of the office.
* RG: it gives 23 April and 29 August; PG: Assisi's days (11 August, 4 October) instead of 29 January.
* FM, LT, PN, VE: it gives two days, one of them a holiday everywhere; the other closes the office.
* BI, PO: it gives none, for theirs is 26 December, a holiday everywhere.
* BZ: it gives Whit Monday, which is right (provincial law 36 of 1992).

So that no such province slips by, one for which the library does not name exactly one day is refused
until ``holidays.yaml`` says which (`AmbiguousPatron`). A saint on a public holiday is one day.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from functools import lru_cache

import holidays

from acd.rules.calendar_shape import HolidaysFile

__all__ = ["AmbiguousPatron", "HolidayDays"]


class AmbiguousPatron(Exception):
    """The library does not say which one day is that of the patron saint."""

    def __init__(self, province: str, found: Mapping[dt.date, str]) -> None:
        days = " and ".join(f"{day:%d/%m} ({name})" for day, name in sorted(found.items())) or "none"
        self.sentence = (
            f"the patron saint of '{province}' is not sure: the library of holidays knows {days}; "
            "say which in holidays.yaml, under patrons."
        )
        super().__init__(self.sentence)


class HolidayDays:
    """The holidays of some years, asked of the library once."""

    def __init__(self, corrected: HolidaysFile, years: Iterable[int]) -> None:
        self._corrected = corrected
        self._years = tuple(years)
        self._by_law = _ask(None, self._years)
        self._patrons: dict[str, Mapping[dt.date, str]] = {}
        dropped = {dt.date.fromisoformat(day) for day in corrected.dropped}
        added = {dt.date.fromisoformat(day): name for day, name in corrected.added.items()}
        self.national: Mapping[dt.date, str] = {
            day: name for day, name in {**self._by_law, **added}.items() if day not in dropped
        }
        """Day to name."""

    def patron(self, province: str) -> Mapping[dt.date, str]:
        """Return the days of a province's patron saint, with the saint's name.

        Raises:
            AmbiguousPatron: The library names no day or several, and nobody said which.
        """
        if province not in self._patrons:
            self._patrons[province] = self._patron(province)
        return self._patrons[province]

    def _patron(self, province: str) -> Mapping[dt.date, str]:
        told = self._corrected.patrons.get(province)
        if told is not None and told.day is not None:
            return {day: told.name or "" for year in self._years if (day := _in_year(year, told.day))}
        place = told.city if told is not None and told.city is not None else province
        found = self._saints(place)
        for year in self._years:
            of_year = {day: name for day, name in found.items() if day.year == year}
            if len(of_year) != 1:
                raise AmbiguousPatron(province, of_year)
        return found

    def _saints(self, place: str) -> dict[dt.date, str]:
        """What the library celebrates there and not everywhere; it joins the names of one day with ';'."""
        found = {}
        for day, name in _ask(place, self._years).items():
            everywhere = self._by_law.get(day, "").split("; ")
            saints = [one for one in name.split("; ") if one not in everywhere]
            if saints:
                found[day] = "; ".join(saints)
        return found


@lru_cache(maxsize=512)
def _ask(place: str | None, years: tuple[int, ...]) -> Mapping[dt.date, str]:
    return dict(holidays.country_holidays("IT", subdiv=place, years=years, language="it_IT"))


def _in_year(year: int, day_of_year: str) -> dt.date | None:
    month, day = map(int, day_of_year.split("-"))
    return None if (month, day) == (2, 29) and year % 4 else dt.date(year, month, day)
