"""When a closed queue opens, in words: one whole sentence for each day of the week and hour.

Nobody writes these prompts: they follow from the calendars. A sentence spoken in one piece is understood
better than one put together of "Monday" and "eight", least of all by somebody on a bad line, and a recording
of it can replace the synthetic voice like any other (``opens-mon-0800``). A queue that opens at two or three
different hours needs a dozen or two of them.

On the day itself the sentence says *today*; before that it names the day of the week, which is clear for six
days (`acd.core.policy.Calendar.told_of_opening`). Before that the caller is told that the queue is closed,
and no day. Languages that have no words here hear Italian.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Iterator
from typing import Final

import msgspec

from acd.core.policy import Calendar, Opening, RuleSet
from acd.rules.calendar import ROME
from acd.rules.calendar_shape import DAYS
from acd.rules.entry import EntryPlan, Prompt

__all__ = ["OPENS_PROMPT", "sounds_of_prompts", "with_openings"]

OPENS_PROMPT: Final = "opens-{}-{:02}{:02}"
"""Day (``mon`` … ``sun``, ``today``), hour, minute."""
TODAY: Final = len(DAYS)
ITALIAN: Final = "it"

Moment = tuple[int, int, int]
"""Day of the week (0 is Monday) or `TODAY`, hour, minute."""


def with_openings(rules: RuleSet, plan: EntryPlan) -> tuple[RuleSet, EntryPlan]:
    """Add to the calendars of queues how each opening is told, and to the plan what tells it.

    The revision of the plan stays: the dialplan plays none of these.
    """
    used = dict.fromkeys(queue.calendar for queue in rules.queues.values() if queue.calendar is not None)
    told = {name: _told(rules.calendars[name]) for name in used if name in rules.calendars}
    moments = sorted({moment for calendar in told.values() for moment in _moments(calendar)})
    languages = tuple(dict.fromkeys(queue.language for queue in rules.queues.values()))
    spoken = {prompt.id: prompt for prompt in _prompts(moments, languages)}
    plan = msgspec.structs.replace(plan, prompts={**plan.prompts, **spoken})
    rules = msgspec.structs.replace(
        rules, calendars={**rules.calendars, **told}, sounds=sounds_of_prompts(plan.prompts.values())
    )
    return rules, plan


def sounds_of_prompts(prompts: Iterable[Prompt]) -> dict[str, dict[str, tuple[str, ...]]]:
    """Return what plays each prompt, by the caller's language; empty for any other language."""
    return {prompt.id: dict(_sounds(prompt)) for prompt in prompts}


def _sounds(prompt: Prompt) -> Iterator[tuple[str, tuple[str, ...]]]:
    if prompt.in_turn:
        yield "", tuple(f"acd/{language}/{prompt.id}" for language in prompt.in_turn)
        return
    for language in prompt.texts:
        yield language, (f"acd/{language}/{prompt.id}",)
    any_other = ITALIAN if ITALIAN in prompt.texts else next(iter(prompt.texts))
    yield "", (f"acd/{any_other}/{prompt.id}",)


# ── which ────────────────────────────────────────────────────────────────────────────────────


def _told(calendar: Calendar) -> Calendar:
    openings = tuple(_opening(begin_ms) for begin_ms, _ in calendar.spans)
    return msgspec.structs.replace(calendar, openings=openings)


def _opening(begin_ms: int) -> Opening:
    at = _in_rome(begin_ms)
    midnight = dt.datetime(at.year, at.month, at.day, tzinfo=ROME)
    return Opening(
        day_ms=round(midnight.timestamp() * 1_000),
        today=_id_of((TODAY, at.hour, at.minute)),
        week=_id_of((at.weekday(), at.hour, at.minute)),
    )


def _moments(calendar: Calendar) -> Iterator[Moment]:
    for begin_ms, _ in calendar.spans:
        at = _in_rome(begin_ms)
        yield at.weekday(), at.hour, at.minute
        yield TODAY, at.hour, at.minute


def _id_of(moment: Moment) -> str:
    day, hour, minute = moment
    return OPENS_PROMPT.format("today" if day == TODAY else DAYS[day], hour, minute)


def _in_rome(at_ms: int) -> dt.datetime:
    return dt.datetime.fromtimestamp(at_ms / 1_000, tz=ROME)


