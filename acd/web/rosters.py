"""The roster as a whole: read it page by page or as CSV, and replace it by a file.

Every read carries the revision as ``ETag``; a write with ``If-Match`` happens only to that revision. Without
it the write is still made against the very revision the file was compared with: nobody's change is lost
between reading and writing. Reading 3,100 lines takes a while, so it happens beside the loop.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Final

from aiohttp import web

from acd.core.policy import Roster, RosterChange, RuleSet
from acd.errors import Conflict
from acd.rules.roster import check_people, describe, difference, parse_roster, write_roster
from acd.store.records import RosterState
from acd.web.answers import Finding, ImportAnswer, RosterAnswer, RosterEntry
from acd.web.models import ImportQuery, NoBody, NoQuery, PageQuery, RosterText, shown
from acd.web.pages import page_by_id
from acd.web.problems import PreconditionFailed, RosterWrong
from acd.web.routes import CSV, Ask
from acd.web.tags import if_match, tagged

FINDINGS_MAX: Final = 1000
"""A file of the wrong kind is wrong in every line."""


async def roster(ask: Ask[PageQuery, NoBody]) -> web.Response:
    """The roster, page by page."""
    state = ask.centre.roster()
    agents = sorted(state.roster.agents.values(), key=lambda agent: agent.id)
    found, after = page_by_id(agents, lambda agent: agent.id, ask.query)
    items = tuple(shown(RosterEntry, agent) for agent in found)
    return tagged(RosterAnswer(items=items, next=after, revision=state.revision), state.revision)


async def roster_csv(ask: Ask[NoQuery, NoBody]) -> web.Response:
    """The roster as a file that can be imported again."""
    state = ask.centre.roster()
    text = await asyncio.to_thread(write_roster, state.roster)
    answer = web.Response(text=text, content_type=CSV, charset="utf-8")
    answer.headers["ETag"] = f'"{state.revision}"'
    answer.headers["Content-Disposition"] = 'attachment; filename="roster.csv"'
    return answer


async def take_roster(ask: Ask[ImportQuery, RosterText]) -> web.Response:
    """Replace the roster by a file, whole or not at all."""
    rules, state = ask.centre.rules(), ask.centre.roster()
    expected = if_match(ask.request.headers.get("If-Match"), "the roster")
    if expected not in {None, state.revision}:
        raise PreconditionFailed(f"The roster has revision {state.revision}, not {expected}.")
    profiles = ask.centre.opt_ins().rules.profiles
    change, answer = await asyncio.to_thread(_compare, ask.body.text, ask.query, rules, state, profiles)
    ask.noted["target"] = "roster"
    ask.noted["detail"] = (
        f"{'dry run: ' if answer.dry_run else ''}"
        f"{answer.added} added, {answer.changed} changed, {answer.removed} removed"
    )
    if answer.dry_run or not (change.upserts or change.removed):
        return tagged(answer, state.revision)
    try:
        revision = await ask.centre.change_roster(change, expected=state.revision)
    except Conflict as error:
        raise (PreconditionFailed if expected is not None else Conflict)(
            "Somebody changed the roster while this file was read; nothing of it was taken."
        ) from error
    return tagged(answer.model_copy(update={"revision": revision}), revision)


def _compare(
    text: str,
    query: ImportQuery,
    rules: RuleSet,
    state: RosterState,
    profiles: Mapping[str, object],
) -> tuple[RosterChange, ImportAnswer]:
    """What the file changes. Pure; runs beside the loop."""
    old = state.roster
    new, wrong = parse_roster(text, "roster.csv", rules, old, remove_missing=query.remove_missing)
    if wrong:
        told = wrong[:FINDINGS_MAX]
        findings = [Finding(line=one.line, column=one.column, sentence=one.sentence) for one in told]
        many = "one mistake" if len(wrong) == 1 else f"{len(wrong)} mistakes"
        raise RosterWrong(f"The file has {many}; nothing of it was taken.", findings)
    change = difference(old, new, remove_missing=query.remove_missing)
    after = {name: one for name, one in old.agents.items() if name not in set(change.removed)}
    after.update({one.id: one for one in change.upserts})
    changed = sum(one.id in old.agents for one in change.upserts)
    return change, ImportAnswer(
        revision=state.revision,
        dry_run=query.dry_run,
        added=len(change.upserts) - changed,
        changed=changed,
        removed=len(change.removed),
        findings=(),
        people=check_people(rules, Roster(agents=after), profiles=profiles),
        lines=describe(old, change),
    )
