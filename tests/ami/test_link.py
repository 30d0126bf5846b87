"""The link's own promises beyond the pins: lists, back-off, overflow, held events, other transports."""

from __future__ import annotations

import asyncio
import shutil
import ssl
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from acd.ami.backoff import Backoff
from acd.ami.link import Link
from acd.ami.offset import ClockOffset
from acd.ami.wire import Action, Message
from acd.errors import ActionRefused, ActionUnknown
from tests.ami.fake import FakeAsterisk, Heard, StandingClock, block, linked, settings, success, until, usual


def listing(heard: Heard) -> bytes | None:
    if heard["Action"] != "Status":
        return usual(heard)
    mine = f"ActionID: {heard['ActionID']}"
    return (
        success(heard, "EventList: start", "Message: Channel status will follow")
        + block("Event: Status", mine, "Uniqueid: 7.1")
        + block("Event: Hangup", "Uniqueid: 7.9")
        + block("Event: Status", mine, "Uniqueid: 7.2")
        + block("Event: StatusComplete", mine, "EventList: Complete", "ListItems: 2")
    )


async def test_a_list_is_complete_when_asterisk_says_so_and_its_rows_are_no_events():
    events: list[str] = []
    async with (
        FakeAsterisk(listing) as asterisk,
        linked(asterisk, lambda message: events.append(message["Event"])) as link,
    ):
        rows = await link.collect(Action.of("Status"))
        assert [row["Uniqueid"] for row in rows] == ["7.1", "7.2"]
        assert events == ["Hangup"]


async def test_a_list_that_is_never_complete_is_unknown():
    def answers(heard: Heard) -> bytes | None:
        return success(heard, "EventList: start") if heard["Action"] == "Status" else usual(heard)

    async with FakeAsterisk(answers) as asterisk, linked(asterisk, list_s=0.02) as link:
        with pytest.raises(ActionUnknown):
            await link.collect(Action.of("Status"))


async def test_an_error_is_a_refusal_with_asterisks_own_words():
    def answers(heard: Heard) -> bytes | None:
        if heard["Action"] == "Setvar":
            return block("Response: Error", f"ActionID: {heard['ActionID']}", "Message: No such channel")
        return usual(heard)

    async with FakeAsterisk(answers) as asterisk, linked(asterisk) as link:
        with pytest.raises(ActionRefused, match="No such channel"):
            await link.act(Action.of("Setvar", Channel="7.1", Variable="X", Value="1"))


async def test_several_actions_leave_in_one_write_and_in_order():
    async with FakeAsterisk() as asterisk, linked(asterisk) as link:
        writes: list[bytes] = []
        link._session.protocol.transport = type(
            "Spy",
            (),
            {"write": staticmethod(writes.append), "is_closing": lambda _: False, "abort": lambda _: None},
        )()
        kick = Action.of("BridgeKick", BridgeUniqueid="b", Channel="7.1")
        link.submit((Action.of("Setvar", Variable="X", Value="1"), print), (kick, print))
        assert len(writes) == 1
        assert writes[0].index(b"Setvar") < writes[0].index(b"BridgeKick")


async def test_an_unsafe_action_keeps_back_the_ones_sent_with_it():
    async with FakeAsterisk() as asterisk, linked(asterisk) as link:
        with pytest.raises(Exception, match="BridgeUniqueid"):
            link.submit(
                (Action.of("Setvar", Variable="X", Value="1"), print),
                (Action.of("BridgeKick", BridgeUniqueid="", Channel="7.1"), print),
            )
        await link.act(Action.of("CoreStatus"))
        assert "Setvar" not in asterisk.names()


async def test_an_overflowing_inbox_drops_the_link_on_purpose():
    async with FakeAsterisk() as asterisk, linked(asterisk, inbox_max=100) as link:
        link.hold()
        asterisk.send(block("Event: DialState") * 101)
        await until(lambda: asterisk.connections == 2 and link.up)
        assert link.counts["overflows"] == 1


async def test_rows_we_asked_for_are_no_overflow():
    def answers(heard: Heard) -> bytes | None:
        if heard["Action"] != "DeviceStateList":
            return usual(heard)
        mine = f"ActionID: {heard['ActionID']}"
        return (
            success(heard, "EventList: start")
            + block("Event: DeviceStateChange", mine) * 500
            + block("Event: DeviceStateListComplete", mine, "EventList: Complete")
        )

    async with FakeAsterisk(answers) as asterisk, linked(asterisk, inbox_max=100) as link:
        assert len(await link.collect(Action.of("DeviceStateList"))) == 500
        assert link.counts["overflows"] == 0


async def test_held_events_follow_before_newer_ones_and_answers_pass_them():
    events: list[str] = []
    async with (
        FakeAsterisk() as asterisk,
        linked(asterisk, lambda message: events.append(message["N"])) as link,
    ):
        link.hold()
        asterisk.send(block("Event: X", "N: 1") + block("Event: X", "N: 2"))
        await link.act(Action.of("CoreStatus"))
        assert events == []
        link.release()
        asterisk.send(block("Event: X", "N: 3"))
        await until(lambda: len(events) == 3)
        assert events == ["1", "2", "3"]


