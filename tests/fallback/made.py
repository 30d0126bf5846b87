"""Toggles for the tests: a small country, its file, overrides by hand."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping

from acd.core.ids import OfficeId, SiteId
from acd.fallback.base import Base, check_fallback
from acd.fallback.resolving import Effective, Standing, TransitionNow, resolve
from acd.rules.calendar import ROME
from acd.rules.document import Document
from acd.rules.reading import read_document
from acd.rules.sources import KeptPath
from acd.store.records import Override, OverrideMode

SITES = (SiteId("bari"), SiteId("lecce"), SiteId("roma"))
OFFICES = {OfficeId("aosta"): Standing(), OfficeId("udine"): Standing(open=False)}
AUTO, ON, OFF = OverrideMode.AUTO, OverrideMode.FORCED_ON, OverrideMode.FORCED_OFF


def at(text: str) -> int:
    """The wall milliseconds of a moment of Rome's clock, on 1 December 2026 if no day is given."""
    day, _, time = text.rpartition(" ")
    moment = dt.datetime.fromisoformat(f"{day or '2026-12-01'} {time}").replace(tzinfo=ROME)
    return round(moment.timestamp() * 1000)


NOW = at("08:00")


def override(number: int, scope: str, mode: OverrideMode, **more: object) -> Override:
    """One that lives from an hour before NOW to an hour after."""
    fields: dict[str, object] = {
        "reason": f"the reason number {number}",
        "author": f"token:somebody-{number}",
        "from_ms": NOW - 3_600_000,
        "until_ms": NOW + 3_600_000,
        "made_ms": NOW - 3_600_000,
    }
    return Override(id=number, scope=scope, mode=mode, **{**fields, **more})  # type: ignore[arg-type]  # a test


def document(text: str) -> Document:
    """The file with this text."""
    return read_document(KeptPath({"fallback.yaml": text.encode()}, "fallback.yaml", "fallback.yaml"))


def base(text: str) -> Base:
    """What a good file says."""
    found = document(text)
    said = check_fallback(found, SITES, [*OFFICES])
    assert said is not None, [str(one) for one in found.findings]
    return said


def effective(
    *overrides: Override,
    file: str = "",
    transition: TransitionNow | None = None,
    now_ms: int = NOW,
    offices: Mapping[OfficeId, Standing] = OFFICES,
) -> Effective:
    """What it all comes to."""
    said = base(file) if file else Base()
    return resolve(said, overrides, transition or TransitionNow(), SITES, offices, now_ms)
