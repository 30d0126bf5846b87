"""The configuration over the API: what runs, what would change, and the changes themselves.

Every write names in ``If-Match`` the revision that was looked at; without, or with another, nothing is
changed (412). What is applied are the files on the ACD's own disk.
"""

from __future__ import annotations

from typing import Any

from aiohttp import web

from acd.errors import NotFound, StoreUnavailable
from acd.revisions.differing import in_words
from acd.revisions.touching import touched_in_words
from acd.revisions.wishes import Proposal, Standing, Wish
from acd.runtime.revision_keeper import RevisionKeeper
from acd.web.models import Language, NoBody, NoQuery, shown
from acd.web.problems import PreconditionFailed
from acd.web.revision_forms import (
    ApplyRequest,
    ChangeAnswer,
    ConfigurationAnswer,
    DiffAnswer,
    DiffQuery,
    HistoryAnswer,
    HistoryQuery,
    LanguageQuery,
    ObjectionAnswer,
    RevisionAnswer,
    RevisionFilesAnswer,
    RollbackRequest,
    TouchedAnswer,
)
from acd.web.routes import Ask
from acd.web.tags import if_match, tagged

NUMBER_LENGTH_MAX = 9


async def configuration(ask: Ask[NoQuery, NoBody]) -> web.Response:
    """What runs."""
    keeper = _keeper(ask)
    return await _standing(keeper, keeper.standing())


async def history(ask: Ask[HistoryQuery, NoBody]) -> HistoryAnswer:
    """Revisions, the newest first."""
    found = await ask.desk.store().revisions(limit=ask.query.limit)
    return HistoryAnswer(items=tuple(shown(RevisionAnswer, one) for one in found))


async def revision(ask: Ask[NoQuery, NoBody]) -> RevisionFilesAnswer:
    """One revision with its files."""
    text = ask.request.match_info["revision"]
    is_number = text.isascii() and text.isdigit() and len(text) <= NUMBER_LENGTH_MAX
    found = await ask.desk.store().revision(int(text)) if is_number else None
    if found is None:
        raise NotFound(f"There is no revision {text[:40]!r}; see 'acd history'.")
    return shown(RevisionFilesAnswer, found)


async def diff(ask: Ask[DiffQuery, NoBody]) -> web.Response:
    """What the files on the disk, or an earlier revision, would change."""
    proposal = await _keeper(ask).propose(ask.query.revision)
    return tagged(_diff(proposal, ask.query.lang), proposal.revision)


async def apply(ask: Ask[LanguageQuery, ApplyRequest]) -> web.Response:
    """Put in force what lies on the disk."""
    keeper, body = _keeper(ask), ask.body
    before = keeper.number
    within = body.confirm_within_s
    wish = Wish(
        author=ask.bearer.who,
        reason=body.reason,
        force=body.force,
        expected=_expected(ask),
        digest=body.digest,
        confirm_within_ms=within * 1_000 if within is not None else None,
        lang=ask.query.lang,
    )
    standing = await keeper.apply(wish)
    said = "nothing to change" if standing.number == before and before else _said(wish)
    return await _done(ask, keeper, standing, said)


async def rollback(ask: Ask[LanguageQuery, RollbackRequest]) -> web.Response:
    """Make a new revision that says what an earlier one said."""
    keeper, body = _keeper(ask), ask.body
    ask.noted["target"] = f"revision {body.revision}"
    wish = Wish(
        author=ask.bearer.who,
        reason=body.reason,
        force=body.force,
        expected=_expected(ask),
        lang=ask.query.lang,
    )
    standing = await keeper.rollback(body.revision, wish)
    return await _done(ask, keeper, standing, f"back to {body.revision}; {_said(wish)}")


async def confirm(ask: Ask[LanguageQuery, NoBody]) -> web.Response:
    """Let the present revision stay."""
    keeper = _keeper(ask)
    wish = Wish(author=ask.bearer.who, expected=_expected(ask), lang=ask.query.lang)
    return await _done(ask, keeper, await keeper.confirm(wish), "it stays")


def _keeper(ask: Ask[Any, Any]) -> RevisionKeeper:
    keeper = ask.centre.configuration()
    if keeper is None:
        raise StoreUnavailable("This ACD is a trial: its configuration cannot be changed.")
    return keeper


def _expected(ask: Ask[Any, Any]) -> int | None:
    header = ask.request.headers.get("If-Match")
    if header is None:
        raise PreconditionFailed(
            "If-Match is missing: name the revision you have looked at (the ETag of GET /config), or *."
        )
    return if_match(header, "the configuration")


def _said(wish: Wish) -> str:
    forced = "forced: " if wish.force else ""
    waits = f" (to be confirmed within {wish.confirm_within_ms // 1_000} s)" if wish.confirm_within_ms else ""
    return f"{forced}{wish.reason or 'no reason given'}{waits}"


async def _done(ask: Ask[Any, Any], keeper: RevisionKeeper, standing: Standing, said: str) -> web.Response:
    ask.noted["target"] = f"revision {standing.number}"
    ask.noted["detail"] = said
    return await _standing(keeper, standing)


async def _standing(keeper: RevisionKeeper, standing: Standing) -> web.Response:
    revision = standing.revision
    answer = ConfigurationAnswer(
        number=standing.number,
        revision=shown(RevisionAnswer, revision) if revision is not None else None,
        digest=standing.digest,
        rules=keeper.configuration.read.today.rules.revision,
        refused=standing.refused,
        disk_differs=await keeper.disk_differs(),
    )
    return tagged(answer, standing.number)


def _diff(proposal: Proposal, lang: Language) -> DiffAnswer:
    return DiffAnswer(
        number=proposal.revision,
        digest=proposal.digest,
        same=not proposal.findings and not proposal.changes,
        findings=proposal.findings,
        changes=tuple(
            ChangeAnswer(file=one.file, kind=one.kind, place=one.loc, sentence=in_words(one, lang))
            for one in proposal.changes
        ),
        touched=tuple(
            TouchedAnswer(
                queue=one.queue,
                waiting=one.waiting,
                gained=dict(one.gained),
                lost=dict(one.lost),
                some_not_told=one.some_not_told,
                sentences=touched_in_words(one, lang),
            )
            for one in proposal.touched
        ),
        objections=tuple(
            ObjectionAnswer(guard=one.guard, about=one.about, sentence=one.in_words(lang))
            for one in proposal.objections
        ),
    )
