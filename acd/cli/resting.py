"""The API over a store whose ACD does not run, for the command alone.

Whoever may read and write the file may do this, as they could with any editor of databases; but here the
same checks are made and the same audit is written as while the ACD runs, under the user's number. The API
is served on a socket in a folder that nobody else may enter, for as long as one command takes.

Root may open a store that belongs to the ACD's own user; what root made there is given to that user, or
the service could not start.
"""

from __future__ import annotations

import asyncio
import os
import tempfile
import threading
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager, contextmanager, suppress
from pathlib import Path
from typing import Any, Final

from aiohttp import web

from acd.cli.place import LocalSettings, Place
from acd.core.facts import Fact
from acd.core.ids import AgentId, NodeId, QueueId
from acd.core.notes import AgentState
from acd.core.policy import RosterChange, RuleSet
from acd.core.views import AgentView, CallView, OfficeView, OwnTimes, QueueView, Summary
from acd.errors import Conflict
from acd.fallback.base import Base
from acd.figures.days import Day
from acd.figures.formulas import HEADLINE, Formula
from acd.journal.asking import JournalReader, Reader
from acd.journal.recorder import forget
from acd.journal.state import JournalState
from acd.logs import set_up_logs
from acd.queue_log.state import QueueLogState
from acd.revisions.configuration import Configuration
from acd.revisions.starting import Settled, Started, present
from acd.rules.exercise import the_day
from acd.rules.load import LoadedRules
from acd.rules.privacy import Privacy
from acd.runtime.clock import SystemClock
from acd.runtime.fallback_keeper import FallbackKeeper
from acd.runtime.opt_in_keeper import OptInKeeper
from acd.runtime.recent import RecentCalls
from acd.runtime.rehearsal import RehearsalRunner
from acd.runtime.revision_keeper import RevisionKeeper
from acd.runtime.transition_keeper import TransitionKeeper
from acd.store.hashing import KeyedHash
from acd.store.records import Override, PersonalCode, RosterState, Slot, TransitionRecord
from acd.store.sql import SqlStore, open_store
from acd.web.app import build_api
from acd.web.bearers import Bearers
from acd.web.centre import AgentStream, NodeStatus, Submitted

__all__ = ["RestingCentre", "resting"]

NOT_RUNNING: Final = "The ACD is not running: start it first."
BESIDE: Final = ("", ".lock", "-wal", "-shm")
"""What belongs to a store, by the end of its name."""


