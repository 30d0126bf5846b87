"""The doctor on a manager port that is ill one way at a time."""

from __future__ import annotations

import re
import time
from collections.abc import Callable

import msgspec
import pytest

from acd.ami.doctor import Expected, Finding, Level, examine, hosts, patience, plan, session, stream
from acd.ami.doctor.rights import NEEDED
from acd.ami.settings import AmiSettings
from acd.ami.snapshot import DIALPLAN_VERSION
from acd.ami.wire import ALLOWED, Message
from acd.errors import UnsafeValue
from asterisk_lab.configuration import SHIPPED
from tests.ami.fake import FakeAsterisk, settings
from tests.ami.patient import Patient

EXPECTED = Expected(numbers=("803164",), listen_s=0.0)


@pytest.fixture(autouse=True)
def _brief(monkeypatch):
    """The real bounds are tried on the real Asterisk."""
    monkeypatch.setattr(patience, "ANSWERS", 20)
    monkeypatch.setattr(patience, "PAUSE_S", 0.05)
    monkeypatch.setattr(stream, "SETTLES_S", 0.01)
    monkeypatch.setattr(stream, "COMES_S_MAX", 0.05)


async def findings(patient: FakeAsterisk, expected: Expected = EXPECTED, **node: object) -> list[Finding]:
    async with patient:
        (report,) = await examine([settings(patient.port, **node)], expected)
    return list(report.findings)


def elsewhere() -> AmiSettings:
    return msgspec.structs.replace(settings(1, connect_s=0.05), host="192.0.2.1")


def bad(found: list[Finding]) -> list[tuple[str, Level]]:
    return [(f.check, f.level) for f in found if f.level in {Level.WARNING, Level.WRONG}]


async def test_a_healthy_asterisk_has_nothing_wrong():
    """Every check speaks; nothing is to be changed; what cannot be proved says how it can."""
    found = await findings(Patient())
    assert bad(found) == []
    assert [f.check for f in found if f.level is Level.UNPROVED] == ["calls", "writetimeout"]
    assert all(f.change for f in found if f.level is not Level.OK)
    assert {f.check for f in found} == {
        "way", "login", "version", "rights", "least rights", "events", "filter", "calls", "writetimeout",
        "dialplan", "safety net", "leader", "hosts", "systemname", "clock",
    }  # fmt: skip


def lacks_agent(patient: Patient) -> None:
    for name in ("QueueAdd", "QueuePause", "QueueRemove"):
        del patient.classes[name]


def lacks_a_module(patient: Patient) -> None:
    del patient.classes["ControlPlayback"]
    patient.unknown.add("ControlPlayback")


def may_run_programs(patient: Patient) -> None:
    patient.classes |= {"AGI": "agi,all"}


def set_up(**values: object) -> Callable[[Patient], None]:
    def make(patient: Patient) -> None:
        for name, value in values.items():
            setattr(patient, name, value)

    return make


def says(variable: str, value: str) -> Callable[[Patient], None]:
    def make(patient: Patient) -> None:
        patient.functions[variable] = value

    return make


