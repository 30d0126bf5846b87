"""The link to one Asterisk, on panoramisk, and why it is trusted.

panoramisk alone loses events, repeats actions and hangs: tests/ami/test_panoramisk_facts.py shows
fourteen ways. What this module promises instead, on the session of ``acd.ami.hardened``:

* An action has one of three outcomes, always, within its own deadline. *Done*: Asterisk said so.
  *Refused* (``ActionRefused``): Asterisk said so, it did not happen. *Unknown* (``ActionUnknown``): no
  answer in time or the link went; it may have happened. Look; never repeat.
* Nothing outlives its connection: panoramisk's waiting list stays empty and each connection has a
  fresh ``Manager``. No action can be sent twice, none is sent while the link is down
  (``AsteriskUnreachable``).
* Strict order. All messages of a node go through one queue and are handled one after the other,
  answers and events alike, so an answer is never overtaken by the events that followed it.
* Nothing we do with a message can break the connection: reading only splits and enqueues; a
  callback that raises is counted and logged.
* Bounded. More than ``inbox_max`` messages behind, or a message without end, and the connection is
  cut on purpose: a fresh look is cheaper than a memory full of the past.
* Silence is noticed: two pings unanswered and the connection is aborted. A refused login is not
  hammered: after ``logins_refused_max`` the link stops and says so.

Lists are complete with ``EventList: Complete``, never by guessing from the words of an answer.
"""

from __future__ import annotations

import asyncio
import contextlib
import random
from collections import Counter, deque
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, TypeVarTuple

import structlog

from acd.ami.backoff import Backoff
from acd.ami.hardened import Outcome, Pending, Reply, Session, Then, watch_the_network
from acd.ami.offset import ClockOffset
from acd.ami.settings import AmiSettings
from acd.ami.wire import Action, Message, encode
from acd.errors import ActionRefused, ActionUnknown, AsteriskError, AsteriskUnreachable, LoginRefused
from acd.runtime.ports import Clock

__all__ = ["Connect", "Link", "Outcome", "Reply", "Then"]

SLICE = 64
"""Messages handled before the loop may look at something else."""
ROWS_MAX = 200_000
"""A list longer than this is no answer to anything we ask."""
DONE = ("Success", "Goodbye", "Follows")

Args = TypeVarTuple("Args")
log = structlog.get_logger(__name__)


Connect = Callable[
    [Callable[[], asyncio.Protocol]], Awaitable[tuple[asyncio.BaseTransport, asyncio.BaseProtocol]]
]
"""Opens a connection for a protocol factory, as ``loop.create_connection`` does."""