class RestingCentre:
    """A centre with books and without life (``acd.web.centre.Centre``)."""

    def __init__(
        self,
        loaded: LoadedRules,
        store: SqlStore,
        roster: RosterState,
        hashes: KeyedHash | None,
        journal: Path | None = None,
        privacy: Privacy | None = None,
        fallback: tuple[Base, Sequence[Override]] = (Base(), ()),
        steps: Sequence[TransitionRecord] = (),
        slots: Sequence[Slot] = (),
        changes: tuple[Settled, Started] | None = None,
        service_level: Formula = HEADLINE,
    ) -> None:
        self._service_level = service_level
        self._privacy = privacy or Privacy()
        self._journal_folder = journal
        self._journal = Reader(journal) if journal is not None else None
        self._loaded = loaded
        self._store = store
        self._roster = roster
        self._hashes = hashes
        self.clock = SystemClock()
        self._refused = ""
        self._configuration = RevisionKeeper(*changes, self) if changes is not None else None
        toggles, overrides = fallback
        self._fallback = FallbackKeeper(
            toggles,
            overrides,
            rules=self.rules,
            offices=self.offices,
            clock=SystemClock(),
            store=store,
            submit=None,
        )
        self._transition = TransitionKeeper(
            loaded.transition,
            steps,
            rules=self.rules,
            offices=self.offices,
            summary=self.summary,
            recent=RecentCalls(SystemClock()),
            clock=SystemClock(),
            store=store,
            revision=lambda: self._configuration.number if self._configuration is not None else 0,
        )
        self._fallback.follow(self._transition)
        self._opt_ins = OptInKeeper(
            loaded.volunteering,
            slots,
            in_force=self.rules,
            roster=lambda: self._roster.roster,
            clock=SystemClock(),
            store=store,
            submit=None,
        )
        self._rehearsal = RehearsalRunner(
            rules=self.rules,
            offices=self.offices,
            limits=lambda: loaded.transition.rehearsal,
            triers=tuple,
            clock=SystemClock(),
            store=store,
        )

    async def submit(self, fact: Fact) -> Submitted:  # noqa: ARG002
        """Refuse: there is no engine."""
        return Submitted(refused=NOT_RUNNING)

    def queues(self) -> tuple[QueueView, ...]:
        """None is open."""
        return ()

    def calls(self, queue: QueueId | None, limit: int) -> tuple[CallView, ...]:  # noqa: ARG002
        """No call is known."""
        return ()

    def offices(self) -> tuple[OfficeView, ...]:
        """None is looked at."""
        return ()

    def agent(self, agent: AgentId) -> AgentView | None:
        """Who is in the roster is logged out."""
        known = self._roster.roster.agents.get(agent)
        if known is None:
            return None
        return AgentView(
            id=agent, site=known.site, state=AgentState.LOGGED_OUT, since_ms=0, reason="", until_ms=0
        )

    def summary(self) -> Summary:
        """Nothing has happened."""
        return Summary(
            entered=0,
            ended=0,
            in_progress=0,
            unaccounted=0,
            answered=0,
            to_offices=0,
            abandoned=0,
            safety_net=0,
            closed=0,
            lost=0,
            agents={},
        )

    def today(self) -> Mapping[QueueId, Day]:
        """Nothing is counted."""
        return {}

    def series(self) -> int:
        """Nothing is scraped."""
        return 0

    def service_level(self) -> Formula:
        """The formula of the settings."""
        return self._service_level

    def nodes(self) -> tuple[NodeStatus, ...]:
        """There is no link."""
        return ()

    def not_ready(self) -> str | None:
        """It is not."""
        return NOT_RUNNING

    def rules(self) -> RuleSet:
        """The rules of the newest revision; where there is none, of their folder."""
        return self._loaded.rules

    def rules_refused(self) -> str:
        """Why files were not taken just now."""
        return self._refused

    def refuse_rules(self, why: str) -> None:
        """Remember it for the answer."""
        self._refused = why

    def configuration(self) -> RevisionKeeper | None:
        """What will run, changed in the store alone."""
        return self._configuration

    async def take_configuration(self, configuration: Configuration) -> None:
        """It will be in force when the ACD starts."""
        self._loaded = configuration.read.today
        self._privacy = configuration.privacy
        self._opt_ins.take_rules(self._loaded.volunteering)
        await self._fallback.take_base(configuration.fallback)

    def roster(self) -> RosterState:
        """The roster of the store."""
        return self._roster

    async def change_roster(self, change: RosterChange, *, expected: int | None) -> int:
        """Write a change to the store."""
        await self._store.change_roster(change, expected=expected)
        self._roster = await self._store.roster()
        return self._roster.revision

    def own_times(self, agent: AgentId) -> OwnTimes | None:  # noqa: ARG002
        """Nobody works."""
        return None

    def listen(self, agent: AgentId) -> AgentStream:  # noqa: ARG002
        """Nothing will happen."""
        raise Conflict(NOT_RUNNING)

    def journal(self) -> JournalReader | None:
        """What was kept while it ran."""
        return self._journal

    def journal_state(self) -> JournalState | None:
        """Nobody writes it."""
        return None

    def queue_log_state(self) -> QueueLogState | None:
        """Nobody writes it."""
        return None

    def store(self) -> SqlStore:
        """The open store."""
        return self._store

    def transition(self) -> TransitionKeeper:
        """Where it stands; a step taken now holds when the ACD starts."""
        return self._transition

    def rehearsal(self) -> RehearsalRunner:
        """No Asterisk is asked, so none can be begun."""
        return self._rehearsal

    def opt_ins(self) -> OptInKeeper:
        """Slots accepted or withdrawn now hold when the ACD starts."""
        return self._opt_ins

    def fallback(self) -> FallbackKeeper:
        """What would hold if it ran: overrides made now do when it starts."""
        return self._fallback

    def privacy(self) -> Privacy:
        """The privacy profile as its file has it."""
        return self._privacy

    async def forget_journal(self, before_ms: int) -> int:
        """Remove the journal's segments that ended before this moment; how many."""
        if self._journal_folder is None or not self._journal_folder.is_dir():
            return 0
        return await asyncio.to_thread(forget, self._journal_folder, before_ms)

    async def put_codes(self, codes: Sequence[PersonalCode]) -> int:
        """Keep personal codes."""
        return await self._store.put_codes(codes)

    def hash_code(self, code: str) -> str | None:
        """The keyed hash of a personal code."""
        return self._hashes.code(code) if self._hashes is not None else None

    def dialplan_revisions(self) -> Mapping[NodeId, str]:
        """No Asterisk is asked."""
        return {}

    def entry_revision(self) -> str:
        """The entry plan's revision of the rules."""
        return self._loaded.entry.revision


