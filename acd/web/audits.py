"""Reading the audit, which is itself audited."""

from __future__ import annotations

import re
from typing import Final

from acd.web.answers import AuditAnswer, AuditRowAnswer, VerdictAnswer
from acd.web.models import NoBody, NoQuery, PageQuery, shown
from acd.web.pages import page_of
from acd.web.problems import CursorGone
from acd.web.routes import Ask

_NUMBER: Final = re.compile("[0-9]{1,15}")


async def audit(ask: Ask[PageQuery, NoBody]) -> AuditAnswer:
    """Entries of the audit, oldest first."""
    after = ask.query.after or "0"
    if _NUMBER.fullmatch(after) is None:
        raise CursorGone("The cursor names no entry of the audit.")
    rows = await ask.desk.store().audit(after=int(after), limit=ask.query.limit + 1)
    found, cursor = page_of(rows, lambda row: str(row.seq), ask.query.limit)
    return AuditAnswer(items=tuple(shown(AuditRowAnswer, row) for row in found), next=cursor)


async def verify(ask: Ask[NoQuery, NoBody]) -> VerdictAnswer:
    """Go through the whole chain."""
    return shown(VerdictAnswer, await ask.desk.store().verify_audit())
