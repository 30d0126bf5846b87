"""Breaks from the screen: may they be so, and what the engine gets of them.

The law has 15 minutes for every 120 unless a contract says otherwise (D.Lgs. 81/2008 art. 175). So a rule
that is less for whoever works takes an agreement, named in the file; a better one needs nobody's word.
"""

from __future__ import annotations

from typing import Final

from acd.core.ids import PauseReasonId
from acd.core.policy import Breaks
from acd.rules.book import Book, check_reference
from acd.rules.breaks_shape import BreaksFile

__all__ = ["check_breaks", "compile_breaks"]

AFTER_S: Final = 7_200
FOR_S: Final = 900
"""What the law has."""


def check_breaks(book: Book) -> None:
    """Complain, in the document, about a reason nobody knows, and about less than the law has."""
    page = book.breaks
    rule = page.content.breaks if page.content is not None else None
    if rule is None:
        return
    reasons = book.pause_reasons
    check_reference(
        page, ("breaks", "reason"), rule.reason, "pause reason", reasons.declared("pause_reasons")
    )
    if reasons.content is not None and rule.reason == reasons.content.missed_reason:
        sentence = f"'{rule.reason}' is for missed calls; a break is no fault, give it a reason of its own."
        page.document.complain(page.document.value_mark(("breaks", "reason")), sentence)
    if rule.early_s > rule.after_s / 2:
        sentence = (
            f"at most half of after_s, {rule.after_s / 2:g}: sooner than that a break would stand at the "
            "beginning of the work, and those do not count (D.Lgs. 81/2008 art. 175)."
        )
        page.document.complain(page.document.value_mark(("breaks", "early_s")), sentence)
    if rule.agreement is not None:
        return
    for key, is_less, least in (
        ("after_s", rule.after_s > AFTER_S, f"at most {AFTER_S}"),
        ("for_s", rule.for_s < FOR_S, f"at least {FOR_S}"),
    ):
        if is_less:
            sentence = f"the law has {least} (D.Lgs. 81/2008 art. 175); name the agreement, or write that."
            page.document.complain(page.document.value_mark(("breaks", key)), sentence)


def compile_breaks(file: BreaksFile) -> Breaks | None:
    """What the engine gets; None: nobody is sent on a break."""
    rule = file.breaks
    if rule is None:
        return None
    return Breaks(
        after_ms=round(rule.after_s * 1_000),
        early_ms=round(rule.early_s * 1_000),
        for_ms=round(rule.for_s * 1_000),
        reason=PauseReasonId(rule.reason),
    )
