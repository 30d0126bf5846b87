"""Tokens of people and programs, and personal codes of callers.

A token's secret is made here, shown in the one answer, and kept by nobody; its digest goes to the store and,
from that moment, opens what its role allows. A revoked one opens nothing from the answer on, and ends the
streams it had open; for this process even where the disk will not take that. Personal codes
are hashed on the way in (``Centre.hash_code``).
"""

from __future__ import annotations

import datetime as dt
import secrets
from typing import Final
from zoneinfo import ZoneInfo

from acd.core.ids import AgentId, PriorityClassId, SiteId
from acd.errors import Conflict, NotFound, StoreUnavailable
from acd.store.records import PersonalCode, TokenRecord
from acd.web.answers import CodesAnswer, NewTokenAnswer, TokenAnswer, TokensAnswer
from acd.web.bearers import digest, new_secret
from acd.web.models import CodesRequest, NoBody, NoQuery, PageQuery, TokenRequest, shown
from acd.web.pages import page_in_order
from acd.web.routes import Ask, Desk, no_agent

DAY_MS: Final = 86_400_000
ROME: Final = ZoneInfo("Europe/Rome")


async def tokens(ask: Ask[PageQuery, NoBody]) -> TokensAnswer:
    """Every token of the store, without secrets."""
    records = await ask.desk.store().tokens()
    found, after = page_in_order(records, lambda record: record.id, ask.query)
    return TokensAnswer(items=tuple(shown(TokenAnswer, record) for record in found), next=after)


async def make_token(ask: Ask[NoQuery, TokenRequest]) -> NewTokenAnswer:
    """Make a token and show its secret."""
    wanted, desk = ask.body, ask.desk
    ask.noted["target"] = f"token {wanted.name}"
    _check_token(ask)
    secret, now_ms = new_secret(), desk.clock.now_ms()
    record = TokenRecord(
        id=secrets.token_hex(6),
        name=wanted.name,
        role=wanted.role,
        sha256=digest(secret),
        sites=tuple(SiteId(site) for site in wanted.sites),
        agent=AgentId(wanted.agent) if wanted.agent is not None else None,
        created_ms=now_ms,
        expires_ms=now_ms + wanted.days * DAY_MS,
    )
    store = desk.store()
    await desk.bearers.read(store, desk.clock)
    await store.add_token(record)
    desk.bearers.put(record)
    whose = f" of {record.agent}" if record.agent is not None else ""
    ask.noted["detail"] = f"id {record.id}, role {record.role}{whose}, {wanted.days} days"
    return NewTokenAnswer(token=shown(TokenAnswer, record), secret=secret)


def _check_token(ask: Ask[NoQuery, TokenRequest]) -> None:
    wanted, centre = ask.body, ask.centre
    if wanted.agent is not None and centre.agent(AgentId(wanted.agent)) is None:
        raise no_agent(wanted.agent)
    unknown = [site for site in wanted.sites if site not in centre.rules().sites]
    if unknown:
        raise NotFound(f"There is no site {unknown[0]!r} in the rules.")
    if ask.desk.bearers.is_machine(wanted.name):
        raise Conflict(f"A token of the settings is named {wanted.name!r} already; choose another name.")


async def revoke_token(ask: Ask[NoQuery, NoBody]) -> TokenAnswer:
    """Let a token open nothing from now on."""
    desk, token_id = ask.desk, ask.request.match_info["token"]
    store = desk.store()
    await desk.bearers.read(store, desk.clock)
    try:
        record = await store.revoke_token(token_id, desk.clock.now_ms())
    except StoreUnavailable as error:
        if not desk.bearers.close(token_id, desk.clock.now_ms()):
            raise
        _end_streams(desk, token_id)
        raise StoreUnavailable(
            f"{error} Until the ACD starts again the token opens nothing; revoke it again for good."
        ) from error
    desk.bearers.put(record)
    _end_streams(desk, record.id)
    ask.noted["target"] = f"token {record.name}"
    ask.noted["detail"] = f"id {record.id}"
    return shown(TokenAnswer, record)


def _end_streams(desk: Desk, token_id: str) -> None:
    for streams in desk.all_streams:
        streams.end_token(token_id)


async def put_codes(ask: Ask[NoQuery, CodesRequest]) -> CodesAnswer:
    """Keep personal codes, as keyed hashes."""
    wanted, centre = ask.body, ask.centre
    ask.noted["target"] = f"class {wanted.priority_class}"
    if wanted.priority_class not in centre.rules().priority_classes:
        raise NotFound(f"There is no priority class {wanted.priority_class!r} in the rules.")
    expires_ms = _end_of(wanted.expires)
    if expires_ms <= ask.desk.clock.now_ms():
        raise Conflict(f"These codes would be good until {wanted.expires}, which is over.")
    codes: dict[str, PersonalCode] = {}
    for code in wanted.codes:
        hashed = centre.hash_code(code)
        if hashed is None:
            raise Conflict("There are no personal codes without 'store: hash_key' in the settings.")
        kind = PriorityClassId(wanted.priority_class)
        codes[hashed] = PersonalCode(hash=hashed, priority_class=kind, expires_ms=expires_ms)
    total = await centre.put_codes(tuple(codes.values()))
    ask.noted["detail"] = f"{len(codes)} codes, good until {wanted.expires}"
    return CodesAnswer(kept=len(codes), total=total)


def _end_of(day: dt.date) -> int:
    """The end of a day in Rome."""
    try:
        end = dt.datetime.combine(day + dt.timedelta(days=1), dt.time(), ROME)
    except OverflowError:
        raise Conflict(f"{day} is too far away.") from None
    return int(end.timestamp() * 1000)
