"""The transition of one centre: where it stands, what moves it, and that this outlives the process.

A person moves it (`TransitionKeeper.move`), or the guards do: every few seconds a picture is taken and
decided on (`acd.transition.deciding`), in phases whose rules say ``automatic``. Each step is a record of the
store before it is in force, so a process that starts anew stands where the one before it stood.

But for ``back`` and ``finish``: these are in force at once and written then. Whoever takes calls away from
agents who are not there must not wait for a disk; what could not be written is written as soon as it can
be, and until then nothing moves forward.

New rules may lose the phase that runs. Then the plan it was begun with stays until it is finished, and the
status says so.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Mapping, Sequence
from typing import Final

import structlog

from acd.core.ids import SiteId
from acd.core.notes import AgentState
from acd.core.policy import RuleSet
from acd.core.views import OfficeView, Summary
from acd.errors import AcdError, Conflict, StoreUnavailable
from acd.rules.transition import TransitionPlan
from acd.runtime.ports import Clock
from acd.runtime.recent import RecentCalls
from acd.store.port import Store
from acd.store.records import AuditEntry, TransitionRecord
from acd.transition.deciding import Decision, Picture, decide
from acd.transition.moves import Move, Place, leads_to
from acd.transition.readiness import ReadinessList, readiness_list, why_not_ready
from acd.transition.standing import Standing, mode_now, shares_now, standing_of

__all__ = ["SYSTEM", "TransitionKeeper"]

LOOK_S: Final = 2.0
"""So often the guards are asked; a step back by them is in force within this."""
SYSTEM: Final = "system"
"""Author of what the guards do."""
AT_ONCE: Final = frozenset({Move.BACK, Move.FINISH})
"""In force before they are on the disk."""
HISTORY: Final = 200
"""Records looked at for when it last began and stepped back."""

log = structlog.get_logger(__name__)


class TransitionKeeper:
    """Implements `acd.transition.SharesGiver`."""

    def __init__(
        self,
        plan: TransitionPlan,
        records: Sequence[TransitionRecord],
        *,
        rules: Callable[[], RuleSet],
        offices: Callable[[], Sequence[OfficeView]],
        summary: Callable[[], Summary],
        recent: RecentCalls,
        clock: Clock,
        store: Store | None,
        revision: Callable[[], int],
    ) -> None:
        """Stand where the records say.

        Args:
            plan: The phases of the rules in force.
            records: The newest steps, newest first.
            rules: The rules in force.
            offices: How the offices do now.
            summary: Agents by site and state.
            recent: The calls of the last minutes.
            clock: Wall milliseconds.
            store: Where steps are kept; None: in memory alone, for a trial.
            revision: Number of the configuration in force.
        """
        self._plan = plan
        self._waiting: TransitionPlan | None = None
        self._records = list(records)
        self._unkept: list[TransitionRecord] = []
        self._rules = rules
        self._offices = offices
        self._summary = summary
        self._recent = recent
        self._clock = clock
        self._store = store
        self._revision = revision
        self._listeners: list[Callable[[], None]] = []
        self._one_at_a_time = asyncio.Lock()
        self.decision = Decision(move=None, row="", it="", en="")
        """What the guards said last."""

    # ── what it says ─────────────────────────────────────────────────────────────────────────

    @property
    def plan(self) -> TransitionPlan:
        """The plan it goes by."""
        return self._plan

    @property
    def problem(self) -> str:
        """What somebody must see to, as a sentence; empty: nothing."""
        if self._unkept:
            return "The last step is in force and not on the disk: the store does not take it yet."
        phase = self.standing().phase
        if self._waiting is not None:
            return (
                f"The rules have lost the phase {phase!r}: it goes on as it was begun, until it is finished."
            )
        if phase and self._plan.phase(phase) is None:
            return f"The rules have lost the phase {phase!r}: no site has a share; put it back, or finish."
        return ""

    @property
    def revision(self) -> str:
        """Changes whenever an answer does."""
        standing = self.standing()
        return f"{standing.number}/{standing.phase}/{standing.step}"

    def standing(self) -> Standing:
        """Where it stands."""
        return standing_of(self._records[0] if self._records else None)

    def on(self) -> bool:
        """Whether a phase runs in which offices stand in for agents."""
        return mode_now(self._plan, self.standing())

    def shares(self) -> Mapping[SiteId, int]:
        """Per cent by site, for every site of the rules; empty while no phase runs."""
        return shares_now(self._plan, self.standing(), self._rules().sites)

    def shares_at(self, place: Place) -> Mapping[SiteId, int]:
        """The same for a place it does not stand at."""
        return shares_now(self._plan, Standing(phase=place.phase, step=place.step), self._rules().sites)

    def listen(self, changed: Callable[[], None]) -> None:
        """Have this called whenever an answer changes."""
        self._listeners.append(changed)

    def history(self) -> tuple[TransitionRecord, ...]:
        """The newest steps, newest first."""
        return tuple(self._records[:HISTORY])

    async def readiness(self) -> ReadinessList:
        """What the rehearsals say; ``StoreUnavailable``: the store does not answer."""
        checks = await self._store.line_checks() if self._store is not None else ()
        return readiness_list(self._rules(), checks, self._plan.readiness, self._clock.now_ms())

    async def why_not_ready(self) -> str:
        """Why a start is refused, empty: it is not."""
        return why_not_ready(await self.readiness(), self._plan.readiness, self._clock.now_ms())

    # ── what moves it ────────────────────────────────────────────────────────────────────────

    def take_plan(self, plan: TransitionPlan) -> None:
        """Go by the plan of new rules, unless that has lost the phase that runs."""
        phase = self.standing().phase
        if phase and plan.phase(phase) is None and self._plan.phase(phase) is not None:
            self._waiting = plan
            log.error("transition.phase_lost", phase=phase)
            return
        self._plan, self._waiting = plan, None
        self._tell()

    async def move(
        self,
        move: Move,
        *,
        author: str,
        reason: str,
        phase: str = "",
        force: bool = False,
        expected: int | None = None,
    ) -> TransitionRecord:
        """Take one step because a person says so; when it returns it is in force here.

        Args:
            move: which.
            author: as in the audit.
            reason: why.
            phase: where to start, if not at the first phase.
            force: start though the lines are not ready.
            expected: number of the record the person has seen; None: whichever.

        Raises:
            RequestError: there is no such step; nothing was changed.
            StoreUnavailable: the disk will not; nothing was changed.
        """
        async with self._one_at_a_time:
            standing = self.standing()
            if expected not in {None, standing.number}:
                raise Conflict(
                    f"It has moved meanwhile (to step {standing.number}, from {expected}); look again."
                )
            place = leads_to(self._plan, standing, move, phase)
            if move is Move.START and not force and (why := await self.why_not_ready()):
                raise Conflict(f"{why} With --force and a reason it starts all the same.")
            return await self._take(move, place, author, reason, automatic=False)

    async def look(self) -> None:
        """Ask the guards, and do what they say."""
        async with self._one_at_a_time:
            await self._keep_rest()
            self.decision = decide(self._plan, await self._picture())
            if self.decision.move is None or self._unkept:
                return
            place = leads_to(self._plan, self.standing(), self.decision.move)
            record = await self._take(self.decision.move, place, SYSTEM, self.decision.it, automatic=True)
        if self._store is not None:
            entry = AuditEntry(
                at_ms=record.at_ms,
                who=SYSTEM,
                action=f"transition.{record.action}",
                target=f"{record.phase} step {record.step}",
                result="done",
                detail=f"{self.decision.row}: {self.decision.en}",
            )
            self._store.tell_audit(entry)

    async def run(self) -> None:
        """Look every few seconds until cancelled; nothing that goes wrong ends it."""
        while True:
            try:
                await self.look()
            except AcdError as error:
                log.warning("transition.put_off", why=str(error))
            except Exception:
                log.exception("transition.failed")
            await asyncio.sleep(LOOK_S)

    # ── inside ───────────────────────────────────────────────────────────────────────────────

    async def _take(
        self, move: Move, place: Place, author: str, reason: str, *, automatic: bool
    ) -> TransitionRecord:
        record = TransitionRecord(
            number=self.standing().number + 1,
            at_ms=self._clock.now_ms(),
            phase=place.phase,
            step=place.step,
            action=move.value,
            automatic=automatic,
            author=author,
            reason=reason,
            revision=self._revision(),
        )
        if move in AT_ONCE:
            self._unkept.append(record)
            self._put_in_force(record)
            with contextlib.suppress(TimeoutError, StoreUnavailable):
                async with asyncio.timeout(1.0):
                    await self._keep_rest()
        else:
            await self._keep_rest()
            if self._unkept:
                raise StoreUnavailable(
                    "The step before is not on the disk yet; nothing moves on until it is."
                )
            self._put_in_force(await self._keep(record))
        return self._records[0]

    async def _keep(self, record: TransitionRecord) -> TransitionRecord:
        if self._store is None:
            return record
        return await self._store.add_transition(record, expected=record.number - 1)

    async def _keep_rest(self) -> None:
        """Write what is in force and not on the disk, oldest first."""
        while self._unkept:
            record = self._unkept[0]
            try:
                await self._keep(record)
            except StoreUnavailable as error:
                log.warning("transition.step_not_kept", step=record.number, why=str(error))
                return
            except Conflict:
                # a write whose answer was lost has arrived after all
                log.info("transition.step_kept_already", step=record.number)
            self._unkept.remove(record)

    def _put_in_force(self, record: TransitionRecord) -> None:
        self._records.insert(0, record)
        del self._records[HISTORY:]
        log.info(
            "transition.moved",
            action=record.action,
            phase=record.phase or "none",
            step=record.step,
            by=record.author,
            why=record.reason,
        )
        if not record.phase and self._waiting is not None:
            self._plan, self._waiting = self._waiting, None
        self._tell()

    def _tell(self) -> None:
        for changed in self._listeners:
            changed()

    async def _picture(self) -> Picture:
        """What is now; the list of lines only where a start may be due."""
        standing, plan = self.standing(), self._plan
        offices = [view for view in self._offices() if view.open and view.forced is not False]
        may_start = not standing.phase and any(phase.begins_ms is not None for phase in plan.phases[:1])
        return Picture(
            now_ms=self._clock.now_ms(),
            standing=standing,
            backed_ms=self._last(Move.BACK),
            queues=self._recent.of(plan.guards.window_ms),
            offices_open=len(offices),
            offices_healthy=sum(view.breaker == "closed" and not view.carrier_out for view in offices),
            agents=self._agents(),
            not_ready=await self.why_not_ready() if may_start else "",
            started_ms=max(self._last(Move.START, anywhere=True), self._last(Move.FINISH, anywhere=True)),
        )

    def _agents(self) -> dict[SiteId, int]:
        by_site = self._summary().agents
        return {
            site: sum(
                count for state, count in by_site.get(site, {}).items() if state is not AgentState.LOGGED_OUT
            )
            for site in self._rules().sites
        }

    def _last(self, move: Move, *, anywhere: bool = False) -> int:
        """When this move was made last; within this transition unless ``anywhere``; 0: never."""
        for record in self._records:
            if record.action == move:
                return record.at_ms
            if not anywhere and record.action in {Move.START, Move.FINISH}:
                return 0
        return 0
