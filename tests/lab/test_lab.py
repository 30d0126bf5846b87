"""The lab itself, and the rights of the ACD's AMI user."""

from __future__ import annotations

import asyncio
import filecmp
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from asterisk_lab import Lab, LabError
from asterisk_lab.configuration import SHIPPED
from asterisk_lab.installation import new_enough
from tests.lab.manager import Manager, Refused

pytestmark = pytest.mark.real

FORBIDDEN = {
    "Command": {"Command": "core show channels"},
    "DBPut": {"Family": "x", "Key": "y", "Val": "z"},
    "Filter": {"Operation": "Add", "Filter": "Event: Newchannel"},
    "UserEvent": {"UserEvent": "ACDEnd"},
    "ModuleLoad": {"LoadType": "reload"},
    "GetConfig": {"Filename": "manager.conf"},
    "UpdateConfig": {"SrcFilename": "manager.conf", "DstFilename": "manager.conf"},
    "PJSIPShowContacts": {},
    "DialplanExtensionAdd": {"Context": "x", "Extension": "1", "Priority": "1", "Application": "Hangup"},
}


@pytest.mark.parametrize("action", FORBIDDEN)
async def test_the_acd_may_not(manager, action):
    """Least rights: what the ACD never needs is refused."""
    with pytest.raises(Refused, match=r"[Pp]ermission"):
        await manager.act(action, **FORBIDDEN[action])


async def test_the_acd_may(manager):
    """Everything recovery and the mirror of the net need."""
    assert (await manager.act("Ping"))["Timestamp"]
    assert (await manager.act("CoreStatus"))["CoreStartupTime"]
    devices = await manager.act("DeviceStateList", complete="DeviceStateListComplete")
    assert {"PJSIP/a0001", "PJSIP/r0001"} <= {row["Device"] for row in devices}
    await manager.act(
        "QueueAdd", Queue="acd-net-it", Interface="PJSIP/a0001", MemberName="a0001", Paused="true"
    )
    await manager.act("QueuePause", Queue="acd-net-it", Interface="PJSIP/a0001", Paused="false")
    rows = await manager.act("QueueStatus", Queue="acd-net-it", complete="QueueStatusComplete")
    assert [row["Location"] for row in rows if row["Event"] == "QueueMember"] == ["PJSIP/a0001"]
    await manager.act("QueueRemove", Queue="acd-net-it", Interface="PJSIP/a0001")


async def test_a_wrong_secret_is_refused(lab):
    """There is no password but the generated one."""
    for secret in ("", "acd"):
        reader, writer = await asyncio.open_connection(lab.sip_ip, lab.ami_port)
        await reader.readline()
        writer.write(f"Action: Login\r\nUsername: acd\r\nSecret: {secret}\r\n\r\n".encode())
        assert b"Error" in await reader.readline()
        writer.close()
        await writer.wait_closed()


def test_the_lab_runs_the_shipped_files(lab):
    """Everything but site/ and asterisk.conf is what a deployment copies, byte for byte."""
    shipped = [path.name for path in SHIPPED.glob("*.conf") if path.name != "asterisk.conf"]
    assert len(shipped) > 10
    _, different, missing = filecmp.cmpfiles(SHIPPED, lab.host_dir / "etc", shipped, shallow=False)
    assert (different, missing) == ([], [])


def test_asterisk_has_nothing_to_complain_about(lab):
    """No error of the configuration in the log, no dialplan warning."""
    text = (lab.host_dir / "log/messages.log").read_text()
    ours = [
        line
        for line in text.splitlines()
        if any(word in line for word in ("pbx", "extensions", "app_queue", "manager.c"))
    ]
    assert [line for line in ours if ("ERROR" in line or "WARNING" in line)] == []


@pytest.mark.parametrize(
    ("version", "enough"),
    [("22.10.1+dfsg", True), ("22.1.0", True), ("22.0.0", False), ("20.11.1", True), ("20.6.0~dfsg", False),
     ("21.12.0", False), ("23.0.0", True), ("18.10.0", False), ("", False)],
)  # fmt: skip
def test_versions(version, enough):
    """Event filters of the kind we use decide."""
    assert new_enough(version) is enough


def test_up_again_is_the_same_lab(lab):
    """The command is idempotent."""
    again = Lab.up(lab.settings.agents, lab.settings.port_offset, contact_ports=lab.settings.contact_ports)
    assert (again.process, again.ami_secret) == (lab.process, lab.ami_secret)


async def test_two_labs_side_by_side_and_one_that_is_killed(lab):
    """Another lab comes, crashes, comes back with its net, and goes; this one does not notice."""
    other = Lab.up(agents=2, port_offset=None)
    try:
        assert other.settings.port_offset != lab.settings.port_offset
        manager = await Manager.login(other)
        await manager.act("QueueAdd", Queue="acd-net-it", Interface="PJSIP/a0001", Paused="true", Reason="7")
        await asyncio.sleep(1.5)  # its database is written once a second
        other.kill()
        await manager.close()
        with pytest.raises(LabError):
            other.rx("core show version")
        other.restart()
        manager = await Manager.login(other)
        rows = await manager.act("QueueStatus", Queue="acd-net-it", complete="QueueStatusComplete")
        await manager.close()
        members = [row for row in rows if row["Event"] == "QueueMember"]
        assert [(row["Location"], row["Paused"]) for row in members] == [("PJSIP/a0001", "1")]
        other.signal(signal.SIGSTOP)
        assert "SIP" in _command("status")
        assert str(other.ami_port) in _command("status")
    finally:
        other.down()
    assert lab.process.alive
    assert "Asterisk" in lab.rx("core show version")
    with pytest.raises(LabError, match="scripts/lab up"):
        Lab.attach(other.settings.port_offset)


def _command(*arguments: str) -> str:
    script = Path(__file__).parents[2] / "scripts" / "lab"
    return subprocess.run(
        [sys.executable, script, *arguments], capture_output=True, text=True, check=True
    ).stdout
