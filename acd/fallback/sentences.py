"""What is in force and why, as a sentence in Italian or English.

One form for all: *scope: value, mode by whom, until when, because; without it who would say what.* A moment
of today is told by its time alone. Modes (``auto``, ``forced_on``, ``forced_off``) and values (``on``,
``off``) are in both languages the words of the file and of the command line: who reads them can type them.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Final, Literal

import msgspec

from acd.fallback.base import FILE
from acd.fallback.resolving import Auto, Decision, Effective, Source, TransitionNow, Value, Voice, Word
from acd.fallback.scopes import NATIONAL, OFFICE, SITE, split_scope
from acd.rules.calendar import ROME
from acd.store.records import Override, OverrideMode

__all__ = ["Language", "moment_told", "named", "overlap_told", "sentence", "value_told"]

Language = Literal["it", "en"]

_MONTHS: Final[Mapping[Language, tuple[str, ...]]] = {
    "it": (
        "gennaio",
        "febbraio",
        "marzo",
        "aprile",
        "maggio",
        "giugno",
        "luglio",
        "agosto",
        "settembre",
        "ottobre",
        "novembre",
        "dicembre",
    ),
    "en": (
        "January",
        "February",
        "March",
        "April",
        "May",
        "June",
        "July",
        "August",
        "September",
        "October",
        "November",
        "December",
    ),
}


class Words(msgspec.Struct, frozen=True, kw_only=True):
    """One language."""

    kinds: Mapping[str, str]
    """What each kind of scope is called, with its name."""
    values: Mapping[tuple[str, Word], str]
    """Kind of scope and value; what is not here is told by the value's own word."""
    by: str
    in_file: str
    until: str
    on_day: str
    because: str
    override: str
    ticket: str
    without: str
    would_say: str
    by_transition: str
    no_transition: str
    by_hours: str
    by_site: str
    of_country: str
    idle: str
    in_place_of: str
    again: str


_WORDS: Final[Mapping[Language, Words]] = {
    "it": Words(
        kinds={NATIONAL: "nazionale", SITE: "sede {}", OFFICE: "ufficio {}"},
        values={
            (SITE, Word.ON): "on (gli uffici al posto dei suoi operatori)",
            (SITE, Word.OFF): "off (rispondono i suoi operatori)",
            (SITE, Word.SHARE): "{share} % (di ogni 100 chiamate nuove {share} prima ai suoi operatori)",
            (OFFICE, Word.ON): "on (chiamato comunque)",
            (OFFICE, Word.OFF): "off (mai chiamato)",
            (OFFICE, Word.OPEN): "aperto",
            (OFFICE, Word.CLOSED): "chiuso",
            (OFFICE, Word.RESTING): "a riposo (non rispondeva)",
        },
        by="{mode} da {who}",
        in_file="{mode} in {file}, riga {line}",
        until="fino alle {}",
        on_day="{time} del {day}",
        because="perché «{}»",
        override="override {}",
        ticket="ticket {}",
        without="senza: {}",
        would_say="{who} direbbe {what}",
        by_transition="la transizione, fase {phase}, passo {step}",
        no_transition="nessuna transizione in corso",
        by_hours="orario e salute dell'ufficio",
        by_site="per la {site}",
        of_country="nazionale, ",
        idle="il {mode} della sede non ha effetto finché il nazionale è forced_off",
        in_place_of="prende il posto di: override {id}, {mode} di {who} fino alle {until}",
        again="che torna a valere se questo finisce prima",
    ),
    "en": Words(
        kinds={NATIONAL: "national", SITE: "site {}", OFFICE: "office {}"},
        values={
            (SITE, Word.ON): "on (offices in the place of its agents)",
            (SITE, Word.OFF): "off (its agents answer)",
            (SITE, Word.SHARE): "{share} % (of every 100 new calls {share} go to its agents first)",
            (OFFICE, Word.ON): "on (called in any case)",
            (OFFICE, Word.OFF): "off (never called)",
            (OFFICE, Word.RESTING): "resting (it did not answer)",
        },
        by="{mode} by {who}",
        in_file="{mode} in {file}, line {line}",
        until="until {}",
        on_day="{time} on {day}",
        because="because “{}”",
        override="override {}",
        ticket="ticket {}",
        without="without it: {}",
        would_say="{who} would say {what}",
        by_transition="the transition, phase {phase}, step {step}",
        no_transition="no transition is running",
        by_hours="the office's hours and health",
        by_site="for {site}",
        of_country="national, ",
        idle="the site's {mode} has no effect while the country is forced_off",
        in_place_of="takes the place of: override {id}, {mode} by {who} until {until}",
        again="which counts again if this one ends first",
    ),
}


