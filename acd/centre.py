"""The running centre: engine, pump and links of one process, and what the web and the terminal see of it."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Mapping, Sequence
from typing import Final

from acd import __version__
from acd.ami.link import Connect
from acd.ami.node import AsteriskNode
from acd.ami.settings import ami_settings
from acd.core import pictures
from acd.core.engine import Engine
from acd.core.facts import (
    AgentLoggedIn,
    AgentLoggedOut,
    AgentPaused,
    AgentReadied,
    Fact,
    RulesChanged,
    Session,
    SessionsRestored,
)
from acd.core.ids import AgentId, NodeId, QueueId
from acd.core.policy import Roster, RosterChange, RuleSet
from acd.core.views import AgentView, CallView, OfficeView, OwnTimes, QueueView, Summary
from acd.errors import StoreUnavailable
from acd.figures.days import Day
from acd.figures.formulas import Formula
from acd.journal.asking import JournalReader, Reader
from acd.journal.picturing import PictureMaker
from acd.journal.recorder import Recorder, forget
from acd.journal.state import JournalState
from acd.metrics.exposition import Exposition
from acd.metrics.labels import Reload
from acd.metrics.observe import MetricsObserver
from acd.metrics.picture import ProcessGauges
from acd.queue_log.state import QueueLogState
from acd.revisions.configuration import Configuration
from acd.rules.load import LoadedRules
from acd.rules.privacy import Privacy, privacy_of
from acd.rules.settings import Settings
from acd.runtime.beside import beside
from acd.runtime.clock import SystemClock
from acd.runtime.fallback_keeper import FallbackKeeper
from acd.runtime.gauges import count_switches, store_gauges, switch_gauges
from acd.runtime.intraday import IntradayCounters
from acd.runtime.keeper import StoreKeeper
from acd.runtime.opt_in_keeper import OptInKeeper
from acd.runtime.own_times import OwnDays
from acd.runtime.people import Codes, People, those_with_a_site
from acd.runtime.ports import Clock, NodeState, Observer
from acd.runtime.pump import BREATH_S, Pump
from acd.runtime.recent import RecentCalls
from acd.runtime.rehearsal import RehearsalRunner
from acd.runtime.retention import Retention
from acd.runtime.revision_keeper import RevisionKeeper
from acd.runtime.streams import AgentStreams, Stream
from acd.runtime.switches import Given, make_switches
from acd.runtime.transition_keeper import TransitionKeeper
from acd.store.hashing import KeyedHash
from acd.store.port import Store
from acd.store.records import Intraday, PersonalCode, RosterState
from acd.web.centre import NodeStatus, Submitted

__all__ = ["RunningCentre"]


KEPT_FACTS: Final = (AgentLoggedIn, AgentLoggedOut, AgentPaused, AgentReadied)
"""Whose effect is on the disk before whoever asked is answered."""
KEPT_S_MAX: Final = 0.5
"""A disk slower than this holds no agent up."""


class RunningCentre:
    """Engine, pump and links of one process; what the web and the terminal look at (``Centre``)."""

    queue_log_state: Callable[[], QueueLogState | None] = staticmethod(lambda: None)
    """How ``queue_log`` does, said by whoever writes it beside the centre."""

    def __init__(
        self,
        settings: Settings,
        rules: RuleSet,
        roster: RosterState | Roster,
        *,
        entry_revision: str = "",
        privacy: Privacy | None = None,
        store: Store | None = None,
        sessions: Sequence[Session] | None = None,
        codes: Sequence[PersonalCode] = (),
        intraday: Intraday | None = None,
        given: Given = Given(),  # noqa: B008 - immutable
        clock: Clock | None = None,
        epoch: int | None = None,
        connect: Callable[[NodeId], Connect | None] = lambda _: None,
    ) -> None:
        """Build everything, start nothing. Needs a running event loop.

        Args:
            settings: What the process must know.
            rules: The rules in force.
            roster: Who may log in; with its revision where a store keeps it.
            entry_revision: Of the entry plan of these rules, to compare with what Asterisk runs.
            privacy: The privacy profile in force; None: what the settings say without one.
            store: What outlives the process; None for a trial.
            sessions: Who was logged in before us; None: nobody knows, so the safety net is asked.
            codes: Personal codes as the store has them.
            intraday: What the process before us counted today.
            given: Toggles of the file and of people, where the transition stands, volunteers' slots.
            clock: The wall clock; tests and the simulator pass their own.
            epoch: Number of this leadership; by default the second of the start, so that it grows.
            connect: How to reach a node, None for TCP; the simulator has pairs in memory.
        """
        self.clock = clock or SystemClock()
        epoch = self.clock.now_ms() // 1000 if epoch is None else epoch
        state = roster if isinstance(roster, RosterState) else RosterState(revision=0, roster=roster)
        usable = those_with_a_site(rules, state.roster)
        key = settings.store.hash_key if settings.store is not None else None
        self._store, self._sessions = store, sessions
        self._entry_revision, self._rules_refused = entry_revision, ""
        self._reloaded_ms = self.clock.now_ms()
        self._configuration: RevisionKeeper | None = None
        nodes = [node.node_id for node in settings.nodes]
        self.metrics = MetricsObserver(rules, nodes, version=__version__)
        self.engine = Engine(rules, usable, epoch)
        self.own_days = OwnDays(self.clock)
        self._service_level = settings.service_level
        self._intraday = IntradayCounters(self.clock, store, kept=intraday, nodes=nodes)
        self.streams = AgentStreams(self.clock, self.agent)
        self.recorder, self._reader = self._journal(settings, usable)
        recent = RecentCalls(self.clock)
        self.pump = self._make_pump(recent)
        self.people = People(rules, state, self.pump, store)
        self._fallback, self._transition, self._rehearsal, self._opt_ins = make_switches(
            self,
            given,
            recent=recent,
            clock=self.clock,
            store=store,
            submit=self.pump.submit,
            triers=lambda: [link for link in self.links if link.state is NodeState.READY],
        )
        self.codes = Codes(KeyedHash(key.get_secret_value()) if key else None, codes, store, self.clock)
        self.links = self._make_links(settings, usable, epoch, connect)
        self._journal_folder = settings.journal.folder if settings.journal is not None else None
        self._retention = Retention(store, self.clock, self.privacy, self.forget_journal) if store else None
        self.take_privacy(privacy or privacy_of(settings))
        self.exposition = self._make_exposition()
        self._tasks: list[asyncio.Task[None]] = []

    def _make_pump(self, recent: RecentCalls) -> Pump:
        """The pump; the journal hears first: it has the fact even if whoever is next fails over it."""
        kept = [self.recorder] if self.recorder is not None else []
        told = [StoreKeeper(self._store, self._intraday.level_of)] if self._store is not None else []
        heard: list[Observer] = [*kept, self.metrics, self.own_days, self.streams, recent, *told]
        return Pump(self.engine, self.clock, [*heard, self._intraday])

    def _make_exposition(self) -> Exposition:
        """What is scraped; from now on it hears of switches."""
        self._fallback.listen(lambda was, now: count_switches(was, now, self.metrics.switched))
        clock = self.clock
        return Exposition(
            self._take_picture, self.metrics.render, now_s=lambda: clock.now_ms() / 1000, beside=beside
        )

    def _make_links(
        self,
        settings: Settings,
        roster: Roster,
        epoch: int,
        connect: Callable[[NodeId], Connect | None],
    ) -> list[AsteriskNode]:
        """One link for each Asterisk, known to the pump."""
        links = [
            AsteriskNode(
                ami_settings(node, settings),
                rules=self.rules(),
                roster=roster,
                epoch=epoch,
                inbox=self.pump,
                clock=self.clock,
                health=self.pump.health,
                connect=connect(node.node_id),
                hash_number=self.codes.hash_number,
                class_of_code=self.codes.class_of,
            )
            for node in settings.nodes
        ]
        for link in links:
            self.pump.attach(link)
        return links

    def _journal(self, settings: Settings, roster: Roster) -> tuple[Recorder | None, Reader | None]:
        """The journal of a new engine and whom to ask of it, if the settings want one."""
        if settings.journal is None:
            return None, None
        world = self.engine.world
        recorder = Recorder(
            settings.journal.folder,
            rules=world.rules,
            roster=roster,
            epoch=world.epoch,
            version=__version__,
            now_ms=lambda: self.engine.world.now_ms,
            painter=PictureMaker(),
            hours=settings.journal.hours,
        )
        return recorder, Reader(settings.journal.folder, recorder)

    def start(self) -> None:
        """Bring back who was logged in, then start the links and the breathing."""
        if self.recorder is not None:
            self.recorder.start()
        self.pump.put(self._fallback.first())
        for opt_in in self._opt_ins.first():
            self.pump.put(opt_in)
        if self._sessions is not None:
            self.pump.put(SessionsRestored(sessions=tuple(self._sessions)))
        kept = [self._retention] if self._retention is not None else []
        self._tasks = [
            asyncio.create_task(self.pump.breathe(), name="breath"),
            *(asyncio.create_task(job.run(), name="retention") for job in kept),
            asyncio.create_task(self._fallback.run(), name="fallback"),
            asyncio.create_task(self._transition.run(), name="transition"),
            asyncio.create_task(self._opt_ins.run(), name="opt-ins"),
            asyncio.create_task(self._watch_lag(), name="lag"),
            *(asyncio.create_task(link.run(), name=f"link {link.id}") for link in self.links),
        ]

    async def stop(self) -> None:
        """Stop in order: extend the leases, log off, end the tasks."""
        for link in self.links:
            await link.stop()
        self._rehearsal.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def close_journal(self) -> None:
        """Write what the journal still holds in memory; after a failure of the engine too."""
        if self._reader is not None:
            self._reader.close()
        if self.recorder is not None:
            await asyncio.to_thread(self.recorder.close)

    async def fail(self) -> None:
        """Wait until the engine or one of our own tasks fails; raises what it raised."""
        failed: list[asyncio.Future[None]] = [self.pump.failed, *self._tasks]
        done, _ = await asyncio.wait(failed, return_when=asyncio.FIRST_EXCEPTION)
        for each in done:
            each.result()

    # ── Centre: what is asked of the engine ──────────────────────────────────────────────────

    async def submit(self, fact: Fact) -> Submitted:
        """Let the engine handle one fact; a login or pause is on the disk before the answer."""
        refused = await self.pump.submit(fact)
        if refused is None and isinstance(fact, KEPT_FACTS):
            await self._kept()
        return Submitted(refused=refused)

    async def _kept(self) -> None:
        """Wait until the store has what it was told, if its disk takes writes, and not for long.

        So a process that is killed a moment after the answer knows the login when it is back. Calls are
        routed meanwhile.
        """
        if self._store is not None and self._store.state().writable:
            with contextlib.suppress(StoreUnavailable, TimeoutError):
                async with asyncio.timeout(KEPT_S_MAX):
                    await self._store.keep_logins()

    def queues(self) -> tuple[QueueView, ...]:
        """All queues now."""
        self._tell_time()
        return pictures.queues(self.engine.world)

    def calls(self, queue: QueueId | None, limit: int) -> tuple[CallView, ...]:
        """Calls in progress, oldest first."""
        self._tell_time()
        return pictures.calls(self.engine.world, queue, limit)

    def agent(self, agent: AgentId) -> AgentView | None:
        """One agent."""
        self._tell_time()
        return pictures.agent(self.engine.world, agent)

    def offices(self) -> tuple[OfficeView, ...]:
        """All offices now."""
        return pictures.offices(self.engine.world)

    def summary(self) -> Summary:
        """The whole centre."""
        return pictures.summary(self.engine.world)

    def today(self) -> Mapping[QueueId, Day]:
        """Every queue since local midnight."""
        return self._intraday.today(tuple(self.rules().queues))

    def series(self) -> int:
        """Series of the exposition written last."""
        return self.exposition.series

    def service_level(self) -> Formula:
        """The formula of the headline."""
        return self._service_level

    def rules(self) -> RuleSet:
        """The rules in force."""
        return self.engine.world.rules

    def rules_refused(self) -> str:
        """Why newer rules were not taken, empty when they were."""
        return self._rules_refused

    # ── new rules ────────────────────────────────────────────────────────────────────────────

    def changed_by(self, keeper: RevisionKeeper) -> None:
        """From now on this keeper changes the configuration."""
        self._configuration = keeper

    def configuration(self) -> RevisionKeeper | None:
        """Who changes the configuration; None: nobody, as in a trial."""
        return self._configuration

    def revision(self) -> int:
        """Number of the configuration in force; 0 where no revisions are kept."""
        return self._configuration.number if self._configuration is not None else 0

    async def take_configuration(self, configuration: Configuration) -> None:
        """Put another configuration in force: what may be shown, the rules, the toggles."""
        self.take_privacy(configuration.privacy)
        await self.take_rules(configuration.read.today)
        await self._fallback.take_base(configuration.fallback)
        self._reloaded_ms = self.clock.now_ms()
        self.metrics.reloaded(Reload.TAKEN)

    async def take_rules(self, loaded: LoadedRules) -> None:
        """Put other rules in force: for the links and the metrics first, then for all that waits."""
        rules = loaded.rules
        await asyncio.to_thread(self.metrics.rules_changed, rules)
        for link in self.links:
            link.rules_changed(rules)
        self._entry_revision = loaded.entry.revision
        await self.pump.submit(RulesChanged(rules=rules))
        await self.people.rules_changed(rules, self._tell_links)
        self._transition.take_plan(loaded.transition)
        self._opt_ins.take_rules(loaded.volunteering)
        await self._fallback.refresh()

    def refuse_rules(self, why: str) -> None:
        """Newer rules were not taken, because of this; empty: they were."""
        self._rules_refused = why
        if why:
            self.metrics.reloaded(Reload.REFUSED)

    def transition(self) -> TransitionKeeper:
        """Where the transition stands, and what moves it."""
        return self._transition

    def rehearsal(self) -> RehearsalRunner:
        """What tries the offices' lines."""
        return self._rehearsal

    def opt_ins(self) -> OptInKeeper:
        """Slots of volunteers, and the engine told of them."""
        return self._opt_ins

    def fallback(self) -> FallbackKeeper:
        """Who stands in for whom, and who says so."""
        return self._fallback

    # ── privacy ──────────────────────────────────────────────────────────────────────────────

    def take_privacy(self, privacy: Privacy) -> None:
        """Put another privacy profile in force: what is shown, and what is kept."""
        self._privacy = privacy
        self.metrics.show_groups_from(privacy.k_min)
        if self.recorder is not None:
            self.recorder.keep_hours(privacy.retention.journal_hours)
        if self._retention is not None:
            self._retention.ask()

    def privacy(self) -> Privacy:
        """The privacy profile in force."""
        return self._privacy

    async def forget_journal(self, before_ms: int) -> int:
        """Remove the journal's segments that ended before this moment; how many."""
        folder = self._journal_folder
        if folder is None or not folder.is_dir():
            return 0
        return await asyncio.to_thread(forget, folder, before_ms)

    # ── Centre: people ───────────────────────────────────────────────────────────────────────

    def roster(self) -> RosterState:
        """Everybody, and the revision in force."""
        return self.people.state

    async def change_roster(self, change: RosterChange, *, expected: int | None) -> int:
        """Write and put in force a new roster."""
        return await self.people.change(change, self._tell_links, expected=expected)

    def own_times(self, agent: AgentId) -> OwnTimes | None:
        """The agent's own day."""
        return self.own_days.of(agent) if agent in self.engine.world.agents else None

    def listen(self, agent: AgentId) -> Stream:
        """The agent's changes from now on."""
        return self.streams.listen(agent)

    def store(self) -> Store | None:
        """What outlives the process."""
        return self._store

    def journal(self) -> JournalReader | None:
        """What every fact of the last hours can be asked of."""
        return self._reader

    def journal_state(self) -> JournalState | None:
        """How the journal does; None without one."""
        self._tell_time()
        return self.recorder.state() if self.recorder is not None else None

    async def put_codes(self, codes: Sequence[PersonalCode]) -> int:
        """Keep personal codes."""
        return await self.codes.put(codes)

    def hash_code(self, code: str) -> str | None:
        """The keyed hash of a personal code, None without a key."""
        return self.codes.hashes.code(code) if self.codes.hashes is not None else None

    # ── Centre: the way to Asterisk ──────────────────────────────────────────────────────────

    def nodes(self) -> tuple[NodeStatus, ...]:
        """All links."""
        return tuple(
            NodeStatus(id=link.id, state=link.state, asterisk_version=link.asterisk_version)
            for link in self.links
        )

    def dialplan_revisions(self) -> Mapping[NodeId, str]:
        """The entry menus each Asterisk runs."""
        return {link.id: link.entry_revision for link in self.links}

    def entry_revision(self) -> str:
        """The entry menus of the rules in force."""
        return self._entry_revision

    def not_ready(self) -> str | None:
        """Why no call can be routed now."""
        unhealthy = self.pump.health()
        if unhealthy is not None:
            return unhealthy
        if any(link.state is NodeState.READY for link in self.links):
            return None
        return "; ".join(f"{link.id}: {link.why_not or link.state.value}" for link in self.links)

    def _tell_links(self, roster: Roster) -> None:
        for link in self.links:
            link.roster_changed(roster)

    # ── for the metrics ──────────────────────────────────────────────────────────────────────

    def _tell_time(self) -> None:
        """Let a picture be of now even if no fact has come for a while."""
        world = self.engine.world
        world.now_ms = max(world.now_ms, self.clock.now_ms())

    def _take_picture(self) -> None:
        self.metrics.refresh(
            self.summary(),
            self.queues(),
            [link.gauges(self._entry_revision) for link in self.links],
            offices=self.offices(),
            store=store_gauges(self._store, self.journal_state(), self.queue_log_state()),
            switches=switch_gauges(self._fallback.in_force(), self._fallback.overrides(), self._transition),
            process=self._process_gauges(),
            now_ms=self.clock.now_ms(),
        )

    def _process_gauges(self) -> ProcessGauges:
        return ProcessGauges(
            rules_taken=not self._rules_refused,
            reloaded_ms=self._reloaded_ms,
            sse_clients=self.metrics.streams_open(),
            exposition_s=self.exposition.took_s,
            series=self.exposition.series,
        )

    async def _watch_lag(self) -> None:
        while True:
            await asyncio.sleep(BREATH_S)
            for link in self.links:
                if link.state is NodeState.READY:
                    self.metrics.event_lag(link.id)(max(0, link.link.lag_ms) / 1000)
