"""The caller's province by the number."""

from __future__ import annotations

import csv
from importlib import resources

import pytest

from acd.rules.entry_prefixes import area_prefixes, province_of


def _rows() -> list[dict[str, str]]:
    text = resources.files("acd.rules").joinpath("data/prefix_province.csv").read_text("utf-8")
    return list(csv.DictReader(text.splitlines()))


def test_each_of_the_231_prefixes_has_its_heaviest_province():
    """No prefix is lost, none is taken for a shorter one, every share adds up."""
    table = area_prefixes()
    assert len(table) == 231
    for prefix, area in table.items():
        rows = [row for row in _rows() if row["prefix"] == prefix]
        assert abs(sum(float(row["share"]) for row in rows) - 1) < 0.001
        heaviest = max(rows, key=lambda row: float(row["share"]))
        assert (area.province, area.district) == (heaviest["province"], heaviest["district"])
        found = province_of(prefix + "123456")
        assert found is not None
        assert found.prefix == prefix


@pytest.mark.parametrize(
    ("number", "province", "sure"),
    [("0612345678", "RM", True), ("0471123456", "BZ", True), ("0212345678", "MI", True),
     ("0125123456", "TO", False), ("085123456", "PE", False), ("039123456", "MB", False)],
)  # fmt: skip
def test_a_province_is_sure_from_four_fifths_of_the_residents(number, province, sure):
    """Below that it is a guess, worth a question."""
    found = province_of(number)
    assert found is not None
    assert (found.province, found.sure) == (province, sure)


@pytest.mark.parametrize(
    "number", ["3331234567", "", "0", "803164", "0549123456", "5512345678", "0013125551234"]
)
def test_mobile_withheld_foreign_and_toll_free_numbers_have_none(number):
    """San Marino is no province either."""
    assert province_of(number) is None


def test_the_called_number_is_never_a_caller():
    """06164164 begins like Rome, and some trunks show it in the caller's place."""
    assert province_of("06164164", called=("803164", "06164164")) is None
    assert province_of("06164165", called=("803164", "06164164")) is not None


def test_all_107_provinces_can_be_reached():
    """No province is without a prefix of its own or a share in one."""
    assert len({row["province"] for row in _rows()}) == 107