def sentence(decision: Decision, effective: Effective, language: Language) -> str:
    """Say what is in force for a scope, the one voice that decides it, and what would be without that."""
    words = _WORDS[language]
    parts = [_voice_told(decision.by, decision, effective, language)]
    if decision.filled is not None:
        parts[0] += f": {_auto_told(decision.filled, effective.transition, words)}"
    if decision.without is not None:
        would = _would_say(decision.without, decision.scope, words)
        parts.append(words.without.format(would))
    if decision.idle is not None:
        parts.append(words.idle.format(mode=decision.idle.mode))
    what = value_told(decision.value, decision.scope, language)
    return f"{named(decision.scope, language)}: {what}, {'; '.join(parts)}."


def named(scope: str, language: Language) -> str:
    """A scope, as people call it."""
    kind, name = split_scope(scope)
    return _WORDS[language].kinds[kind].format(name)


def value_told(value: Value, scope: str, language: Language) -> str:
    """A value, with what it means for who has to live with it."""
    kind, _ = split_scope(scope)
    return _WORDS[language].values.get((kind, value.word), value.word.value).format(share=value.share)


def moment_told(ms: int, now_ms: int, language: Language) -> str:
    """A moment: its time, and its day if that is not today."""
    at, now = (dt.datetime.fromtimestamp(each / 1000, ROME) for each in (ms, now_ms))
    if at.date() == now.date():
        return f"{at:%H:%M}"
    day = f"{at.day} {_MONTHS[language][at.month - 1]}"
    if at.year != now.year:
        day = f"{day} {at.year}"
    return _WORDS[language].on_day.format(time=f"{at:%H:%M}", day=day)


def overlap_told(over: Override, now_ms: int, language: Language) -> str:
    """Say of which older override a new one takes the place."""
    words = _WORDS[language]
    until = moment_told(over.until_ms, now_ms, language)
    told = words.in_place_of.format(id=over.id, mode=over.mode, who=over.author, until=until)
    return f"{told}, {words.again}"


def _voice_told(voice: Voice, decision: Decision, effective: Effective, language: Language) -> str:
    words = _WORDS[language]
    if voice.source in {Source.TRANSITION, Source.HOURS}:
        return f"auto: {_auto_told(voice, effective.transition, words)}"
    told = [_toggle_told(voice, words)]
    if voice.scope != decision.scope:
        if voice.scope == NATIONAL:
            told[0] = words.of_country + told[0]
        else:
            told[0] += " " + words.by_site.format(site=named(voice.scope, language))
    if voice.until_ms is not None:
        told.append(words.until.format(moment_told(voice.until_ms, effective.at_ms, language)))
    if voice.reason:
        told.append(words.because.format(voice.reason))
    if voice.override is not None:
        marks = [words.override.format(voice.override.id)]
        if voice.override.ticket:
            marks.append(words.ticket.format(voice.override.ticket))
        told.append(f"({', '.join(marks)})")
    return " ".join(told)


def _toggle_told(voice: Voice, words: Words) -> str:
    """Who says it: a person's override or a line of the file."""
    if voice.override is not None:
        return words.by.format(mode=voice.mode, who=voice.override.author)
    return words.in_file.format(mode=voice.mode, file=FILE, line=voice.line)


def _auto_told(voice: Voice, transition: TransitionNow, words: Words) -> str:
    """What stands behind ``auto``."""
    match voice.source:
        case Source.HOURS:
            return words.by_hours
        case Source.TRANSITION if transition.phase:
            return words.by_transition.format(phase=transition.phase, step=transition.step)
        case Source.TRANSITION:
            return words.no_transition
        case _:
            kind, name = split_scope(voice.scope)
            return f"{words.kinds[kind].format(name)}, {_toggle_told(voice, words)}"


def _would_say(auto: Auto, scope: str, words: Words) -> str:
    who = "auto"
    if auto.by.mode is not OverrideMode.AUTO:
        place = words.of_country if auto.by.scope == NATIONAL and scope != NATIONAL else ""
        who = place + _toggle_told(auto.by, words)
        if auto.by.override is not None:
            who = f"{who} ({words.override.format(auto.by.override.id)})"
    return words.would_say.format(who=who, what=_plain(auto.value))


def _plain(value: Value) -> str:
    return f"{value.share} %" if value.word is Word.SHARE else value.word.value