CHANGE = "Event: DeviceStateChange\r\nDevice: Custom:acd-doctor\r\nTimestamp: 1.5"
ILLNESSES = [
    (set_up(login=False), "login", Level.WRONG, r"manager\.conf, section \[acd\]: secret"),
    (set_up(version="20.10.9"), "version", Level.WRONG, "20.11, 22.1"),
    (set_up(version="21.12.0"), "version", Level.WRONG, "20.11, 22.1"),
    (set_up(version="22.1.0"), "version", Level.WARNING, "22.10.1"),
    (set_up(version="GIT-master"), "version", Level.UNPROVED, "20.11"),
    (lacks_agent, "rights", Level.WRONG, "write = call,reporting,agent"),
    (lacks_a_module, "rights", Level.WRONG, r"load = app_controlplayback\.so"),
    (may_run_programs, "least rights", Level.WARNING, "write = call,reporting,agent"),
    (set_up(changes=[]), "events", Level.WRONG, "read = call,user,system,dtmf"),
    (set_up(booted=False), "events", Level.WRONG, "read = call,user,system,dtmf"),
    (set_up(changes=[CHANGE.replace("Timestamp", "Time")]), "events", Level.WARNING, "timestampevents = yes"),
    (set_up(changes=[CHANGE, "Event: ExtensionStatus"]), "filter", Level.WARNING, "eventfilter"),
    (
        set_up(changes=[CHANGE, "Event: UserEvent\r\nUserEvent: Other"]),
        "filter",
        Level.WARNING,
        "eventfilter",
    ),
    (set_up(changes=[CHANGE, "Event: DTMFEnd\r\nContext: acd-offer"]), "filter", Level.WARNING, "DTMFEnd"),
    (says("ACD_DIALPLAN", ""), "dialplan", Level.WRONG, "#include extensions_acd.conf"),
    (says("ACD_DIALPLAN", "1"), "dialplan", Level.WRONG, "this release"),
    (set_up(absent={"acd-hold,s,1"}), "dialplan", Level.WRONG, "#include extensions_acd.conf"),
    (says("URIENCODE(a b)", ""), "dialplan", Level.WRONG, "func_uri.so"),
    (set_up(absent={"803164"}), "numbers", Level.WARNING, r"acd_entry\.conf, section \[from-trunk\]"),
    (says("QUEUE_EXISTS(acd-net-it)", "0"), "safety net", Level.WRONG, r"\[acd-net-it\]\(acd-net\)"),
    (says("QUEUE_EXISTS(acd-net-it)", ""), "safety net", Level.WRONG, "app_queue.so"),
    (says("ACD_LEASE", str(int(time.time()) + 600)), "leader", Level.WARNING, "Stop it"),
    (says("ACD_EPOCH", str(int(time.time()) + 600)), "leader", Level.WRONG, "clock"),
    (set_up(name=""), "systemname", Level.WARNING, "systemname = n1"),
    (set_up(name="other"), "systemname", Level.WARNING, "id: other"),
    (set_up(ahead_s=2.0), "clock", Level.WARNING, "NTP"),
    (set_up(ahead_s=-9.0), "clock", Level.WRONG, "NTP"),
]


@pytest.mark.parametrize(("make_ill", "check", "level", "change"), ILLNESSES)
async def test_each_illness_is_found_alone_and_its_cure_named(make_ill, check, level, change):
    """One finding, at its level, with the line to write."""
    patient = Patient()
    make_ill(patient)
    found = [f for f in await findings(patient) if f.level is level and f.check == check]
    assert found, "not found"
    assert all(re.search(change, f.change) for f in found)


async def test_an_illness_leaves_the_rest_alone():
    """A missing right is no missing dialplan."""
    patient = Patient()
    lacks_agent(patient)
    found = await findings(patient)
    assert bad(found) == [("rights", Level.WRONG)]
    assert "QueueAdd, QueuePause, QueueRemove" in next(f.saw for f in found if f.check == "rights")


async def test_our_own_lease_is_nobody_elses():
    """While our ACD serves, a valid lease is as it should be."""
    patient = Patient()
    patient.functions["ACD_LEASE"] = str(int(time.time()) + 5)
    found = await findings(patient, Expected(serving=True, listen_s=0.0))
    assert bad(found) == []


async def test_a_session_that_is_cut_while_it_pauses_is_found():
    """What a short writetimeout does, seen from our side."""

    class Hasty(Patient):
        def answer(self, heard):
            if heard.get("Variable", "").startswith("STRFTIME"):
                self.drop_last()
                return None
            return super().answer(heard)

        def drop_last(self):
            self._writers[-1].close()

    found = await findings(Hasty())
    assert ("writetimeout", Level.WRONG) in bad(found)


async def test_silence_is_told_and_the_other_checks_go_on():
    """An answer that never comes spoils one check."""

    class Mute(Patient):
        def answer(self, heard):
            return None if heard["Action"] == "Ping" else super().answer(heard)

    found = await findings(Mute(), action_s=0.05)
    assert bad(found) == [("clock", Level.WRONG)]
    assert "not answered within" in found[-1].saw


