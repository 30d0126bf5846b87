"""What callers of a closed queue are told of its next opening, in each language, as one sentence."""

from __future__ import annotations

import datetime as dt

import msgspec
import pytest

from acd.core.policy import Calendar, Queue, RuleSet
from acd.rules.calendar import ROME
from acd.rules.entry import EntryPlan, Prompt
from acd.rules.opening_words import TODAY, WORDS, with_openings


def ms(text: str) -> int:
    return round(dt.datetime.fromisoformat(text).replace(tzinfo=ROME).timestamp() * 1_000)


CALENDAR = Calendar(
    id="ore",
    spans=(
        (ms("2026-10-23 08:00"), ms("2026-10-23 14:30")),
        (ms("2026-10-26 08:00"), ms("2026-10-26 20:00")),  # the clock was set on the 25th
        (ms("2026-11-10 14:30"), ms("2026-11-10 20:00")),
    ),
    known_until_ms=ms("2027-01-01 00:00"),
)


def queue(name: str, language: str, calendar: str | None) -> Queue:
    return Queue(id=name, name=name, language=language, needs=(), calendar=calendar)


QUEUES = [queue("generale", "it", "ore"), queue("tedesco", "de", "ore"), queue("altro", "xx", None)]
RULES = RuleSet(
    revision="r",
    queues={each.id: each for each in QUEUES},
    skills={},
    sites={},
    offices={},
    pause_reasons={},
    entry={},
    queue_by_default="generale",
    missed_reason="",
    calendars={"ore": CALENDAR, "uffici": msgspec.structs.replace(CALENDAR, id="uffici")},
)
PLAN = EntryPlan(
    revision="p",
    doors={},
    menus={},
    prompts={
        "closed": Prompt(id="closed", texts={"de": "Geschlossen.", "it": "Chiuso."}),
        "ciao": Prompt(id="ciao", texts={"it": "Ciao.", "de": "Hallo."}, in_turn=("it", "de")),
        "consenso": Prompt(id="consenso", texts={"de": "Wenn Sie …"}),
    },
)


@pytest.mark.parametrize(
    ("at", "told"),
    [
        ("2026-10-23 07:59", "opens-today-0800"),
        ("2026-10-22 23:59", "opens-fri-0800"),
        ("2026-10-23 14:30", "opens-mon-0800"),
        ("2026-10-26 00:00", "opens-today-0800"),
        ("2026-10-26 20:00", ""),  # two weeks: no day of the week says it
        ("2026-11-03 23:00", ""),
        ("2026-11-04 01:00", "opens-tue-1430"),
        ("2026-11-10 21:00", ""),  # not known
    ],
)
def test_a_day_is_named_when_its_name_means_no_other(at: str, told: str):
    """Today, else the day of the week within six days, else none."""
    rules, _ = with_openings(RULES, PLAN)
    assert rules.calendars["ore"].told_of_opening(ms(at)) == told


def test_a_sentence_is_there_for_each_moment_a_queue_opens_in_the_languages_of_queues():
    """A calendar of offices alone needs none; a language without words hears Italian."""
    rules, plan = with_openings(RULES, PLAN)
    opens = {name: prompt.texts for name, prompt in plan.prompts.items() if name.startswith("opens")}
    assert set(opens) == {
        "opens-mon-0800",
        "opens-tue-1430",
        "opens-fri-0800",
        "opens-today-0800",
        "opens-today-1430",
    }
    assert all(set(texts) == {"it", "de"} for texts in opens.values())
    assert rules.calendars["uffici"].openings == ()
    assert plan.revision == "p", "the dialplan plays none of them"
    assert rules.sounds["opens-mon-0800"] == {
        "it": ("acd/it/opens-mon-0800",),
        "de": ("acd/de/opens-mon-0800",),
        "": ("acd/it/opens-mon-0800",),
    }


def test_prompts_play_in_the_callers_language_or_in_turn_to_everybody():
    """Without Italian the first language is for any other."""
    rules, _ = with_openings(RULES, PLAN)
    assert rules.sounds["ciao"] == {"": ("acd/it/ciao", "acd/de/ciao")}
    assert rules.sounds["consenso"] == {"de": ("acd/de/consenso",), "": ("acd/de/consenso",)}


@pytest.mark.parametrize(
    ("language", "sentence"),
    [
        ("it", "Gli operatori rispondono di nuovo martedì dalle 8."),
        ("de", "Unsere Mitarbeiter antworten wieder am Dienstag ab 8 Uhr."),
        ("en", "Our operators will answer again on Tuesday from 8 a.m."),
        ("fr", "Nos opérateurs répondront à nouveau mardi à partir de 8 heures."),
        ("es", "Nuestros operadores responderán de nuevo el martes a partir de las 8."),
        ("ar", "سيجيب الموظفون من جديد يوم الثلاثاء ابتداء من الساعة 8."),
        ("pl", "Pracownicy odpowiedzą ponownie we wtorek od godziny 8:00."),
        ("ru", "Операторы снова ответят во вторник с 8 часов."),  # noqa: RUF001  # Russian
    ],
)
def test_the_sentence_of_each_language(language: str, sentence: str):
    assert WORDS[language](1, 8, 0) == sentence


def test_odd_hours_are_said_as_people_say_them():
    """One o'clock, midnight, noon, half past, today."""
    assert WORDS["it"](6, 1, 0).endswith("domenica dall'una.")
    assert WORDS["it"](0, 0, 0).endswith("lunedì dalla mezzanotte.")
    assert WORDS["it"](TODAY, 14, 30).endswith("oggi dalle 14 e 30.")
    assert WORDS["en"](TODAY, 12, 5).endswith("today from 12:05 p.m.")
    assert WORDS["en"](2, 0, 0).endswith("on Wednesday from 12 a.m.")
    assert WORDS["de"](TODAY, 8, 30).endswith("heute ab 8 Uhr 30.")
    assert WORDS["es"](5, 1, 15).endswith("el sábado a partir de la 1 y 15.")
    assert WORDS["fr"](5, 1, 0).endswith("samedi à partir de 1 heure.")
    assert WORDS["pl"](TODAY, 8, 5).endswith("dzisiaj od godziny 8:05.")
    assert WORDS["ru"](3, 21, 0).endswith("в четверг с 21 часа.")  # noqa: RUF001  # Russian


def test_every_language_has_every_day_and_hour():
    """No day, no hour breaks a sentence, and no two moments are told alike."""
    for say in WORDS.values():
        told = {
            say(day, hour, minute) for day in range(TODAY + 1) for hour in range(24) for minute in (0, 30)
        }
        assert len(told) == (TODAY + 1) * 24 * 2
        assert all(sentence.endswith(".") for sentence in told)
