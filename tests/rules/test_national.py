"""The INPS set and its generated people: complete, coherent, and read in a moment."""

from __future__ import annotations

import datetime as dt
import os
import subprocess
import sys
from collections import Counter
from pathlib import Path
from time import perf_counter

import pytest

from acd.core.ids import CalendarId, QueueId, SiteId, SkillId
from acd.core.policy import Calendar, QueueKind, Roster
from acd.rules import generate_offices, generate_roster
from acd.rules.calendar import ROME
from acd.rules.load import LoadedRules, load_rules
from acd.rules.people import check_people
from acd.rules.provinces import provinces
from acd.rules.reach import least_levels, may_serve, offices_of, sites_of
from acd.rules.roster import parse_roster, read_roster, write_roster
from acd.rules.starvation import starvation_bounds

ROOT = Path(__file__).parents[2]
NATIONAL = ROOT / "routing_rules"
DEMO = NATIONAL / "demo"
TOPICS = (
    "generale",
    "pensioni",
    "famiglia",
    "disoccupazione",
    "invalidita",
    "inclusione",
    "domestico",
    "aziende",
    "dipendenti-pubblici",
    "prenotazioni",
    "credenziali",
)


@pytest.fixture(scope="module")
def loaded() -> LoadedRules:
    return load_rules(NATIONAL)


@pytest.fixture(scope="module")
def people(loaded: LoadedRules) -> Roster:
    return generate_roster.generate_roster(loaded.rules, 3_100, 1)


def test_every_topic_has_an_italian_and_a_german_queue_of_equal_rank(loaded: LoadedRules) -> None:
    """The same thresholds, targets and priority; German is answered in German, or by Bolzano."""
    for topic in TOPICS:
        italian, german = loaded.rules.queues[QueueId(topic)], loaded.rules.queues[QueueId(f"{topic}-de")]
        assert (italian.language, german.language) == ("it", "de")
        fields = ("credit_ms", "discipline", "threshold_ms", "target_ratio", "targets", "ring_s", "kind")
        for field in (*fields, "wait_ms_max", "excludes", "prefers", "calendar"):
            assert getattr(italian, field) == getattr(german, field), (topic, field)
        assert [need.skill for need in german.needs] == [*(need.skill for need in italian.needs), "tedesco"]
        assert offices_of(german) == {"bolzano"}


def test_german_falls_away_only_with_a_yes(loaded: LoadedRules) -> None:
    """No step takes the language from the needs of a queue unless its caller was asked."""
    for queue in loaded.rules.queues.values():
        for step in queue.ladder:
            assert bool(step.waives) == bool(step.consent)
        if queue.language == "de":
            assert queue.ladder[-1].waives == ("tedesco",)
            assert "tedesco" not in {skill for step in queue.ladder for skill in step.levels}


def test_no_call_is_overtaken_for_long(loaded: LoadedRules, people: Roster) -> None:
    """The longest is less than half of the wait, whoever is employed."""
    bounds = starvation_bounds(loaded.rules)
    assert max(bounds.values()) <= 840_000
    told = starvation_bounds(loaded.rules, people)
    assert all(told[queue] <= bound for queue, bound in bounds.items())


def test_every_queue_keeps_the_national_hours(loaded: LoadedRules) -> None:
    """Monday to Friday 8 to 20, Saturday 8 to 14, in summer and in winter."""
    assert {queue.calendar for queue in loaded.rules.queues.values()} == {"nazionale"}
    calendar = load_rules(NATIONAL, dt.date(2026, 9, 1)).rules.calendars[CalendarId("nazionale")]
    hours = {
        "2026-09-07": ("08:00", "20:00"),
        "2026-12-12": ("08:00", "14:00"),
        "2026-12-13": None,
        "2026-12-25": None,
        "2027-03-29": None,
    }
    assert {day: open_on(calendar, day) for day in hours} == hours


def test_each_office_closes_on_the_saint_of_its_province(loaded: LoadedRules) -> None:
    """107 calendars with one weekday less, and at least twenty hours a week."""
    rules = load_rules(NATIONAL, dt.date(2026, 9, 1)).rules
    assert len({office.calendar for office in rules.offices.values()}) == 107
    calendars = {office.province: rules.calendars[office.calendar] for office in rules.offices.values()}
    saints = {
        "MI": "2026-12-07",
        "BZ": "2027-05-17",
        "PG": "2027-01-29",
        "FC": "2027-02-04",
        "PU": "2026-09-24",
    }
    for province, day in saints.items():
        others = [calendar for sigla, calendar in calendars.items() if sigla != province]
        assert open_on(calendars[province], day) is None, province
        assert sum(open_on(calendar, day) is None for calendar in others) < 3, province
    assert open_on(calendars["PG"], "2027-08-11") is not None, "that is the saint of Assisi"
    week = calendars["RM"].spans[4:9]
    assert sum(until - begin for begin, until in week) >= 20 * 3_600_000


