"""The sentences about slots, Italian and English. One table for each language, with the same keys."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

__all__ = ["TEXTS", "sentence"]

TEXTS: Final[Mapping[str, Mapping[str, str]]] = {
    "it": {
        "times": "Il turno finisce prima di cominciare, o dura più di un giorno: corregga gli orari.",
        "length": "Il turno dura {hours} ore: ne può durare da {least} a {most}.",
        "past": "Il turno è già cominciato: si accetta prima, non dopo.",
        "ahead": "Il turno è troppo lontano: si accetta al più {days} giorni prima.",
        "office": "L'ufficio «{office}» non esiste: indichi il Suo.",
        "overlap": "Il turno si sovrappone a un altro già accettato, dalle {begin} alle {end}.",
        "home_overtime": "Straordinario e lavoro da casa nello stesso giorno ({day}): non è ammesso.",
        "night": "Il turno tocca le ore fra le {begins} e le {ends}, in cui non si lavora.",
        "rest": "Fra questo turno e quello del {day} restano {hours} ore di riposo: ne servono {least}.",
        "contract_hours.week": "Nella settimana del {day} le ore ordinarie sarebbero {hours}: il contratto"
        " ne prevede {most}.",
        "contract_hours.day": "Il {day} le ore ordinarie sarebbero {hours}: il contratto ne prevede {most}.",
        "contract_hours.overtime": "Nella settimana del {day} lo straordinario sarebbe di {hours} ore: il"
        " contratto ne prevede {most}.",
    },
    "en": {
        "times": "The slot ends before it begins, or lasts more than a day: correct its times.",
        "length": "The slot lasts {hours} hours: it can last from {least} to {most}.",
        "past": "The slot has begun already: slots are accepted before, not after.",
        "ahead": "The slot is too far ahead: it can be accepted at most {days} days before.",
        "office": "There is no office '{office}': name yours.",
        "overlap": "The slot overlaps another that was accepted, from {begin} to {end}.",
        "home_overtime": "Overtime and work from home on the same day ({day}): that is not allowed.",
        "night": "The slot touches the hours from {begins} to {ends}, in which nobody works.",
        "rest": "Between this slot and that of {day} there are {hours} hours of rest: it takes {least}.",
        "contract_hours.week": "In the week of {day} there would be {hours} ordinary hours: the contract has"
        " {most}.",
        "contract_hours.day": "On {day} there would be {hours} ordinary hours: the contract has {most}.",
        "contract_hours.overtime": "In the week of {day} there would be {hours} hours of overtime: the"
        " contract has {most}.",
    },
}


def sentence(key: str, language: str, **places: object) -> str:
    """One sentence."""
    return TEXTS[language][key].format(**places)