async def test_a_long_backlog_leaves_the_loop_free_between_slices():
    turns: list[int] = []
    events: list[Message] = []
    async with FakeAsterisk() as asterisk, linked(asterisk, events.append) as link:
        link.hold()
        asterisk.send(block("Event: X") * 1_000)
        await until(lambda: link._events_behind == 1_000)
        await asyncio.sleep(0)
        await until(lambda: len(link._held or ()) == 1_000)
        link.release()
        while len(events) < 1_000:
            turns.append(len(events))
            await asyncio.sleep(0)
        assert len(turns) >= 1_000 // 64


async def test_pongs_tell_asterisks_clock():
    async with FakeAsterisk() as asterisk, linked(asterisk) as link:
        assert await link.ping()
        assert link.offset.offset_ms == 1_000


async def test_the_lag_of_events_is_measured_on_asterisks_clock():
    async with FakeAsterisk() as asterisk, linked(asterisk) as link:
        await link.ping()
        asterisk.send(block("Event: X", "Timestamp: 1799999998.750000"))
        await until(lambda: link.lag_ms)
        assert link.lag_ms == 250
        assert link.events["X"] == 1


async def test_any_transport_will_do():
    """The simulator's in-memory pair connects through the same door as TCP."""

    class Memory(asyncio.Transport):
        def __init__(self, protocol: asyncio.Protocol) -> None:
            super().__init__()
            self.protocol = protocol
            self.closing = False

        def write(self, data: bytes) -> None:
            for raw in data.split(b"\r\n\r\n")[:-1]:
                heard = dict(Message.parse(raw).headers)
                answer = usual(heard)
                asyncio.get_running_loop().call_soon(self.protocol.data_received, answer)

        def is_closing(self) -> bool:
            return self.closing

        def abort(self) -> None:
            if not self.closing:
                self.closing = True
                asyncio.get_running_loop().call_soon(self.protocol.connection_lost, None)

        close = abort

    async def connect(
        factory: Callable[[], asyncio.BaseProtocol],
    ) -> tuple[asyncio.BaseTransport, asyncio.BaseProtocol]:
        protocol = factory()
        assert isinstance(protocol, asyncio.Protocol)
        transport = Memory(protocol)
        protocol.connection_made(transport)
        asyncio.get_running_loop().call_soon(protocol.data_received, b"Asterisk Call Manager/11.0.0\r\n")
        return transport, protocol

    link = Link(
        settings(0), clock=StandingClock(), on_event=lambda _: None, on_down=lambda: None, connect=connect
    )
    running = asyncio.ensure_future(link.run(asyncio.Event().wait))
    await until(lambda: link.up)
    await link.act(Action.of("CoreStatus"))
    await link.stop()
    await asyncio.wait_for(running, 1)
    assert not link.up


@pytest.fixture
def certified(tmp_path: Path) -> tuple[Path, Path]:
    """A key and a certificate for asterisk.test."""
    if shutil.which("openssl") is None:
        pytest.skip("makes its certificate with openssl")
    key, certificate = tmp_path / "key.pem", tmp_path / "certificate.pem"
    make = "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 1"
    name = "-subj /CN=asterisk.test -addext subjectAltName=DNS:asterisk.test"
    subprocess.run(f"{make} {name} -keyout {key} -out {certificate}".split(), check=True, capture_output=True)
    return key, certificate


async def test_over_tls_the_certificate_is_checked_against_the_name(certified: tuple[Path, Path]):
    key, certificate = certified
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    tls = {"tls": True, "tls_ca": str(certificate)}
    async with FakeAsterisk(tls=context) as asterisk:
        async with linked(asterisk, tls_server_name="asterisk.test", **tls) as link:
            await link.act(Action.of("CoreStatus"))
        heard = len(asterisk.heard)
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.1), linked(asterisk, tls_server_name="another.test", **tls):
                pass
        assert len(asterisk.heard) == heard, "no secret is told to a stranger"


async def test_a_defect_in_the_session_costs_the_connection_not_the_link():
    async def broken() -> None:
        raise ZeroDivisionError

    async with FakeAsterisk() as asterisk:
        link = Link(
            settings(asterisk.port), clock=StandingClock(), on_event=lambda _: None, on_down=lambda: None
        )
        running = asyncio.ensure_future(link.run(broken))
        await until(lambda: asterisk.connections >= 3)
        assert link.counts["session_errors"] >= 2
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)


def test_back_off_doubles_to_its_ceiling_and_draws_from_nought():
    highest = Backoff(0.25, 5.0, lambda: 1.0)
    assert [highest.next_s() for _ in range(7)] == [0.25, 0.5, 1, 2, 4, 5, 5]
    highest.reset()
    assert highest.next_s() == 0.25
    assert Backoff(0.25, 5.0, lambda: 0.0).next_s() == 0
    forever = Backoff(0.25, 5.0, lambda: 1.0)
    forever.failures = 10_000
    assert forever.next_s() == 5


def test_the_sample_with_the_shortest_round_trip_is_believed():
    offset = ClockOffset()
    offset.sample(10_000, 10_400, "10.1")
    assert offset.offset_ms == 100
    offset.sample(11_000, 11_002, "11.0")
    assert offset.offset_ms == 1
    offset.sample(12_000, 13_000, "12.0")
    assert offset.offset_ms == 1
    offset.sample(0, 0, "nonsense")
    assert offset.to_ours(1_000) == 1_001
    assert offset.to_theirs(1_001) == 1_000
