"""What is right in every file and would hurt callers is refused, where the change brings it about."""

from __future__ import annotations

import pytest

from acd.core.ids import OfficeId
from acd.core.policy import Roster
from acd.revisions.guarding import Known, objections
from tests.revisions.made import NOW_MS, many, nobody, people
from tests.store.made import line_check

NO_OFFICE = ("queues.yaml", "      - {step: uffici, after_s: 40, offices: [roma]}\n", "      []\n")
DAY_MS = 86_400_000


@pytest.fixture
def against(places):
    """Change files and ask the guards; pairs of guard and whom it is about."""
    before = places.read()

    def ask(*changes, roster: Roster | None = None, **known):
        for change in changes:
            places.change(*change)
        given = Known(now_ms=NOW_MS, roster=people() if roster is None else roster, **known)
        return [(one.guard, one.about) for one in objections(before, places.read(), given)]

    return ask


def test_nothing_speaks_against_a_change_that_hurts_nobody(against):
    """An edit of every day."""
    assert against(("queues.yaml", "ring_s: 15", "ring_s: 20")) == []


# ── a queue without destination ──────────────────────────────────────────────────────────────


def test_a_queue_that_nobody_reaches_and_no_office_helps_is_refused(against):
    """Nobody of the roster is at level 3; the office was its only way."""
    assert against(NO_OFFICE, roster=many(5, "roma", generale=9)) == [("no_destination", ("pensioni",))]


def test_a_queue_that_somebody_reaches_needs_no_office(against):
    """The demo's people suffice."""
    assert against(NO_OFFICE) == []


def test_needs_that_nobody_meets_are_refused_where_there_is_no_office(against):
    """A typing error in a level."""
    needs = ("queues.yaml", "needs: {pensioni: 3}", "needs: {pensioni: 10}")
    assert against(NO_OFFICE, needs) == [("no_destination", ("pensioni",))]


def test_an_office_that_is_forced_off_is_no_destination(against):
    """It will not be asked."""
    off = ("fallback.yaml", "roma: {mode: auto}", 'roma: {mode: forced_off, reason: "the line is down"}')
    found = against(off, roster=nobody())
    assert ("no_destination", ("pensioni",)) in found


def test_what_was_so_before_is_no_reason_to_refuse_what_may_mend_it(places):
    """A roster that is not imported yet hinders no change."""
    places.change(*NO_OFFICE)
    before = places.read()
    places.change("queues.yaml", "ring_s: 15", "ring_s: 20")
    assert objections(before, places.read(), Known(now_ms=NOW_MS, roster=nobody())) == ()


def test_a_new_queue_must_lead_somewhere(against):
    """It could not have been so before."""
    queue = (
        "  nuova:\n    name: Nuova\n    language: it\n    needs: {tedesco: 10, pensioni: 10}\n\n  pensioni:\n"
    )
    assert against(("queues.yaml", "  pensioni:\n", queue)) == [("no_destination", ("nuova",))]


# ── offices that close ───────────────────────────────────────────────────────────────────────


def test_more_than_three_of_ten_offices_do_not_close_at_once(against):
    """One of two is half."""
    off = ("fallback.yaml", "roma: {mode: auto}", 'roma: {mode: forced_off, reason: "the line is down"}')
    assert against(off) == [("closes", ("roma",))]


OFFICE = (
    '  o{n}: {{name: Ufficio {n}, province: RM, number: "9906100{n}", trunk: trunk, capacity: 2{more}}}\n'
)
CALENDAR = """\
calendars:
  chiuso:
    hours: {"mon-sun": ["08:00-13:00"]}
    closings:
      - {from: "2026-03-01", until: "2026-03-20", reason: Lavori}
"""


def _of_ten(places, closed: int, how: str) -> list[str]:
    """Ten offices, of which so many close in this way; what the guards say."""
    lines = [OFFICE.format(n=n, more="") for n in range(8)]
    places.change("offices.yaml", "offices:\n", "offices:\n" + "".join(lines))
    places.file("calendars.yaml").write_text(CALENDAR)
    before = places.read()
    off = '  o{n}: {{mode: forced_off, reason: "closed for the day"}}\n'
    for n in range(closed):
        match how:
            case "removed":
                places.change("offices.yaml", lines[n], "")
            case "no hours":
                places.change("offices.yaml", lines[n], OFFICE.format(n=n, more=", calendar: chiuso"))
            case _:
                places.change("fallback.yaml", "offices:\n", "offices:\n" + off.format(n=n))
    found = objections(before, places.read(), Known(now_ms=NOW_MS, roster=people()))
    return [one.guard for one in found]


@pytest.mark.parametrize("how", ["removed", "forced off", "no hours"])
@pytest.mark.parametrize(("closed", "said"), [(3, []), (4, ["closes"])])
def test_three_of_ten_may_close_and_four_may_not(places, how, closed, said):
    """30 % is the bound, and belongs to what may; no hours in the next seven days is closed."""
    assert _of_ten(places, closed, how) == said


# ── offices that cannot be reached ───────────────────────────────────────────────────────────

TO_BOLZANO = ("queues.yaml", "after_s: 40, offices: [roma]", "after_s: 40, offices: [roma, bolzano]")
FORCED = ("fallback.yaml", "roma: {mode: auto}", 'bolzano: {mode: forced_on, reason: "people stayed on"}')


@pytest.mark.parametrize("change", [TO_BOLZANO, FORCED], ids=["ladder", "forced"])
def test_no_call_is_led_to_an_office_whose_breaker_is_open(against, change):
    """By a ladder or by a toggle."""
    assert against(change, broken=frozenset({OfficeId("bolzano")})) == [("unreachable", ("bolzano",))]


def test_no_call_is_led_to_an_office_whose_rehearsal_failed(against):
    """Busy, wrong, silent; somebody who answers and does not press is a human at least."""
    check = line_check("bolzano", "99047101", result="wrong")
    assert against(TO_BOLZANO, checks=(check,)) == [("unreachable", ("bolzano",))]


@pytest.mark.parametrize(
    "check",
    [
        line_check("bolzano", "99047101", result="answered"),
        line_check("bolzano", "0471000000", result="failed"),
        line_check("roma", "99047101", result="failed"),
    ],
    ids=["answered", "an old number", "another office"],
)
def test_only_what_is_known_of_this_number_counts(against, check):
    """An office that was never tried is not refused."""
    assert against(TO_BOLZANO, checks=(check,)) == []


def test_an_office_that_is_led_to_already_is_no_news(against):
    """The breaker does its work; another edit is not hindered by it."""
    assert against(("queues.yaml", "ring_s: 15", "ring_s: 16"), broken=frozenset({OfficeId("bolzano")})) == []


def test_a_new_number_that_was_found_wrong_is_refused(against):
    """The calls would follow it."""
    number = ("offices.yaml", '"99047101"', '"99047102"')
    check = line_check("bolzano", "99047102", result="no_answer")
    assert against(number, checks=(check,)) == [("unreachable", ("bolzano",))]


def test_an_objection_is_told_in_both_languages(places):
    """With the number that was tried and what it gave."""
    before = places.read()
    places.change(*TO_BOLZANO)
    check = line_check("bolzano", "99047101", result="busy")
    (one,) = objections(before, places.read(), Known(now_ms=NOW_MS, roster=people(), checks=(check,)))
    assert one.in_words("en") == (
        "the office 'bolzano' cannot be reached (the rehearsal of 99047101 found: busy) "
        "and would get the calls of the queue 'pensioni'"
    )
    assert one.in_words("it").startswith("l'ufficio 'bolzano' non è raggiungibile")
