"""The one place that builds things: settings and rules in, a running centre out, an orderly stop.

A planned stop (SIGTERM, SIGINT) first takes no more requests, then lets each node extend its lease, so
that callers stay where they are while a new process starts, logs off, and writes what the store still
holds in memory. A failure of the engine ends the process with exit status 70 at once and extends
nothing: within ten seconds the dialplan looks after the callers. SIGHUP has the files applied that lie on
the disk, as `acd apply` does.
"""

from __future__ import annotations

import asyncio
import os
import signal
from typing import Final

import structlog

from acd.centre import RunningCentre
from acd.core.policy import Roster
from acd.metrics.sites import SiteNames
from acd.queue_log.observer import QueueLog
from acd.revisions.starting import Started, start
from acd.rules.exercise import exercise_of, the_day
from acd.rules.roster import check_people
from acd.rules.settings import Settings
from acd.runtime.call_log import CallLog
from acd.runtime.clock import SystemClock
from acd.runtime.memory import settle_memory
from acd.runtime.notify import Supervisor
from acd.runtime.ports import Clock
from acd.runtime.revision_keeper import RevisionKeeper
from acd.runtime.switches import Given
from acd.store.records import RosterState
from acd.store.sql import SqlStore, open_store
from acd.web.app import build_api, build_metrics_app
from acd.web.bearers import Bearers
from acd.web.serve import Server, serve, tls_context

__all__ = ["ENGINE_FAILED", "serve_until_told", "write_down"]

ENGINE_FAILED = 70
"""Exit status after a defect of the engine (EX_SOFTWARE)."""

STEPS_KNOWN: Final = 200
"""Steps of the transition that a start reads: for when it last began and stepped back."""

log = structlog.get_logger(__name__)


async def serve_until_told(settings: Settings) -> int:
    """Run a centre with its API and metrics until SIGTERM or SIGINT; returns the exit status.

    Raises:
        ConfigError: There is no configuration that could be run (`acd.revisions.starting`).
        StoreUnavailable: The store cannot be opened.
    """
    told = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, told.set)
    clock = SystemClock()
    store = await open_store(settings.store, clock) if settings.store is not None else None
    try:
        started = await start(settings, store, clock.now_ms(), the_day(settings.exercise))
        centre = await _build(settings, started, store, clock)
        keeper = RevisionKeeper(settings, started, centre)
        centre.changed_by(keeper)
        loop.add_signal_handler(signal.SIGHUP, keeper.ask)
        return await _serve(settings, centre, keeper, told)
    finally:
        if store is not None:
            await store.close()


async def _build(settings: Settings, started: Started, store: SqlStore | None, clock: Clock) -> RunningCentre:
    """The centre with the people, logins, codes and toggles that the store remembers."""
    configuration = started.configuration
    loaded, privacy = configuration.read.today, configuration.privacy
    given = Given(toggles=configuration.fallback, plan=loaded.transition, volunteering=loaded.volunteering)
    if store is None:
        log.warning("store.absent")
        nobody = RosterState(revision=0, roster=Roster(agents={}))
        return RunningCentre(
            settings,
            loaded.rules,
            nobody,
            entry_revision=loaded.entry.revision,
            privacy=privacy,
            given=given,
            clock=clock,
        )
    state = await store.roster()
    if not state.roster.agents:
        log.warning("roster.empty")
    else:
        misfits = len(check_people(loaded.rules, state.roster, loaded.entry, loaded.volunteering.profiles))
        if misfits:
            log.warning("roster.misfits", count=misfits)
    return RunningCentre(
        settings,
        loaded.rules,
        state,
        entry_revision=loaded.entry.revision,
        privacy=privacy,
        given=given._replace(
            overrides=await store.overrides(since_ms=clock.now_ms()),
            steps=await store.transitions(limit=STEPS_KNOWN),
            slots=await store.slots(since_ms=clock.now_ms()),
        ),
        store=store,
        sessions=await store.sessions(),
        codes=await store.codes(),
        intraday=await store.intraday(),
        clock=clock,
    )


def write_down(centre: RunningCentre, settings: Settings) -> QueueLog | None:
    """Have each call written where others read it: its line in the log, and in ``queue_log``."""
    sites = SiteNames(centre.roster().roster, lambda: centre.privacy().k_min)
    centre.pump.observe_with(CallLog(sites))
    if settings.queue_log is None:
        return None
    queue_log = QueueLog(settings.queue_log.file, centre.engine.world, sites, centre.privacy)
    centre.pump.observe_with(queue_log)
    centre.queue_log_state = queue_log.state
    queue_log.start()
    return queue_log


async def _serve(
    settings: Settings, centre: RunningCentre, keeper: RevisionKeeper, told: asyncio.Event
) -> int:
    """Listen, route until told to stop or the engine fails; returns the exit status."""
    supervisor = Supervisor(os.environ)
    api = build_api(
        centre,
        Bearers(settings.api.tokens),
        clock=centre.clock,
        body_name=settings.body_name,
        metrics=centre.metrics,
    )
    metrics = build_metrics_app(centre.exposition.text)
    servers: list[Server] = []
    queue_log = write_down(centre, settings)
    status = 0
    try:
        tls = tls_context(settings.api.tls) if settings.api.tls is not None else None
        servers.append(
            await serve(
                api, settings.api.address, settings.api.port, tls=tls, socket_path=settings.api.socket
            )
        )
        servers.append(await serve(metrics, settings.metrics.address, settings.metrics.port))
        settle_memory()
        centre.start()
        _warn_of_exercise(settings, centre.clock)
        log.info("acd.serving", api=servers[0].url, metrics=servers[1].url, rules=centre.rules().revision)
        supervisor.ready("serving")
        status = await _until_told_or_failed(centre, keeper, supervisor, told)
        supervisor.stopping("stopping" if status == 0 else "the engine failed; Asterisk keeps the calls")
    finally:
        for server in servers:
            await server.stop()
        if status == 0:
            await centre.stop()
        await centre.close_journal()
        if queue_log is not None:
            await asyncio.to_thread(queue_log.close)
    log.info("acd.stopped", status=status)
    return status


def _warn_of_exercise(settings: Settings, clock: Clock) -> None:
    exercise = exercise_of(settings.exercise)
    if exercise is not None:
        log.warning(
            "acd.exercise",
            calendar=exercise.calendar_now(clock.now_ms()),
            day_s=exercise.day_s,
        )


async def _until_told_or_failed(
    centre: RunningCentre, keeper: RevisionKeeper, supervisor: Supervisor, told: asyncio.Event
) -> int:
    waiting = asyncio.create_task(told.wait())
    keeping = asyncio.create_task(keeper.keep())
    failing = asyncio.create_task(centre.fail())
    telling = asyncio.create_task(
        supervisor.keep_told(centre.pump.health, lambda: centre.not_ready() or "routing calls")
    )
    await asyncio.wait({waiting, failing}, return_when=asyncio.FIRST_COMPLETED)
    for task in (telling, waiting, keeping):
        task.cancel()
    if failing.done():
        log.critical("acd.failed", exc_info=failing.exception())
        return ENGINE_FAILED
    failing.cancel()
    return 0
