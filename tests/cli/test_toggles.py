"""``acd fallback``: look, explain, switch, and every way it is refused."""

from __future__ import annotations

import json

import pytest

from acd.cli.moments import moment_ms, span_ms
from acd.core.ids import OfficeId, SiteId
from acd.errors import RequestError

WHY = ("--reason", "spegnimento nazionale")
DAY_MS = 86_400_000
NOON = 1_796_122_800_000
"""2026-12-01 12:00 in Rome."""


def test_the_country_is_switched_on_explained_and_left_to_itself_again(run, living):
    """One command each; the sentence says who, until when, why, and what would be without."""
    told = run("fallback", "on", *WHY, "--for", "2h")
    assert told.exit_code == 0, told.output
    assert "Override 1; `acd fallback end 1` takes it back." in told.stderr
    assert told.stdout.startswith("nazionale: on, forced_on da uid:")
    assert told.stdout.endswith("perché «spegnimento nazionale» (override 1); senza: auto direbbe off.\n")
    assert run("fallback", "explain").stdout == told.stdout
    english = run("fallback", "explain", "national", "--lang", "en").stdout
    assert english.startswith("national: on, forced_on by uid:")
    ended = run("fallback", "end", "1")
    assert ended.stdout == "nazionale: off, auto: nessuna transizione in corso.\n"
    assert run("fallback", "end", "1").exit_code == 1


def test_a_site_and_an_office_are_switched_by_name(run, living):
    """on, off and auto take a scope."""
    site, office = (next(iter(living.centre.rules().sites)), next(iter(living.centre.rules().offices)))
    assert run("fallback", "on", f"site:{site}", *WHY, "--for", "30m").exit_code == 0
    assert run("fallback", "off", f"office:{office}", *WHY, "--for", "30m").exit_code == 0
    found = living.centre.fallback().effective().fallback
    assert (found.shares, found.offices) == ({SiteId(site): 0}, {OfficeId(office): False})
    told = run("fallback", "auto", f"office:{office}", *WHY, "--for", "20m")
    assert told.stdout.splitlines()[1].startswith("prende il posto di: override 2, forced_off di uid:")
    assert living.centre.fallback().effective().fallback.offices == {}


def test_the_list_shows_what_is_switched_and_the_overrides(run, living):
    """The country always; who is left to themselves with --all; JSON for programs."""
    empty = run("fallback", "list")
    assert empty.stdout == "nazionale: off, auto: nessuna transizione in corso.\n"
    run("fallback", "on", *WHY, "--for", "2h", "--ticket", "INC-7")
    listed = run("fallback", "list")
    assert listed.exit_code == 0, listed.output
    assert "INC-7" in listed.stdout
    assert "forced_on" in listed.stdout
    assert len(run("fallback", "list", "--all").stdout) > len(listed.stdout)
    found = json.loads(run("fallback", "list", "--json").stdout)
    assert (found["on"], found["items"][0]["override"], found["overrides"][0]["id"]) == (True, 1, 1)


def test_an_override_is_made_longer(run, living):
    """A new one in its place."""
    run("fallback", "on", *WHY, "--for", "1h")
    told = run("fallback", "extend", "1", "--reason", "ci vuole ancora", "--for", "2h")
    assert told.exit_code == 0, told.output
    assert [one.id for one in living.centre.fallback().overrides()] == [2]


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("on", "--for", "1h", "--reason", "boh"), "this has 3: say why"),
        (("on", *WHY), "Say either --for how long or --until when"),
        (("on", *WHY, "--for", "1h", "--until", "14:30"), "Say either --for how long or --until when"),
        (("on", *WHY, "--for", "an hour"), "'an hour' is no length of time: write 90s, 5m, 2h"),
        (("on", *WHY, "--until", "later"), "'later' is no moment"),
        (("on", *WHY, "--until", "2020-01-01 08:00"), "which is over; give a later end"),
        (("on", *WHY, "--for", "25h"), "at most 24 hours"),
        (("on", "site:rooma", *WHY, "--for", "1h"), "did you mean 'roma'?"),
        (("on", "roma", *WHY, "--for", "1h"), "Write national, site:<name> or office:<name>."),
        (("end", "77"), "There is no override 77"),
        (("explain", "site:rooma"), "There is no scope 'site:rooma'"),
    ],
)
def test_what_cannot_be_is_refused_with_a_sentence(run, living, arguments, sentence):
    """Exit 1, and nothing was switched."""
    told = run("fallback", *arguments)
    assert told.exit_code == 1, told.output
    assert sentence in told.stderr.replace("\n", " ")
    assert living.centre.fallback().overrides() == ()


def test_without_a_reason_the_command_is_mistyped(run, living):
    """Exit 2, as for any missing option."""
    assert run("fallback", "on", "--for", "1h").exit_code == 2


def test_while_the_acd_rests_an_override_is_kept_for_its_start(run):
    """The store is written by itself, and read again."""
    told = run("fallback", "on", *WHY, "--for", "2h")
    assert told.exit_code == 0, told.output
    assert "working on" in told.stderr
    assert "(override 1)" in run("fallback", "explain").stdout


def test_the_status_has_the_fallback_in_a_line(run, living):
    """Only when there is something to say."""
    assert "Fallback" not in run("status").stdout
    run("fallback", "on", *WHY, "--for", "2h")
    assert "Fallback  on, by an override until " in run("status").stdout


@pytest.mark.parametrize(
    ("text", "seconds"), [("90s", 90), ("5m", 300), ("2h", 7200), ("1h30m", 5400), ("1d2h", 93_600)]
)
def test_lengths_of_time_are_typed_short(text, seconds):
    """Days, hours, minutes, seconds, in this order."""
    assert span_ms(text) == seconds * 1000


@pytest.mark.parametrize("text", ["", "0m", "5", "m5", "5m2h", "-5m", "1.5h"])
def test_anything_else_is_no_length_of_time(text):
    with pytest.raises(RequestError, match="no length of time"):
        span_ms(text)


def test_moments_are_of_rome():
    """A time alone is today's, even if it is over."""
    assert moment_ms("14:30", NOON) == NOON + 9_000_000
    assert moment_ms("8:00", NOON) == NOON - 14_400_000
    assert moment_ms("2026-12-02 12:00", NOON) == NOON + DAY_MS
    for text in ("25:00", "noon", "2026-13-01 10:00"):
        with pytest.raises(RequestError, match="no moment"):
            moment_ms(text, NOON)