def open_on(calendar: Calendar, day: str) -> tuple[str, str] | None:
    """The clock when it opens and closes on a day; None: not at all."""
    found = [
        tuple(dt.datetime.fromtimestamp(end / 1_000, tz=ROME) for end in span) for span in calendar.spans
    ]
    hours = [(f"{a:%H:%M}", f"{b:%H:%M}") for a, b in found if f"{a:%Y-%m-%d}" == day]
    assert len(hours) < 2
    return hours[0] if hours else None


def test_what_the_ladders_reach(loaded: LoadedRules) -> None:
    """Lower levels for topics, volunteers for the queue by default, all sites for bookings in the end."""
    queues = loaded.rules.queues
    assert least_levels(queues[QueueId("pensioni")]) == {"pensioni": 1}
    assert least_levels(queues[QueueId("pensioni-de")]) == {"pensioni": 1}
    assert any(step.volunteers for step in queues[QueueId("generale")].ladder)
    assert sites_of(queues[QueueId("prenotazioni")]) == set(loaded.rules.sites)


def test_every_queue_has_the_three_dated_targets(loaded: LoadedRules) -> None:
    """93.2, 94.5 and 95.9 per cent, one after the other."""
    for queue in loaded.rules.queues.values():
        assert [target.ratio for target in queue.targets] == [0.932, 0.945, 0.959]
        assert queue.target_on("2022-12-31") == 0.9
        assert queue.target_on("2030-01-01") == 0.959


def test_specialists_are_reached_by_agents_alone(loaded: LoadedRules) -> None:
    """Three groups, each with a skill of its own, none of them behind a menu."""
    second = [queue for queue in loaded.rules.queues.values() if queue.kind is QueueKind.SECOND_LEVEL]
    assert [queue.id for queue in second] == ["esperti-pensioni", "esperti-prestazioni", "esperti-contributi"]
    assert len({queue.needs for queue in second}) == 3
    assert not {queue.id for queue in second} & set(loaded.rules.entry.values())


def test_other_languages_are_one_queue_each(loaded: LoadedRules) -> None:
    """And the safety net shipped for Asterisk has a queue for every language."""
    languages = Counter(queue.language for queue in loaded.rules.queues.values())
    assert languages == {"it": 14, "de": 11, "en": 1, "fr": 1, "es": 1, "ar": 1, "pl": 1, "ru": 1}
    net = (ROOT / "config" / "asterisk" / "queues_acd.conf").read_text(encoding="utf-8")
    assert all(f"[acd-net-{language}]" in net for language in languages)


def test_each_province_has_one_office_whose_number_is_nobodys(loaded: LoadedRules) -> None:
    """107 provinces, each once; the numbers are the placeholders they are said to be."""
    offices = loaded.rules.offices.values()
    by_sigla = {province.sigla: province for province in provinces()}
    assert len(by_sigla) == 107
    assert sorted(office.province for office in offices) == sorted(by_sigla)
    for office in offices:
        province = by_sigla[office.province]
        assert office.number == f"99{province.istat_code}001"
        assert office.capacity == max(1, round(province.population / 100_000))
    text = (NATIONAL / "offices.yaml").read_text(encoding="utf-8")
    assert "segnaposto da sostituire" in text
    assert text == generate_offices.generate_offices("trunk")


