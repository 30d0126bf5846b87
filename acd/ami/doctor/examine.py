"""All checks of one node, in the order in which one failing makes the next ones pointless."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Sequence

from acd.ami.doctor.findings import Expected, Finding, Report, good, wrong
from acd.ami.doctor.hosts import check_hosts
from acd.ami.doctor.machine import check_clock, check_name, check_version, check_way
from acd.ami.doctor.patience import check_writetimeout
from acd.ami.doctor.plan import check_leader, check_net, check_plan
from acd.ami.doctor.rights import check_rights
from acd.ami.doctor.session import Session
from acd.ami.doctor.stream import check_stream, slowest_leg_s
from acd.ami.settings import AmiSettings
from acd.errors import AsteriskError, AsteriskUnreachable, LoginRefused

__all__ = ["examine"]


async def examine(nodes: Sequence[AmiSettings], expected: Expected) -> tuple[Report, ...]:
    """Look at every node at once; never raises for what a node does."""
    return tuple(await asyncio.gather(*(_node(node, expected) for node in nodes)))


async def _node(node: AmiSettings, expected: Expected) -> Report:
    findings = [*check_way(node)]
    try:
        session = await Session.open(node)
    except LoginRefused as error:
        findings.append(_refused(node, error))
    except AsteriskUnreachable as error:
        change = (
            f"config/acd.yaml, node {node.id}: host, port and tls; manager.conf, [general]: enabled = yes,"
            " bindaddr, port; then the firewall"
        )
        findings.append(wrong("reach", str(error), change))
    except (AsteriskError, OSError) as error:
        findings.append(wrong("reach", str(error), f"config/acd.yaml, node {node.id}: host, port and tls"))
    else:
        try:
            findings.append(good("login", f"Asterisk knows the account {node.username!r}."))
            findings += await _logged_in(session, expected)
        finally:
            await session.close()
    return Report(node=node.id, findings=tuple(findings))


def _refused(node: AmiSettings, error: LoginRefused) -> Finding:
    change = (
        f"manager.conf, section [{node.username}]: secret as in config/acd.yaml, permit for this machine, no"
        " allowmultiplelogin = no; then `manager reload`"
    )
    return wrong("login", str(error), change)


async def _logged_in(session: Session, expected: Expected) -> list[Finding]:
    """Everything that needs a session. What breaks off one check does not keep the others from going on."""
    node = session.node
    return [
        *await _one("version", check_version(session)),
        *await _some("rights", check_rights(session)),
        *await _some("events", check_stream(session, expected.listen_s)),
        *await _some("writetimeout", check_writetimeout(node)),
        *await _some("dialplan", _all(check_plan(session, expected))),
        *await _some("safety net", _all(check_net(session, expected))),
        *await _one("leader", check_leader(session, expected)),
        *await _one("hosts", check_hosts(node, slowest_leg_s(session.events))),
        *await _one("systemname", check_name(session)),
        *await _one("clock", check_clock(session)),
    ]


async def _all(findings: AsyncIterator[Finding]) -> list[Finding]:
    return [finding async for finding in findings]


async def _one(check: str, looking: Awaitable[Finding]) -> list[Finding]:
    async def listed() -> list[Finding]:
        return [await looking]

    return await _some(check, listed())


async def _some(check: str, looking: Awaitable[list[Finding]]) -> list[Finding]:
    try:
        return await looking
    except AsteriskError as error:
        return [wrong(check, f"This could not be looked at: {error}", "Mend the way to Asterisk, ask again.")]
