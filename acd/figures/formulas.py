"""The five service levels: one word, five numbers, so the name of the formula stands beside each.

With A answered, B abandoned, T the queue's threshold, s what counts as a short abandon:

    all_in                    A≤T / (A + B)
    early_abandons_excluded   A≤T / (A + B>T)            the headline unless the settings say otherwise
    early_abandons_good       (A≤T + B≤T) / (A + B)
    short_abandons_excluded   A≤T / (A + B>s)
    answered_only             A≤T / A                    as Asterisk's ServiceLevelPerf

Counted from events instead of ends: a call that has reached T unanswered is missed at once, so a jam shows
while it lasts and not when callers hang up; a call lost or taken by the safety net is missed too, where the
textbook formulas know neither. Once all calls have ended, and none of them so, the numbers are theirs.

A call that an office answers within T is met: sending calls to offices neither hides nor flatters them.

Sources: ICMI, "Service level calculations" (2002); Cisco ICM, service level types (answered, abandoned, or
reached T still waiting).
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Final, NamedTuple

from acd.figures.counts import Counts

__all__ = ["HEADLINE", "Formula", "FormulaWords"]


class FormulaWords(NamedTuple):
    """How a formula is told in one language."""

    title: str
    definition: str
    denominator: str
    """What the calls are divided by, in words."""


class Formula(StrEnum):
    """A service level: which calls count, and which count as good."""

    ALL_IN = "all_in"
    EARLY_ABANDONS_EXCLUDED = "early_abandons_excluded"
    EARLY_ABANDONS_GOOD = "early_abandons_good"
    SHORT_ABANDONS_EXCLUDED = "short_abandons_excluded"
    ANSWERED_ONLY = "answered_only"

    def numerator(self, counts: Counts) -> int:
        """Calls that count as good."""
        if self is Formula.EARLY_ABANDONS_GOOD:
            return counts.met + counts.abandoned_early
        return counts.met

    def denominator(self, counts: Counts) -> int:
        """Calls that count."""
        reached = counts.met + counts.missed
        match self:
            case Formula.ALL_IN | Formula.EARLY_ABANDONS_GOOD:
                return reached + counts.abandoned_early
            case Formula.EARLY_ABANDONS_EXCLUDED:
                return reached
            case Formula.SHORT_ABANDONS_EXCLUDED:
                return reached + counts.abandoned_early - counts.short_counted
            case Formula.ANSWERED_ONLY:
                return counts.met + counts.answered_late

    def ratio(self, counts: Counts) -> float | None:
        """The service level, 0 to 1; None while no call counts."""
        counted = self.denominator(counts)
        return self.numerator(counts) / counted if counted > 0 else None

    def words(self, language: str = "it") -> FormulaWords:
        """Title and definition, Italian unless the language is known (``it``, ``en``)."""
        return WORDS.get(language, WORDS["it"])[self]


HEADLINE: Final = Formula.EARLY_ABANDONS_EXCLUDED
"""What is shown large, unless the settings say otherwise."""

WORDS: Final[Mapping[str, Mapping[Formula, FormulaWords]]] = {
    "it": {
        Formula.ALL_IN: FormulaWords(
            "su tutte le chiamate",
            "Risposte entro la soglia, divise per tutte le chiamate: risposte, perse in attesa, abbandonate.",
            "tutte le chiamate giunte a coda aperta",
        ),
        Formula.EARLY_ABANDONS_EXCLUDED: FormulaWords(
            "senza gli abbandoni entro soglia",
            "Risposte entro la soglia, divise per le chiamate risposte o rimaste in attesa oltre la soglia. "
            "Chi riaggancia prima della soglia non conta.",
            "chiamate risposte o che hanno raggiunto la soglia",
        ),
        Formula.EARLY_ABANDONS_GOOD: FormulaWords(
            "abbandoni entro soglia come positivi",
            "Risposte entro la soglia più abbandoni entro la soglia, diviso per tutte le chiamate.",
            "tutte le chiamate giunte a coda aperta",
        ),
        Formula.SHORT_ABANDONS_EXCLUDED: FormulaWords(
            "senza gli abbandoni brevi",
            "Risposte entro la soglia, divise per tutte le chiamate meno quelle riagganciate entro pochi "
            "secondi (short_abandon_s della coda).",
            "tutte le chiamate giunte a coda aperta, meno gli abbandoni brevi",
        ),
        Formula.ANSWERED_ONLY: FormulaWords(
            "solo sulle risposte",
            "Risposte entro la soglia, divise per le risposte. Chi abbandona non conta: in una giornata "
            "difficile è il numero più benevolo.",
            "chiamate risposte",
        ),
    },
    "en": {
        Formula.ALL_IN: FormulaWords(
            "all calls",
            "Answered within the threshold, by all calls: answered, lost while waiting, abandoned.",
            "all calls that found the queue open",
        ),
        Formula.EARLY_ABANDONS_EXCLUDED: FormulaWords(
            "early abandons excluded",
            "Answered within the threshold, by calls answered or still waiting at the threshold. "
            "Who hangs up before the threshold does not count.",
            "calls answered or that reached the threshold",
        ),
        Formula.EARLY_ABANDONS_GOOD: FormulaWords(
            "early abandons counted as good",
            "Answered within the threshold plus abandoned within it, by all calls.",
            "all calls that found the queue open",
        ),
        Formula.SHORT_ABANDONS_EXCLUDED: FormulaWords(
            "short abandons excluded",
            "Answered within the threshold, by all calls less those hung up within a few seconds "
            "(the queue's short_abandon_s).",
            "all calls that found the queue open, less short abandons",
        ),
        Formula.ANSWERED_ONLY: FormulaWords(
            "answered calls only",
            "Answered within the threshold, by calls answered. Who gives up does not count: on a bad day "
            "this is the kindest number.",
            "calls answered",
        ),
    },
}
