"""Yes and no: how a request is answered, and who it is that asks.

A phone that dialled a feature code is answered with a tone by ``AnswerAsker``; everybody else reads
``refused``, a whole sentence that a person can act on and that names nobody but the asker.
"""

from __future__ import annotations

from acd.core.agents import AgentRecord
from acd.core.facts import Asker
from acd.core.ids import AgentId
from acd.core.orders import AnswerAsker
from acd.core.phones import at_phone
from acd.core.world import World


def grant(world: World, asker: Asker | None) -> None:
    """Say yes, to the phone."""
    _answer(world, asker, done=True)


def refuse(world: World, asker: Asker | None, why: str) -> None:
    """Say no, to the API and to the phone."""
    world.refused = why
    _answer(world, asker, done=False)


def _answer(world: World, asker: Asker | None, *, done: bool) -> None:
    if asker is not None:
        world.order(AnswerAsker(node=asker.node, channel=asker.channel, done=done))


def known(world: World, agent: AgentId, phone: str, asker: Asker | None) -> AgentRecord | None:
    """The agent who asks: by name, else by the phone; refuses when that is nobody."""
    if agent:
        record = world.agents.get(agent)
        why = f"agent {agent!r} is not in the roster; import the roster or check the name"
    else:
        record = at_phone(world, phone)
        why = (
            f"nobody is logged in on phone {phone!r} and it is nobody's own; "
            "log in there with the agent's code first"
        )
    if record is None:
        refuse(world, asker, why)
    return record
