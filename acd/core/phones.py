"""Who sits where: the phone of each login, and what Asterisk last said of every phone.

A login is at one phone, the *session endpoint*: the agent's own, or a shared one of the agent's site. One
phone carries one login and one login has one phone, so ``by_endpoint`` (phone to whoever is logged in
there) and ``AgentRecord.endpoint`` say the same from both ends. ``owners`` knows whose own phone a phone is,
logged in or not: what is asked from a phone is asked by whoever is logged in there, else by its owner.

The state of every phone is remembered, whoever sits there: who logs in on a phone that is in use or gone
is judged by that at once, and not only by the phone's next news.
"""

from __future__ import annotations

from acd.core.agents import AgentRecord
from acd.core.facts import DeviceState
from acd.core.ids import AgentId
from acd.core.notes import AgentState
from acd.core.orders import SetNetMember
from acd.core.world import World


def at_phone(world: World, endpoint: str) -> AgentRecord | None:
    """Whoever is logged in there, else whose own phone it is."""
    return world.by_endpoint.get(endpoint) or world.owners.get(endpoint)


def take_phone(world: World, record: AgentRecord, endpoint: str) -> None:
    """This phone rings for the agent from now on, as far as the phone can."""
    record.endpoint = endpoint
    record.moves_to = ""
    world.by_endpoint[endpoint] = record
    state = world.devices.get(endpoint, DeviceState.UNKNOWN)
    record.gone = record.unavailable = state is DeviceState.UNAVAILABLE
    record.device_busy = state is DeviceState.BUSY


def leave_phone(world: World, record: AgentRecord) -> None:
    """The phone is nobody's from now on."""
    world.by_endpoint.pop(record.endpoint, None)
    record.endpoint = record.moves_to = ""


def move_to(world: World, record: AgentRecord, endpoint: str) -> None:
    """The login goes on at another phone, here and in the safety net; nothing is offered by this."""
    mirror(world, record, logged_in=False, paused=False)
    leave_phone(world, record)
    take_phone(world, record, endpoint)
    mirror(world, record, logged_in=True, paused=record.state is AgentState.PAUSED)


def follow(world: World, record: AgentRecord) -> None:
    """Move the login to the agent's new own phone, if the roster gave one during an offer."""
    if record.moves_to not in world.by_endpoint:
        move_to(world, record, record.moves_to)
    record.moves_to = ""


def why_not_at(world: World, record: AgentRecord, endpoint: str) -> str | None:
    """Why this agent may not log in on this phone, as a sentence that names nobody else; None: may."""
    person = record.agent
    site = world.rules.sites.get(person.site)
    if endpoint != person.endpoint and (site is None or not site.has_phone(endpoint)):
        return (
            f"phone {endpoint!r} is neither {person.id!r}'s own nor a shared phone of site {person.site!r}; "
            "use one of these, or have the phone added to the site"
        )
    if world.by_endpoint.get(endpoint, record) is not record:
        return f"somebody else is logged in on phone {endpoint!r}; log out there first or use another phone"
    return None


def mirror(world: World, record: AgentRecord, *, logged_in: bool, paused: bool) -> None:
    """Keep the safety net's membership true."""
    world.order(
        SetNetMember(
            agent=record.agent.id,
            endpoint=record.endpoint,
            languages=record.profile.languages,
            logged_in=logged_in,
            paused=paused,
            reason=record.reason,
            worked_since_ms=record.worked_since_ms,
        )
    )


def nobody_at(world: World, endpoint: str) -> None:
    """The safety net has a member at this phone although nobody is logged in there: take it out."""
    world.order(
        SetNetMember(agent=AgentId(""), endpoint=endpoint, languages=(), logged_in=False, paused=False)
    )