@contextmanager
def resting(settings: LocalSettings) -> Iterator[Place]:
    """Serve the API over the store of the settings while the command asks.

    Raises:
        StoreUnavailable: somebody has the store, or the disk will not.
        ConfigError: it cannot be a store, or there is no configuration that could be run.
    """
    assert settings.store is not None
    set_up_logs("warning")
    with tempfile.TemporaryDirectory(prefix="acd-") as folder, _thread_with_a_loop() as run:
        socket = Path(folder) / "api"
        served = _served(settings, socket)
        run(served.__aenter__())
        try:
            yield Place(name=str(settings.store.file), socket=str(socket))
        finally:
            run(served.__aexit__(None, None, None))


@asynccontextmanager
async def _served(settings: LocalSettings, socket: Path) -> AsyncIterator[None]:
    assert settings.store is not None
    key, file = settings.store.hash_key, settings.store.file
    journal = settings.journal.folder if settings.journal is not None else None
    store = await open_store(settings.store, SystemClock())
    try:
        _give_back(file)
        hashes = KeyedHash(key.get_secret_value()) if key is not None else None
        started = await present(settings, store, the_day(settings.exercise))
        configuration = started.configuration
        centre = RestingCentre(
            configuration.read.today,
            store,
            await store.roster(),
            hashes,
            journal,
            configuration.privacy,
            (configuration.fallback, await store.overrides(since_ms=SystemClock().now_ms())),
            await store.transitions(),
            await store.slots(since_ms=SystemClock().now_ms()),
            (settings, started),
            settings.service_level,
        )
        app = build_api(centre, Bearers(), clock=SystemClock())
        runner = web.AppRunner(app, access_log=None)
        await runner.setup()
        try:
            await web.UnixSite(runner, socket).start()
            yield
        finally:
            await runner.cleanup()
    finally:
        await store.close()
        _give_back(file)


@contextmanager
def _thread_with_a_loop() -> Iterator[Callable[[Coroutine[Any, Any, object]], object]]:
    """Yield what runs a coroutine on a loop beside us, and waits for it: our own questions block."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, name="resting")
    thread.start()
    try:
        yield lambda work: asyncio.run_coroutine_threadsafe(work, loop).result()
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()


def _give_back(file: Path) -> None:
    """Let the owner of the folder own the store's files, where root made them."""
    if os.geteuid() != 0:
        return
    folder = file.parent.stat()
    for end in BESIDE:
        with suppress(FileNotFoundError):
            os.chown(f"{file}{end}", folder.st_uid, folder.st_gid, follow_symlinks=False)
