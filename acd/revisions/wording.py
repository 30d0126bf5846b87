"""Changes and refusals in plain sentences, Italian and English: one table for each, with the same keys.

Keys of the files stand as they are written there, for that is what people edit; only what is said of them is
translated. A test compares the tables.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, Literal

__all__ = ["NOUNS", "TEXTS", "Language", "noun", "say"]

Language = Literal["it", "en"]

TEXTS: Final[Mapping[str, Mapping[str, str]]] = {
    "en": {
        "new": "{what}: new{with_}",
        "gone": "{what}: removed",
        "changed": "{what}: {before} → {after}",
        "order": "{what}: another order: {after}",
        "cases": "worked cases in {file}: changed",
        "layout": "{file}: only comments or layout",
        "yes": "yes",
        "no": "no",
        "nothing": "nothing",
        "with": " ({fields})",
        "waiting": "queue '{queue}': {waiting} waiting now",
        "gained": "queue '{queue}': newly reaches {groups}",
        "lost": "queue '{queue}': no longer reaches {groups}",
        "group": "{count} of {site}",
        "group.other": "{count} of other sites",
        "few": "queue '{queue}': reaches others, too few for a number",
        "no_destination": "the queue '{queue}' would have no destination: "
        "nobody in the roster reaches it, and it names no office that may be asked",
        "closes": "{closed} of {all} offices would close ({offices}): more than {percent} % at once",
        "unreachable": "the office '{office}' cannot be reached ({why}) and would get {who}",
        "who.queue": "the calls of the queue '{queue}'",
        "who.forced": "calls at any time, for it would be forced on",
        "who.number": "calls at a number that is new",
        "why.breaker": "its line is left alone, for too many calls failed there",
        "why.check": "the rehearsal of {number} found: {result}",
        "refused": "Refused, and nothing was changed: {why}. It can be forced, with a reason.",
        "reason": "A change that is forced needs a reason of at least {least} characters.",
        "pending": "Revision {number} waits to be confirmed: confirm it or roll it back first.",
        "no_store": "This ACD runs without a store: it keeps no revisions.",
        "no_revision": "There is no revision {number}; see 'acd history'.",
        "is_newest": "Revision {number} says the same as what runs; nothing was changed.",
        "stale": "The configuration is at revision {newest}, not {expected}: look at it again.",
        "stale_disk": "The files on the disk have changed since you looked: look at them again.",
    },
    "it": {
        "new": "{what}: nuovo{with_}",
        "gone": "{what}: tolto",
        "changed": "{what}: {before} → {after}",
        "order": "{what}: altro ordine: {after}",
        "cases": "casi di prova in {file}: cambiati",
        "layout": "{file}: solo commenti o impaginazione",
        "yes": "sì",
        "no": "no",
        "nothing": "niente",
        "with": " ({fields})",
        "waiting": "coda '{queue}': {waiting} in attesa ora",
        "gained": "coda '{queue}': ora raggiunge anche {groups}",
        "lost": "coda '{queue}': non raggiunge più {groups}",
        "group": "{count} di {site}",
        "group.other": "{count} di altre sedi",
        "few": "coda '{queue}': raggiunge altri, troppo pochi per un numero",
        "no_destination": "la coda '{queue}' resterebbe senza destinazione: "
        "nessuno in anagrafica la serve e non indica un ufficio a cui chiedere",
        "closes": "chiuderebbero {closed} uffici su {all} ({offices}): più del {percent} % insieme",
        "unreachable": "l'ufficio '{office}' non è raggiungibile ({why}) e riceverebbe {who}",
        "who.queue": "le chiamate della coda '{queue}'",
        "who.forced": "chiamate a ogni ora, perché sarebbe forzato",
        "who.number": "chiamate a un numero nuovo",
        "why.breaker": "la sua linea è esclusa, troppe chiamate lì sono fallite",
        "why.check": "la prova di {number} ha dato: {result}",
        "refused": "Rifiutato, nulla è cambiato: {why}. Si può forzare, con un motivo.",
        "reason": "Una modifica forzata vuole un motivo di almeno {least} caratteri.",
        "pending": "La revisione {number} attende conferma: prima confermarla o annullarla.",
        "no_store": "Questo ACD gira senza archivio: non conserva revisioni.",
        "no_revision": "La revisione {number} non esiste; vedi 'acd history'.",
        "is_newest": "La revisione {number} dice ciò che è già in vigore; nulla è cambiato.",
        "stale": "La configurazione è alla revisione {newest}, non {expected}: rileggerla.",
        "stale_disk": "I file su disco sono cambiati da quando sono stati letti: rileggerli.",
    },
}

NOUNS: Final[Mapping[str, Mapping[str, str]]] = {
    "en": {
        "skills": "skill",
        "sites": "site",
        "offices": "office",
        "trunks": "trunk",
        "health": "health of the lines",
        "pause_reasons": "pause reason",
        "missed_reason": "reason of who misses calls",
        "priority_classes": "priority class",
        "outcome_codes": "outcome code",
        "holidays": "holidays",
        "calendars": "calendar",
        "bands": "bands",
        "queues": "queue",
        "entry": "called number",
        "prompts": "prompt",
        "timings": "timings",
        "affinity": "affinity",
        "ladder": "step",
        "phases": "phase",
        "stand_in": "stand-in times",
        "breaks": "breaks",
        "fallback.national": "national fallback",
        "fallback.sites": "fallback of site",
        "fallback.offices": "fallback of office",
        "fallback.policy": "rules of overrides",
        "privacy": "privacy",
        "goals.goals": "goal of the service from",
        "goals.emergencies": "declared emergency",
        "goals.measure": "what the goals speak of",
        "goals.repeat_days": "days within which a call is a repeat",
        "goals.solved": "codes of a settled question",
    },
    "it": {
        "skills": "competenza",
        "sites": "sede",
        "offices": "ufficio",
        "trunks": "fascio",
        "health": "salute delle linee",
        "pause_reasons": "motivo di pausa",
        "missed_reason": "motivo di chi non risponde",
        "priority_classes": "classe di priorità",
        "outcome_codes": "esito",
        "holidays": "festività",
        "calendars": "calendario",
        "bands": "fasce",
        "queues": "coda",
        "entry": "numero chiamato",
        "prompts": "annuncio",
        "timings": "tempi",
        "affinity": "affinità",
        "ladder": "passo",
        "phases": "fase",
        "stand_in": "tempi di supplenza",
        "breaks": "pause",
        "fallback.national": "fallback nazionale",
        "fallback.sites": "fallback della sede",
        "fallback.offices": "fallback dell'ufficio",
        "fallback.policy": "regole delle forzature",
        "privacy": "privacy",
        "goals.goals": "obiettivo del servizio dal",
        "goals.emergencies": "emergenza dichiarata",
        "goals.measure": "misura degli obiettivi",
        "goals.repeat_days": "giorni entro cui una chiamata è ripetuta",
        "goals.solved": "esiti di una domanda risolta",
    },
}
"""What a section of a file holds; a section that is not named here is called as it is written."""


def say(lang: Language, text: str, /, **places: Any) -> str:
    """One sentence."""
    return TEXTS[lang][text].format(**places)


def noun(lang: Language, section: str) -> str:
    """How one thing of a section is called."""
    return NOUNS[lang].get(section, section)