def _prompts(moments: Iterable[Moment], languages: Iterable[str]) -> Iterator[Prompt]:
    spoken = [language for language in languages if language in WORDS] or [ITALIAN]
    for moment in moments:
        yield Prompt(id=_id_of(moment), texts={language: WORDS[language](*moment) for language in spoken})


# ── in words ─────────────────────────────────────────────────────────────────────────────────
# Each gets a moment.


def _italian(day: int, hour: int, minute: int) -> str:
    days = ("lunedì", "martedì", "mercoledì", "giovedì", "venerdì", "sabato", "domenica", "oggi")
    if hour == 0:
        at = f"dalla mezzanotte{f' e {minute}' if minute else ''}"
    else:
        begin = "dall'una" if hour == 1 else f"dalle {hour}"
        at = f"{begin} e {minute}" if minute else begin
    return f"Gli operatori rispondono di nuovo {days[day]} {at}."


def _german(day: int, hour: int, minute: int) -> str:
    days = ("Montag", "Dienstag", "Mittwoch", "Donnerstag", "Freitag", "Samstag", "Sonntag", "heute")
    at = f"{hour} Uhr {minute}" if minute else f"{hour} Uhr"
    begin = "heute ab" if day == len(days) - 1 else f"am {days[day]} ab"
    return f"Unsere Mitarbeiter antworten wieder {begin} {at}."


def _english(day: int, hour: int, minute: int) -> str:
    days = ("on Monday", "on Tuesday", "on Wednesday", "on Thursday", "on Friday", "on Saturday", "on Sunday")
    when = "today" if day == len(days) else days[day]
    half = "a.m." if hour < 12 else "p.m."
    clock = f"{(hour + 11) % 12 + 1}:{minute:02}" if minute else f"{(hour + 11) % 12 + 1}"
    return f"Our operators will answer again {when} from {clock} {half}"


def _french(day: int, hour: int, minute: int) -> str:
    days = ("lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi", "dimanche", "aujourd'hui")
    at = f"{hour} heure{'' if hour < 2 else 's'}{f' {minute}' if minute else ''}"
    return f"Nos opérateurs répondront à nouveau {days[day]} à partir de {at}."


def _spanish(day: int, hour: int, minute: int) -> str:
    week = ("lunes", "martes", "miércoles", "jueves", "viernes", "sábado", "domingo")
    when = "hoy" if day == len(week) else f"el {week[day]}"
    at = f"{'la' if hour == 1 else 'las'} {hour}{f' y {minute}' if minute else ''}"
    return f"Nuestros operadores responderán de nuevo {when} a partir de {at}."


def _arabic(day: int, hour: int, minute: int) -> str:
    week = ("الاثنين", "الثلاثاء", "الأربعاء", "الخميس", "الجمعة", "السبت", "الأحد")
    when = "اليوم" if day == len(week) else f"يوم {week[day]}"
    at = f"الساعة {hour}{f' و{minute} دقيقة' if minute else ''}"
    return f"سيجيب الموظفون من جديد {when} ابتداء من {at}."


def _polish(day: int, hour: int, minute: int) -> str:
    week = ("w poniedziałek", "we wtorek", "w środę", "w czwartek", "w piątek", "w sobotę", "w niedzielę")
    when = "dzisiaj" if day == len(week) else week[day]
    return f"Pracownicy odpowiedzą ponownie {when} od godziny {hour}:{minute:02}."


def _russian(day: int, hour: int, minute: int) -> str:
    week = ("понедельник", "вторник", "среду", "четверг", "пятницу", "субботу", "воскресенье")
    when = "сегодня" if day == len(week) else f"{'во' if day == 1 else 'в'} {week[day]}"
    of_hours = "часа" if hour in {1, 21} else "часов"
    minutes = f" {minute} минут" if minute else ""
    return f"Операторы снова ответят {when} с {hour} {of_hours}{minutes}."  # noqa: RUF001  # Russian


WORDS: Final[dict[str, Callable[[int, int, int], str]]] = {
    "it": _italian,
    "de": _german,
    "en": _english,
    "fr": _french,
    "es": _spanish,
    "ar": _arabic,
    "pl": _polish,
    "ru": _russian,
}