async def test_a_port_that_is_no_asterisk_and_a_port_that_is_nothing():
    """Neither raises; both say which settings to look at."""
    patient = Patient()
    async with patient:
        (report,) = await examine([settings(patient.port, tls=True)], EXPECTED)
    assert [f.check for f in report.findings if f.level is Level.WRONG] == ["reach"]
    assert "TLS" in report.findings[-1].saw
    (report,) = await examine([settings(patient.port)], EXPECTED)
    assert not report.sound
    assert "enabled = yes" in report.findings[-1].change


async def test_clear_text_over_a_network_is_told():
    """Even if nobody answers there."""
    (report,) = await examine([elsewhere()], EXPECTED)
    assert report.findings[0].level is Level.WARNING
    assert "tlsenable" in report.findings[0].change


def test_nothing_can_be_slipped_into_an_action():
    """A secret with a line break is no second header."""
    with pytest.raises(UnsafeValue):
        session.action("Login", "1", {"Secret": "x\r\nAction: Originate"})


def test_a_leg_is_measured_from_the_order_to_its_dialling():
    """By Asterisk's clock; the slowest counts, strangers do not."""

    def event(name: str, call: str, at: str, user: str = "") -> Message:
        return Message({"Event": name, "UserEvent": user, "Uniqueid": call, "Timestamp": at})

    events = [
        event("UserEvent", "1", "10.0", "ACDOfferBegin"),
        event("UserEvent", "2", "10.5", "ACDOfferBegin"),
        event("DialBegin", "2", "10.51"),
        event("DialBegin", "3", "99.0"),
        event("DialBegin", "1", "15.0"),
    ]
    assert stream.slowest_leg_s(events) == 5.0
    assert stream.slowest_leg_s(events[:2]) is None


async def test_a_slow_leg_is_a_name_that_is_not_found():
    """Five seconds are DNS."""
    node = settings(1)
    assert (await hosts.check_hosts(node, 5.0)).level is Level.WRONG
    assert (await hosts.check_hosts(node, 0.01)).level is Level.OK
    assert (await hosts.check_hosts(elsewhere(), None)).level is Level.UNPROVED


@pytest.mark.parametrize(("text", "level"), [
    ("127.0.0.1 localhost\n127.0.1.1 vm # us\n", Level.OK),
    ("127.0.0.1 localhost\n# 127.0.1.1 vm\n", Level.WRONG),
])  # fmt: skip
async def test_the_hosts_file_that_asterisk_sees_decides(tmp_path, monkeypatch, text, level):
    """A chroot or a container has its own."""
    (tmp_path / "etc").mkdir()
    (tmp_path / "etc/hosts").write_text(text)
    monkeypatch.setattr(hosts, "root_of_listener", lambda _: tmp_path)
    monkeypatch.setattr(hosts.socket, "gethostname", lambda: "vm")
    assert (await hosts.check_hosts(settings(1), None)).level is level


async def test_the_listener_of_a_port_is_found_by_its_socket():
    """This very process, through /proc."""
    async with FakeAsterisk() as asterisk:
        root = hosts.root_of_listener(asterisk.port)
        assert root is not None
        assert (root / "etc/hosts").exists()
    assert hosts.root_of_listener(asterisk.port) is None


def test_what_the_doctor_expects_is_what_is_shipped():
    """Filter, dialplan version and parts are those of config/asterisk; rights those of the link."""
    manager = (SHIPPED / "manager_acd.conf").read_text()
    assert set(re.findall(r"name\((\w+)\)", manager)) == stream.NEEDED_EVENTS
    assert f"\n{stream.READ}\n" in manager
    dialplan = "".join((SHIPPED / name).read_text() for name in ("extensions_acd.conf", "acd_offices.conf"))
    assert re.search(rf"^ACD_DIALPLAN={DIALPLAN_VERSION}\b", dialplan, re.MULTILINE)
    for part in plan.PARTS:
        context = part.partition(",")[0]
        assert re.search(rf"^\[{context}\]", dialplan, re.MULTILINE), part
    assert set(NEEDED) | {"Login", "Logoff", "Ping"} == ALLOWED