class Link:
    """Keeps one connection, sends actions, hands on events. All methods belong to the loop's thread.

    ``on_event`` hears every event, in order, also those that belong to an action (except the rows
    of a list). ``on_down`` is called once per connection that had logged in.
    """

    def __init__(
        self,
        settings: AmiSettings,
        *,
        clock: Clock,
        on_event: Callable[[Message], None],
        on_down: Callable[[], None],
        connect: Connect | None = None,
        draw: Callable[[], float] = random.random,
    ) -> None:
        self.settings = settings
        self.offset = ClockOffset()
        self.up = False
        """Logged in: actions can be sent."""
        self.events: Counter[str] = Counter()
        """By name; a ``UserEvent`` by its own."""
        self.counts: Counter[str] = Counter()
        """connects, refused_logins, refused, unknown, late_answers, overflows, callback_errors,
        session_errors, pings_missed."""
        self.lag_ms = 0
        """Age of the last event when it was handled, by Asterisk's own timestamp."""
        self._clock = clock
        self._on_event = on_event
        self._on_down = on_down
        self._connect = connect or self._create_connection
        self._backoff = Backoff(settings.backoff_s, settings.backoff_s_max, draw)
        self._login_backoff = Backoff(settings.login_backoff_s, settings.login_backoff_s_max, draw)
        self._session: Session | None = None
        self._closed: asyncio.Future[str] | None = None
        self._inbox: deque[Message] = deque()
        self._events_behind = 0
        self._held: list[Message] | None = None
        self._draining = False
        self._stopping = False
        self._booted = asyncio.Event()

    # ── the life of the link ─────────────────────────────────────────────────────────────────

    async def run(self, session: Callable[[], Awaitable[None]]) -> None:
        """Connect, log in and run ``session`` for as long as the connection lives; again until stopped.

        Raises:
            LoginRefused: Asterisk refused the account ``logins_refused_max`` times in a row.
        """
        loop = asyncio.get_running_loop()
        while not self._stopping:
            began_s = loop.time()
            pause = self._backoff
            try:
                await self._live(session)
            except LoginRefused as error:
                pause = self._login_backoff
                self.counts["refused_logins"] += 1
                log.warning("ami.login_refused", node=self.settings.id, why=str(error))
                if pause.failures + 1 >= self.settings.logins_refused_max:
                    raise
            except (AsteriskError, OSError, TimeoutError) as error:
                log.warning("ami.link_down", node=self.settings.id, why=str(error) or repr(error))
            except Exception:
                self.counts["session_errors"] += 1
                log.exception("ami.session_failed", node=self.settings.id)
            if loop.time() - began_s >= self.settings.steady_s:
                pause.reset()
            if not self._stopping:
                await asyncio.sleep(pause.next_s())

    async def _live(self, session: Callable[[], Awaitable[None]]) -> None:
        """One connection from its opening to its end; always ends by raising, unless stopped."""
        closed = await self._open()
        work: list[asyncio.Task[None]] = []
        try:
            await self._login()
            work = [asyncio.ensure_future(session()), asyncio.ensure_future(self._watch())]
            waits: list[asyncio.Future[Any]] = [closed, *work]
            await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
            for task in work:
                if task.done():
                    task.result()
            if not self._stopping:
                raise AsteriskUnreachable(
                    closed.result() if closed.done() else "The session ended by itself."
                )
        finally:
            for task in work:
                task.cancel()
            await asyncio.gather(*work, return_exceptions=True)
            self.cut("The link was closed by us.")

    async def _open(self) -> asyncio.Future[str]:
        loop = asyncio.get_running_loop()
        session = self._session = Session(self, loop)
        closed = self._closed = loop.create_future()
        self._booted.clear()
        self.offset.reset()
        try:
            async with asyncio.timeout(self.settings.connect_s):
                transport, protocol = await self._connect(session.config["protocol_factory"])
        except TimeoutError:
            raise AsteriskUnreachable(f"No connection within {self.settings.connect_s} s.") from None
        opened: asyncio.Future[Any] = loop.create_future()
        opened.set_result((transport, protocol))
        session.connection_made(opened)
        session.pinger.cancel()
        watch_the_network(transport)
        self.counts["connects"] += 1
        return closed

    async def _create_connection(
        self, factory: Callable[[], asyncio.Protocol]
    ) -> tuple[asyncio.BaseTransport, asyncio.BaseProtocol]:
        context = self.settings.ssl_context()
        name = (self.settings.tls_server_name or self.settings.host) if context else None
        return await asyncio.get_running_loop().create_connection(
            factory, self.settings.host, self.settings.port, ssl=context, server_hostname=name
        )

    async def _login(self) -> None:
        login = Action.of("Login", Username=self.settings.username, Secret=self.settings.secret, Events="on")
        try:
            await self._ask(login, 0.0)
        except ActionRefused as error:
            raise LoginRefused(
                f"Asterisk at {self.settings.host}:{self.settings.port} refused the login of"
                f" {self.settings.username!r}; check manager.conf and the secret, then restart. ({error})"
            ) from None
        self.up = True
        self._login_backoff.reset()

    async def _watch(self) -> None:
        """Ping; two periods without any answer and the connection is aborted."""
        misses = 0
        while True:
            pong = self.ping()
            await asyncio.sleep(self.settings.ping_s)
            misses = 0 if pong.done() and pong.result() else misses + 1
            self.counts["pings_missed"] += misses > 0
            if misses >= self.settings.misses_max:
                self.cut(f"Asterisk answered none of the last {misses} pings.")

    def ping(self) -> asyncio.Future[bool]:
        """Send a Ping and learn Asterisk's clock from its answer; False: none came in time."""
        sent_ms = self._clock.now_ms()
        pong: asyncio.Future[bool] = asyncio.get_running_loop().create_future()

        def then(outcome: Outcome) -> None:
            if isinstance(outcome, Reply):
                self.offset.sample(sent_ms, self._clock.now_ms(), outcome.message["Timestamp"])
            if not pong.done():
                pong.set_result(isinstance(outcome, Reply))

        self.submit((Action.of("Ping"), then), deadline_s=self.settings.ping_s * self.settings.misses_max)
        return pong

    async def booted(self) -> bool:
        """Wait until Asterisk has said it is fully booted, but not for ever: it may never tell us."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(self.settings.booted_s):
                await self._booted.wait()
        return self._booted.is_set()

    def cut(self, why: str) -> None:
        """Drop the connection now, for this reason; the link opens another by itself."""
        session = self._session
        if session is None or self._closed is None or self._closed.done():
            return
        if session.protocol is not None:
            session.protocol.transport.abort()
        self._end(session, why)

    def lost(self, session: Session, exc: Exception | None) -> None:
        """Hear from panoramisk that a connection is gone."""
        self._end(session, f"The connection was lost ({exc})." if exc else "Asterisk closed the connection.")

    def _end(self, session: Session, why: str) -> None:
        """Fail all that waits; nothing of this connection is used again."""
        if session is not self._session or self._closed is None or self._closed.done():
            return
        was_up, self.up = self.up, False
        self._closed.set_result(why)
        self._inbox.clear()
        self._events_behind = 0
        self._held = None
        pendings = list(session.pendings.values())
        session.pendings.clear()
        for pending in pendings:
            name = pending.wanted.name
            self._finish(pending, ActionUnknown(f"{name} was on its way when the link went: {why}"))
        if was_up:
            self._guard(self._on_down)

    async def stop(self) -> None:
        """Log off and let ``run`` return."""
        self._stopping = True
        if self.up:
            with contextlib.suppress(AsteriskError):
                await self.act(Action.of("Logoff"), deadline_s=1.0)
        self.cut("We logged off.")

    # ── actions ──────────────────────────────────────────────────────────────────────────────

    def submit(self, *asks: tuple[Action, Then], deadline_s: float = 0.0) -> None:
        """Send these actions in one write, in this order; each ``then`` hears its own outcome.

        Raises:
            AsteriskUnreachable: there is no connection; nothing was sent.
            UnsafeValue: one of them must not be sent; none was.
        """
        self._must_be_up()
        self._send(asks, deadline_s)

    def _must_be_up(self) -> None:
        if not self.up:
            raise AsteriskUnreachable(f"There is no connection to {self.settings.id} now; nothing was sent.")

    def _send(self, asks: Sequence[tuple[Action, Then]], deadline_s: float) -> None:
        session = self._session
        if session is None or session.protocol is None or session.protocol.transport.is_closing():
            raise AsteriskUnreachable(f"The connection to {self.settings.id} is closing; nothing was sent.")
        pendings = [Pending(action, then) for action, then in asks]
        raws = [encode(pending.wanted, pending.id) for pending in pendings]
        loop = asyncio.get_running_loop()
        for pending in pendings:
            pending.timer = loop.call_later(deadline_s or self.settings.action_s, self._overdue, pending)
        session.protocol.send(list(zip(pendings, raws, strict=True)))

    async def act(self, action: Action, *, deadline_s: float = 0.0) -> Message:
        """Send one action and wait for its outcome.

        Raises:
            ActionRefused: Asterisk answered Error.
            ActionUnknown: no answer in time, or the link went.
            AsteriskUnreachable: there is no connection; nothing was sent.
            UnsafeValue: a value must not reach the wire; nothing was sent.
        """
        self._must_be_up()
        return (await self._ask(action, deadline_s)).message

    async def collect(self, action: Action) -> list[Message]:
        """Send an action that is answered with a list; return its rows. Raises as ``act`` does."""
        self._must_be_up()
        return (await self._ask(action, self.settings.list_s)).rows

    async def _ask(self, action: Action, deadline_s: float) -> Reply:
        answered: asyncio.Future[Reply] = asyncio.get_running_loop().create_future()

        def then(outcome: Outcome) -> None:
            if answered.done():
                return
            if isinstance(outcome, Reply):
                answered.set_result(outcome)
            else:
                answered.set_exception(outcome)

        self._send([(action, then)], deadline_s)
        return await answered

    def _overdue(self, pending: Pending) -> None:
        if self._session and self._session.pendings.pop(pending.id, None) is pending:
            self._finish(pending, ActionUnknown(f"{pending.wanted.name} was not answered in time."))

    def _finish(self, pending: Pending, outcome: Outcome) -> None:
        if pending.timer is not None:
            pending.timer.cancel()
        if isinstance(outcome, ActionUnknown):
            self.counts["unknown"] += 1
        elif isinstance(outcome, ActionRefused):
            self.counts["refused"] += 1
        self._guard(pending.then, outcome)

    # ── messages ─────────────────────────────────────────────────────────────────────────────

    def hold(self) -> None:
        """Keep events back (answers go on) until ``release``: a look at the node comes first."""
        if self._held is None:
            self._held = []

    def release(self) -> None:
        """Hand the events on that were kept back, before any newer one."""
        held, self._held = self._held, None
        if held:
            self._inbox.extendleft(reversed(held))
            self._schedule()

    def take(self, session: Session, message: Message) -> None:
        """Queue one message; too many events and the connection is cut."""
        if session is not self._session or self._closed is None or self._closed.done():
            return
        if message["Event"] == "FullyBooted":
            self._booted.set()
        self._events_behind += "ActionID" not in message
        if self._events_behind > self.settings.inbox_max:
            self.counts["overflows"] += 1
            self.cut(f"More than {self.settings.inbox_max} events wait; the node is looked at anew.")
            return
        self._inbox.append(message)
        self._schedule()

    def _schedule(self) -> None:
        if not self._draining:
            self._draining = True
            asyncio.get_running_loop().call_soon(self._drain)

    def _drain(self) -> None:
        """Handle a slice of the queue, oldest first."""
        self._draining = False
        for _ in range(min(SLICE, len(self._inbox))):
            if not self._inbox:
                return
            self._handle(self._inbox.popleft())
        if self._inbox:
            self._schedule()

    def _handle(self, message: Message) -> None:
        pending = self._session.pendings.get(message["ActionID"]) if self._session else None
        if "Event" not in message:
            self._answer(pending, message)
        elif pending is not None and pending.start is not None:
            self._row(pending, message)
        elif self._held is not None:
            self._held.append(message)
        else:
            self._events_behind -= "ActionID" not in message
            self.events[message["UserEvent"] or message["Event"]] += 1
            self._measure(message)
            self._guard(self._on_event, message)

    def _answer(self, pending: Pending | None, message: Message) -> None:
        if pending is None:
            self.counts["late_answers"] += 1
        elif message["Response"] not in DONE:
            self._close(pending, ActionRefused(f"{pending.wanted.name} was refused: {message['Message']}"))
        elif message["EventList"].lower() == "start":
            pending.start = message
        else:
            self._close(pending, Reply(message, []))

    def _row(self, pending: Pending, message: Message) -> None:
        assert pending.start is not None
        state = message["EventList"].lower()
        if state == "complete":
            self._close(pending, Reply(pending.start, pending.rows))
        elif state == "cancelled" or len(pending.rows) >= ROWS_MAX:
            self._close(pending, ActionRefused(f"{pending.wanted.name}: the list was broken off."))
        else:
            pending.rows.append(message)

    def _close(self, pending: Pending, outcome: Outcome) -> None:
        if self._session:
            self._session.pendings.pop(pending.id, None)
        self._finish(pending, outcome)

    def _measure(self, message: Message) -> None:
        stamp = message["Timestamp"]
        if stamp:
            with contextlib.suppress(ValueError):
                self.lag_ms = self._clock.now_ms() - self.offset.to_ours(round(float(stamp) * 1000))

    def _guard(self, call: Callable[[*Args], None], *args: *Args) -> None:
        try:
            call(*args)
        except Exception:
            self.counts["callback_errors"] += 1
            log.exception("ami.message_failed", node=self.settings.id)
