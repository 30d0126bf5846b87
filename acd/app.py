"""The one place that builds things: settings and rules in, a running centre out, an orderly stop.

A planned stop (SIGTERM, SIGINT) first takes no more requests, then lets each node extend its lease, so
that callers stay where they are while a new process starts, and logs off. A failure of the engine ends
the process with exit status 70 at once and extends nothing: within ten seconds the dialplan looks
after the callers.
"""

from __future__ import annotations

import asyncio
import gc
import signal
from collections.abc import Callable

import structlog

from acd import __version__
from acd.ami.link import Connect
from acd.ami.node import AsteriskNode
from acd.ami.settings import AmiSettings
from acd.core import pictures
from acd.core.engine import Engine
from acd.core.facts import Fact
from acd.core.ids import AgentId, NodeId, QueueId
from acd.core.policy import Roster, RuleSet
from acd.core.views import AgentView, CallView, QueueView, Summary
from acd.metrics.exposition import Exposition
from acd.metrics.observe import MetricsObserver
from acd.metrics.picture import NodeGauges
from acd.rules.settings import NodeSettings, Settings
from acd.runtime.clock import SystemClock
from acd.runtime.ports import Clock, NodeState
from acd.runtime.pump import BREATH_S, Pump
from acd.web.app import build_api, build_metrics_app
from acd.web.centre import NodeStatus, Submitted
from acd.web.serve import Server, serve
from acd.web.tokens import Tokens

__all__ = ["ENGINE_FAILED", "RunningCentre", "serve_until_told"]

ENGINE_FAILED = 70
"""Exit status after a defect of the engine (EX_SOFTWARE)."""

log = structlog.get_logger(__name__)


class RunningCentre:
    """Engine, pump and links of one process; what the web and the terminal look at (``Centre``)."""

    def __init__(
        self,
        settings: Settings,
        rules: RuleSet,
        roster: Roster,
        *,
        clock: Clock | None = None,
        epoch: int | None = None,
        connect: Callable[[NodeId], Connect | None] = lambda _: None,
    ) -> None:
        """Build everything, start nothing. Needs a running event loop.

        Args:
            settings: What the process must know.
            rules: The rules in force.
            roster: Who may log in.
            clock: The wall clock; tests and the simulator pass their own.
            epoch: Number of this leadership; by default the second of the start, so that it grows.
            connect: How to reach a node, None for TCP; the simulator has pairs in memory.
        """
        self.clock = clock or SystemClock()
        epoch = self.clock.now_ms() // 1000 if epoch is None else epoch
        names = [node.node_id for node in settings.nodes]
        self.metrics = MetricsObserver(rules, names, version=__version__)
        self.engine = Engine(rules, roster, epoch)
        self.pump = Pump(self.engine, self.clock, [self.metrics])
        self.links = [
            AsteriskNode(
                ami_settings(node, settings),
                rules=rules,
                roster=roster,
                epoch=epoch,
                inbox=self.pump,
                clock=self.clock,
                health=self.pump.health,
                connect=connect(node.node_id),
            )
            for node in settings.nodes
        ]
        for link in self.links:
            self.pump.attach(link)
        self.exposition = Exposition(self._take_picture, self.metrics.render)
        self._tasks: list[asyncio.Task[None]] = []

    def start(self) -> None:
        """Start the links and the breathing."""
        self._tasks = [
            asyncio.create_task(self.pump.breathe(), name="breath"),
            asyncio.create_task(self._watch_lag(), name="lag"),
            *(asyncio.create_task(link.run(), name=f"link {link.id}") for link in self.links),
        ]

    async def stop(self) -> None:
        """Stop in order: extend the leases, log off, end the tasks."""
        for link in self.links:
            await link.stop()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def fail(self) -> None:
        """Wait until the engine or one of our own tasks fails; raises what it raised."""
        failed: list[asyncio.Future[None]] = [self.pump.failed, *self._tasks]
        done, _ = await asyncio.wait(failed, return_when=asyncio.FIRST_EXCEPTION)
        for each in done:
            each.result()

    # ── Centre ───────────────────────────────────────────────────────────────────────────────

    async def submit(self, fact: Fact) -> Submitted:
        """Let the engine handle one fact."""
        return Submitted(refused=await self.pump.submit(fact))

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
        return pictures.agent(self.engine.world, agent)

    def summary(self) -> Summary:
        """The whole centre."""
        return pictures.summary(self.engine.world)

    def nodes(self) -> tuple[NodeStatus, ...]:
        """All links."""
        return tuple(
            NodeStatus(id=link.id, state=link.state, asterisk_version=link.asterisk_version)
            for link in self.links
        )

    def not_ready(self) -> str | None:
        """Why no call can be routed now."""
        unhealthy = self.pump.health()
        if unhealthy is not None:
            return unhealthy
        if any(link.state is NodeState.READY for link in self.links):
            return None
        return "; ".join(f"{link.id}: {link.why_not or link.state.value}" for link in self.links)

    def rules(self) -> RuleSet:
        """The rules in force."""
        return self.engine.world.rules

    # ── for the metrics ──────────────────────────────────────────────────────────────────────

    def _tell_time(self) -> None:
        """Let a picture be of now even if no fact has come for a while."""
        world = self.engine.world
        world.now_ms = max(world.now_ms, self.clock.now_ms())

    def _take_picture(self) -> None:
        gauges = [
            NodeGauges(
                node=link.id,
                connected=link.state is NodeState.READY,
                reconnects=max(0, link.link.counts["connects"] - 1),
                events=dict(link.link.events),
            )
            for link in self.links
        ]
        self.metrics.refresh(self.summary(), self.queues(), gauges)

    async def _watch_lag(self) -> None:
        while True:
            await asyncio.sleep(BREATH_S)
            for link in self.links:
                if link.state is NodeState.READY:
                    self.metrics.event_lag(link.id)(max(0, link.link.lag_ms) / 1000)


