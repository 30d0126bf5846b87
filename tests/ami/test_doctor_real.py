"""The doctor on a real Asterisk: healthy, with a call, and set up wrongly in every way at once."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Iterator

import pytest

from acd.ami.doctor import Expected, Finding, Level, examine
from acd.ami.settings import AmiSettings
from acd.core.ids import NodeId
from asterisk_lab import Lab, LabUnavailableError
from asterisk_lab.user_agent import UserAgent

pytestmark = pytest.mark.real

EXPECTED = Expected(languages=("de", "it"), numbers=("803164",), listen_s=0.3)


@pytest.fixture(scope="module")
def lab() -> Iterator[Lab]:
    try:
        made = Lab.up(agents=2, port_offset=None)
    except LabUnavailableError as error:
        pytest.skip(str(error))
    try:
        yield made
    finally:
        made.down()


def node(lab: Lab, **changes: str) -> AmiSettings:
    given = {"id": NodeId(f"lab{lab.settings.port_offset}"), "secret": lab.ami_secret} | changes
    return AmiSettings(host=lab.sip_ip, port=lab.ami_port, username=lab.ami_user, **given)


async def look(lab: Lab, expected: Expected = EXPECTED, **changes: str) -> dict[str, list[Finding]]:
    """Findings by level."""
    (report,) = await examine([node(lab, **changes)], expected)
    return {level: [f for f in report.findings if f.level is level] for level in Level}


async def test_what_we_ship_is_sound_and_a_call_proves_the_rest(lab):
    """Nothing to change; with one call nothing is left unproved either."""
    async with UserAgent(lab, "0612345678", ip=lab.caller_ip) as caller:
        looking = asyncio.create_task(look(lab))
        await asyncio.sleep(0.2)
        call = caller.begin("803164")
        found = await looking
        caller.cancel(call)
    lab.rx("channel request hangup all")
    assert [found[level] for level in (Level.WRONG, Level.WARNING, Level.UNPROVED)] == [[], [], []]
    assert "ExtensionStatus was kept away" in next(f.saw for f in found[Level.OK] if f.check == "filter")


async def test_a_wrong_secret_is_told_and_nothing_else_is_tried(lab):
    found = await look(lab, secret="wrong")
    assert [(f.check, "section [acd]: secret" in f.change) for f in found[Level.WRONG]] == [("login", True)]


async def test_each_thing_left_out_or_granted_too_much_is_found(lab):
    """As somebody might set it up who copied half: everything is named, with what to write."""
    etc = lab.host_dir / "etc"
    manager = (etc / "manager_acd.conf").read_text()
    manager = re.sub(r"(?m)^(writetimeout|eventfilter).*\n", "", manager)
    manager = manager.replace("call,reporting,agent,originate", "call,reporting,command").replace(
        ",system,", ","
    )
    (etc / "manager_acd.conf").write_text(manager)
    for name, line in (("extensions", "#include extensions_acd.conf"), ("queues", "[acd-net-de](acd-net)")):
        file = next(file for file in etc.glob(f"{name}*.conf") if line in file.read_text().splitlines())
        file.write_text(file.read_text().replace(f"\n{line}", "\n"))
    (etc / "asterisk.conf").write_text(re.sub("systemname.*", "", (etc / "asterisk.conf").read_text()))
    await asyncio.to_thread(lab.restart)
    found = await look(lab)
    assert {(f.check, f.change.rpartition(": ")[2]) for f in found[Level.WRONG]} == {
        ("rights", "write = call,reporting,agent,originate"),
        ("events", "read = call,user,system,dtmf"),
        ("writetimeout", "writetimeout = 5000"),
        ("dialplan", "#include extensions_acd.conf; then `dialplan reload`"),
        ("safety net", "#include queues_acd.conf with [acd-net-de](acd-net)"),
    }
    assert {f.check for f in found[Level.WARNING]} == {"least rights", "systemname"}
    assert {f.check for f in found[Level.UNPROVED]} == {"filter", "calls"}


async def test_without_filters_what_nobody_needs_comes_and_is_seen(lab):
    """The hint's event is the proof; the dialplan is back for it."""
    etc = lab.host_dir / "etc"
    extensions = etc / "extensions.conf"
    extensions.write_text(extensions.read_text() + "\n#include extensions_acd.conf\n")
    lab.rx("dialplan reload")
    found = await look(lab)
    told = [f.saw for f in found[Level.WARNING] if f.check == "filter"]
    assert len(told) == 1
    assert "ExtensionStatus" in told[0]
    assert not [f for f in found[Level.WRONG] if f.check == "dialplan"]
