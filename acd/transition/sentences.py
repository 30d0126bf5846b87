"""What each row of the guards says, in Italian and English; the words in braces are the condition's."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, NamedTuple

__all__ = ["SENTENCES", "Said"]


class Said(NamedTuple):
    """One sentence."""

    it: str
    en: str


SENTENCES: Final[Mapping[str, Said]] = {
    "no_phases": Said(
        it="le regole non hanno fasi",
        en="the rules have no phases",
    ),
    "due_not_ready": Said(
        it="è ora di iniziare, ma le linee non sono pronte: {why}",
        en="it is time to start, but the lines are not ready: {why}",
    ),
    "due": Said(
        it="è l'ora di inizio della prima fase",
        en="it is time for the first phase",
    ),
    "not_started": Said(
        it="il passaggio non è in corso",
        en="the transition does not run",
    ),
    "lost": Said(
        it="le regole in vigore non hanno più la fase {phase}",
        en="the rules in force have lost the phase {phase}",
    ),
    "by_hand": Said(
        it="nella fase {phase} decide una persona",
        en="in the phase {phase} a person decides",
    ),
    "few_calls": Said(
        it="nessuna coda ha avuto {calls} chiamate negli ultimi minuti",
        en="no queue has had {calls} calls in the last minutes",
    ),
    "just_moved": Said(
        it="il passo è appena iniziato: si guarda fra {left}",
        en="the step has just begun: it is looked at in {left}",
    ),
    "nothing_before": Said(
        it="va male, ma questo è il primo passo: più indietro non si va",
        en="it goes badly, but this is the first step: there is none before it",
    ),
    "no_offices": Said(
        it="va male, ma risponde il {healthy} degli uffici aperti (minimo {least}): indietro non c'è nessuno",
        en="it goes badly, but {healthy} of the open offices answer (at least {least}): nobody to go back to",
    ),
    "badly_answered": Said(
        it="nella coda {queue} risponde il {answered} delle chiamate, meno del {least}",
        en="in the queue {queue} {answered} of the calls are answered, less than {least}",
    ),
    "badly_waited": Said(
        it="nella coda {queue} si attendono in media {wait} s, più di {most}",
        en="in the queue {queue} the mean wait is {wait} s, more than {most}",
    ),
    "agents_gone": Said(
        it="per questo passo servono {wanted} operatori collegati e non ci sono",
        en="this step wants {wanted} agents logged in, and they are not there",
    ),
    "young": Said(
        it="va bene; il passo dura almeno altri {left}",
        en="it goes well; the step lasts {left} more at least",
    ),
    "rests": Said(
        it="dopo un passo indietro si aspetta ancora {left}",
        en="after a step back it rests for {left} more",
    ),
    "complete": Said(
        it="è l'ultimo passo: una persona chiude il passaggio",
        en="this is the last step: a person finishes the transition",
    ),
    "next_by_hand": Said(
        it="la fase {phase} la inizia una persona",
        en="a person begins the phase {phase}",
    ),
    "next_later": Said(
        it="la fase {phase} inizia più tardi",
        en="the phase {phase} begins later",
    ),
    "answered_short": Said(
        it="nella coda {queue} risponde il {answered} delle chiamate, per avanzare serve il {least}",
        en="in the queue {queue} {answered} of the calls are answered; to go on {least} are wanted",
    ),
    "waits_long": Said(
        it="nella coda {queue} si attendono in media {wait} s, per avanzare al più {most}",
        en="in the queue {queue} the mean wait is {wait} s; to go on {most} at most",
    ),
    "offices_sick": Said(
        it="risponde il {healthy} degli uffici aperti, per avanzare serve il {least}",
        en="{healthy} of the open offices answer; to go on {least} are wanted",
    ),
    "agents_few": Said(
        it="per il prossimo passo servono {wanted} operatori collegati",
        en="the next step wants {wanted} agents logged in",
    ),
    "all_well": Said(
        it="tutte le condizioni per avanzare sono soddisfatte",
        en="all that is wanted to go on holds",
    ),
}
"""By the name of the row in `acd.transition.deciding`."""