def test_the_offices_of_the_command_are_those_shipped(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The trunk is told to it; a folder that is not there is told of."""
    assert generate_offices.main(["--trunk", "carrier", "--out", str(tmp_path / "offices.yaml")]) == 0
    assert (tmp_path / "offices.yaml").read_text(encoding="utf-8").count("trunk: carrier\n") == 107
    assert generate_offices.main(["--out", str(tmp_path / "none" / "offices.yaml")]) == 2
    assert "cannot be written" in capsys.readouterr().err


def test_twelve_sites_have_phones_of_their_own(loaded: LoadedRules) -> None:
    """An agent may sit down at any of them."""
    assert len(loaded.rules.sites) == 12
    assert loaded.rules.sites[SiteId("lecce")].has_phone("le200")
    assert not loaded.rules.sites[SiteId("lecce")].has_phone("rm001")


def test_outcomes_and_the_fragile_have_their_names(loaded: LoadedRules) -> None:
    """What the feature codes and the personal codes refer to."""
    codes = {code.id: code.digit for code in loaded.rules.outcome_codes.values()}
    assert codes == {"risolta": "1", "passata": "2", "da-lavorare-in-sede": "3"}
    assert [one.credit_ms for one in loaded.rules.priority_classes.values()] == [600_000]


def test_the_generated_people_fit(loaded: LoadedRules, people: Roster) -> None:
    """3,100 people: every skill held, every queue served, nobody idle."""
    assert len(people.agents) == 3_100
    assert check_people(loaded.rules, people, loaded.entry) == ()
    assert len({agent.code for agent in people.agents.values()}) == 3_100
    assert {agent.site for agent in people.agents.values()} == set(loaded.rules.sites)
    homes = sum(agent.home for agent in people.agents.values())
    assert 1_000 < homes < 1_500
    for field in ("hours", "employer"):
        assert len({getattr(agent, field) for agent in people.agents.values()}) > 1


def test_german_is_spoken_in_bolzano(people: Roster) -> None:
    """By most there and by few elsewhere."""
    speakers = Counter(agent.site for agent in people.agents.values() if SkillId("tedesco") in agent.skills)
    assert speakers[SiteId("bolzano")] > 130
    assert all(count < 20 for site, count in speakers.items() if site != "bolzano")


@pytest.mark.parametrize("count", [2, 3, 12])
def test_a_handful_serves_every_queue(loaded: LoadedRules, count: int) -> None:
    """What chance did not give is given."""
    few = generate_roster.generate_roster(loaded.rules, count, 5)
    agents = few.agents.values()
    assert all(any(may_serve(agent, queue) for agent in agents) for queue in loaded.rules.queues.values())
    assert check_people(loaded.rules, few) == ()


def test_the_command_writes_the_same_bytes_in_every_process(loaded: LoadedRules, tmp_path: Path) -> None:
    """Whatever the hash seed; and what it writes can be imported."""
    for hash_seed in ("1", "2"):
        out = str(tmp_path / hash_seed)
        command = [
            sys.executable,
            "-m",
            "acd.rules.generate_roster",
            "--rules",
            str(NATIONAL),
            "--agents",
            "60",
        ]
        env = {**os.environ, "PYTHONHASHSEED": hash_seed}
        subprocess.run([*command, "--seed", "7", "--out", out], check=True, env=env)
    assert (tmp_path / "1").read_bytes() == (tmp_path / "2").read_bytes()
    assert read_roster(tmp_path / "1", loaded.rules) == generate_roster.generate_roster(loaded.rules, 60, 7)


def test_an_impossible_roster_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Exit status 2 and a sentence."""
    out = str(tmp_path / "out.csv")
    assert generate_roster.main(["--rules", str(NATIONAL), "--agents", "0", "--out", out]) == 2
    assert "ask for 1 to 50000" in capsys.readouterr().err
    assert generate_roster.main(["--rules", str(tmp_path / "none"), "--out", out]) == 2
    assert "there is no such folder of rules" in capsys.readouterr().err


def test_rules_and_people_are_read_in_a_moment(people: Roster) -> None:
    """The whole start reads both; 3,100 lines take less than half a second."""
    text = write_roster(people)
    began = perf_counter()
    loaded = load_rules(NATIONAL)
    read_s = perf_counter() - began
    began = perf_counter()
    roster, findings = parse_roster(text, "people.csv", loaded.rules)
    parsed_s = perf_counter() - began
    assert (roster, findings) == (people, ())
    assert read_s < 2, f"the rules took {read_s:.2f} s"
    assert parsed_s < 0.5, f"3,100 lines took {parsed_s:.2f} s"


def test_the_small_set_and_its_people_fit() -> None:
    """Twelve agents with their codes, on phones of their site."""
    loaded = load_rules(DEMO)
    roster = read_roster(DEMO / "roster.csv", loaded.rules)
    assert list(roster.agents) == [f"a{number:04d}" for number in range(1, 13)]
    assert check_people(loaded.rules, roster, loaded.entry) == ()
    for agent in roster.agents.values():
        assert loaded.rules.sites[agent.site].has_phone(agent.endpoint)
        assert agent.code == f"1{agent.id[2:]}"