def ami_settings(node: NodeSettings, settings: Settings) -> AmiSettings:
    """What one link must be told, from the process settings."""
    tls, timings = node.tls, settings.timings
    return AmiSettings(
        id=node.node_id,
        host=node.host,
        port=node.port,
        username=node.username,
        secret=node.secret.get_secret_value(),
        tls=tls is not None,
        tls_ca=str(tls.ca_file) if tls and tls.ca_file else "",
        tls_server_name=(tls.server_name or "") if tls else "",
        action_s=timings.action_s,
        ping_s=timings.ping_s,
        lease_s=round(timings.lease_s),
        lease_renew_s=timings.renew_s,
    )


async def serve_until_told(settings: Settings, rules: RuleSet, roster: Roster) -> int:
    """Run a centre with its API and metrics until SIGTERM or SIGINT; returns the exit status."""
    told = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, told.set)
    centre = RunningCentre(settings, rules, roster)
    _settle_memory()
    tokens = Tokens.from_secrets({t.name: t.token.get_secret_value() for t in settings.api.tokens})
    servers: list[Server] = []
    status = 0
    try:
        servers.append(await serve(build_api(centre, tokens), settings.api.address, settings.api.port))
        metrics = build_metrics_app(centre.exposition.text)
        servers.append(await serve(metrics, settings.metrics.address, settings.metrics.port))
        centre.start()
        log.info("serving", api=servers[0].url, metrics=servers[1].url, rules=rules.revision)
        status = await _until_told_or_failed(centre, told)
    finally:
        for server in servers:
            await server.stop()
        if status == 0:
            await centre.stop()
    log.info("stopped", status=status)
    return status


def _settle_memory() -> None:
    """Keep what lives as long as the process out of the collector's rounds.

    With 3,100 agents a full collection would stop everything for 100 ms.
    """
    gc.collect()
    gc.freeze()


async def _until_told_or_failed(centre: RunningCentre, told: asyncio.Event) -> int:
    waiting = asyncio.create_task(told.wait())
    failing = asyncio.create_task(centre.fail())
    await asyncio.wait({waiting, failing}, return_when=asyncio.FIRST_COMPLETED)
    waiting.cancel()
    if failing.done():
        log.critical("the centre failed; Asterisk keeps the calls", exc_info=failing.exception())
        return ENGINE_FAILED
    failing.cancel()
    return 0
