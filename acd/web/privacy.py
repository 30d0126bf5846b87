"""The privacy profile in force, what is removed by hand, and the transparency sheet.

The sheet is for those whom it concerns: any token opens it, an agent's too.
"""

from __future__ import annotations

import asyncio

from acd.runtime.retention import HOUR_MS, KINDS, Removed, deadlines, purge, told
from acd.transparency.html import html
from acd.transparency.markdown import markdown
from acd.transparency.sheet import Issue, write_sheet
from acd.web.models import NoBody, NoQuery, shown
from acd.web.privacy_forms import (
    PrivacyAnswer,
    PurgeAnswer,
    PurgeRequest,
    RemovedAnswer,
    SheetAnswer,
    SheetQuery,
)
from acd.web.routes import Ask

__all__ = ["remove", "sheet", "show"]


async def show(ask: Ask[NoQuery, NoBody]) -> PrivacyAnswer:
    """Give the profile in force."""
    return shown(PrivacyAnswer, ask.centre.privacy())


async def remove(ask: Ask[NoQuery, PurgeRequest]) -> PurgeAnswer:
    """Remove what is older, for good; the audit has kinds and numbers even where the disk fails half-way."""
    wanted, now_ms = ask.body, ask.desk.clock.now_ms()
    due = deadlines(ask.centre.privacy(), now_ms)
    if wanted.older_than_hours is not None:
        due = dict.fromkeys(KINDS, now_ms - wanted.older_than_hours * HOUR_MS)
    kinds = wanted.kinds or KINDS
    ask.noted["target"] = " ".join(kind for kind in KINDS if kind in kinds)
    done: list[Removed] = []
    try:
        before_ms = {kind: due[kind] for kind in KINDS if kind in kinds}
        await purge(ask.desk.store(), ask.centre.forget_journal, before_ms, done)
    finally:
        age = f"older than {wanted.older_than_hours} h" if wanted.older_than_hours else "older than allowed"
        ask.noted["detail"] = f"{age}: {told(done) or 'nothing'}"
    return PurgeAnswer(items=tuple(shown(RemovedAnswer, one) for one in done))


async def sheet(ask: Ask[SheetQuery, NoBody]) -> SheetAnswer:
    """Write the transparency sheet of the rules in force."""
    centre = ask.centre
    rules, privacy, issue = centre.rules(), centre.privacy(), _issue(ask)
    write = html if ask.query.form == "html" else markdown
    text = await asyncio.to_thread(lambda: write(write_sheet(rules, privacy, issue)))
    return SheetAnswer(number=issue.number, digest=issue.digest, rules=rules.revision, text=text)


def _issue(ask: Ask[SheetQuery, NoBody]) -> Issue:
    keeper = ask.centre.configuration()
    revision = keeper.standing().revision if keeper is not None else None
    if revision is None:
        return Issue()
    return Issue(number=revision.number, digest=revision.digest, made_ms=revision.made_ms)
