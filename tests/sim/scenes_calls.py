"""Scenes of a call: how it is answered, refused, left and transferred."""

from __future__ import annotations

from tests.sim.stage import Stage, scene


@scene
async def agent_ends(stage: Stage) -> None:
    """The order is taken, the agent answers, talks and hangs up."""
    await stage.login()
    await stage.talk()
    await stage.settle(2)
    stage.actor.agent_leaves("a0001")
    await stage.until("UserEvent ACDEnd")
    await stage.settle()


@scene
async def caller_ends(stage: Stage) -> None:
    """The caller ends the talk; a kick with an old bridge's id does nothing to it."""
    await stage.login()
    await stage.enter()
    old = stage.bridge
    await stage.order("a0001")
    await stage.until("BridgeEnter", BridgeTechnology="simple_bridge", Uniqueid=stage.caller)
    await stage.kick(old, stage.channel)
    await stage.settle(2)
    stage.actor.caller_leaves()
    await stage.until("UserEvent ACDEnd")
    await stage.settle()


@scene
async def leaves_waiting(stage: Stage) -> None:
    """The caller hears two steps of music and leaves."""
    await stage.login()
    await stage.enter()
    first = stage.bridge
    await stage.until("BridgeEnter", Uniqueid=stage.caller)
    await stage.kick(first, stage.channel)
    await stage.kick(stage.bridge, "nobody")
    stage.actor.caller_leaves()
    await stage.until("UserEvent ACDEnd")
    await stage.settle()


@scene
async def leaves_ringing(stage: Stage) -> None:
    """The caller leaves while the agent's phone rings."""
    await stage.login()
    stage.actor.phone("a0001", status=None)
    await stage.enter()
    await stage.order("a0001")
    await stage.until("DialState")
    await stage.settle(1)
    stage.actor.caller_leaves()
    await stage.until("UserEvent ACDEnd")
    await stage.settle()


async def _one_refusal(stage: Stage, target: str, seconds: str = "2", **does: int | None) -> None:
    await stage.login()
    if does:
        stage.actor.phone(target, **does)
    await stage.enter()
    await stage.order(target, seconds=seconds)
    await stage.until("UserEvent ACDOfferEnd")
    await stage.until("BridgeEnter", Uniqueid=stage.caller)
    stage.actor.caller_leaves()
    await stage.until("UserEvent ACDEnd")
    await stage.settle()


@scene
async def rings_out(stage: Stage) -> None:
    """Nobody answers: the caller is back in hold."""
    await _one_refusal(stage, "a0001", status=None)


@scene
async def busy(stage: Stage) -> None:
    """486."""
    await _one_refusal(stage, "a0001", status=486)


@scene
async def declines(stage: Stage) -> None:
    """603 after ringing."""
    await _one_refusal(stage, "a0001", status=603)


@scene
async def unavailable(stage: Stage) -> None:
    """480: do not disturb."""
    await _one_refusal(stage, "a0001", ring_ms=None, status=480)


@scene
async def forwards(stage: Stage) -> None:
    """302: Asterisk does not follow it."""
    await _one_refusal(stage, "a0001", ring_ms=None, status=302)


@scene
async def congested(stage: Stage) -> None:
    """503."""
    await _one_refusal(stage, "a0001", ring_ms=None, status=503)


@scene
async def not_found(stage: Stage) -> None:
    """404 from the phone."""
    await _one_refusal(stage, "a0001", ring_ms=None, status=404)


@scene
async def unregistered(stage: Stage) -> None:
    """No contact: no leg at all."""
    await _one_refusal(stage, "r0001")


@scene
async def unknown_endpoint(stage: Stage) -> None:
    """An endpoint that Asterisk does not know."""
    await _one_refusal(stage, "a7777")


@scene
async def dead_port(stage: Stage) -> None:
    """Nothing answers the INVITE: silent for the whole ring."""
    await _one_refusal(stage, "a0001", ring_ms=None, status=None)


@scene
async def drops_at_once(stage: Stage) -> None:
    """The agent answers and hangs up: the caller keeps the place."""
    await _one_refusal(stage, "a0001", seconds="20", bye_ms=300)


@scene
async def withdrawn(stage: Stage) -> None:
    """The offer is taken back while it rings; taken back again it is gone."""
    await stage.login()
    stage.actor.phone("a0001", status=None)
    await stage.enter()
    await stage.order("a0001")
    await stage.until("DialState")
    await stage.settle()
    await stage.act("Setvar", Channel=stage.caller, Variable="ACD_WD", Value=stage.attempt)
    await stage.act("Hangup", Channel=stage.leg, Cause="26")
    await stage.until("UserEvent ACDOfferEnd")
    await stage.until("BridgeEnter", Uniqueid=stage.caller)
    await stage.settle(0.05)
    await stage.act("Hangup", Channel=stage.leg, Cause="26")
    stage.actor.caller_leaves()
    await stage.until("UserEvent ACDEnd")
    await stage.settle()


@scene
async def blind_transfer(stage: Stage) -> None:
    """The agent transfers the caller blindly; the second phone answers, the caller ends."""
    await stage.login()
    await stage.talk()
    await stage.settle(1.8)
    stage.actor.blind("a0001", "a0002")
    await stage.until("UserEvent ACDXfer")
    await stage.until("BridgeEnter", Uniqueid=stage.caller)
    await stage.settle(1)
    stage.actor.caller_leaves()
    await stage.until("UserEvent ACDEnd")
    await stage.settle()


@scene
async def blind_transfer_back(stage: Stage) -> None:
    """The transfer's target is busy: the caller enters again, visit 2."""
    await stage.login()
    stage.actor.phone("a0002", status=486)
    await stage.talk()
    await stage.settle(1.8)
    stage.actor.blind("a0001", "a0002")
    await stage.until("UserEvent ACDXfer")
    await stage.until("UserEvent ACDEnter")
    await stage.settle(1)
    stage.actor.caller_leaves()
    await stage.until("UserEvent ACDEnd")
    await stage.settle()


@scene
async def attended_transfer(stage: Stage) -> None:
    """The agent asks a colleague, joins the two, and the colleague ends the talk."""
    await stage.login()
    await stage.talk()
    await stage.settle(1)
    stage.actor.consult("a0001", "a0002")
    await stage.until("BridgeEnter")
    await stage.settle(1.2)
    stage.actor.attended("a0001")
    await stage.until("AttendedTransfer")
    await stage.settle(1)
    stage.actor.agent_leaves("a0002")
    await stage.until("UserEvent ACDEnd")
    await stage.settle()


@scene
async def blind_transfer_by_the_manager(stage: Stage) -> None:
    """The manager passes the talk's caller on to another queue; what cannot be passed on is told."""
    await stage.login()
    await stage.act("BlindTransfer", Channel="nobody", Exten="q-tedesco", Context="acd-xfer")
    await stage.act("BlindTransfer", Exten="q-tedesco", Context="acd-xfer")
    await stage.talk()
    await stage.settle(1.8)
    await stage.act("BlindTransfer", Channel=stage.leg, Context="acd-xfer")
    await stage.act("BlindTransfer", Channel=stage.leg, Exten="q-tedesco", Context="acd-xfer")
    await stage.until("UserEvent ACDXfer")
    await stage.until("UserEvent ACDEnter")
    await stage.until("BridgeEnter", Uniqueid=stage.caller)
    await stage.settle(0.5)
    await stage.act("BlindTransfer", Channel=stage.leg, Exten="q-tedesco", Context="acd-xfer")
    stage.actor.caller_leaves()
    await stage.until("UserEvent ACDEnd")
    await stage.settle()


@scene
async def blind_transfer_to_an_office(stage: Stage) -> None:
    """The agent's REFER to an office's line: the caller enters again and says which."""
    await stage.login()
    await stage.talk()
    await stage.settle(1.8)
    stage.actor.blind("a0001", "o-roma")
    await stage.until("UserEvent ACDXfer")
    await stage.until("UserEvent ACDEnter")
    await stage.settle(1)
    stage.actor.caller_leaves()
    await stage.until("UserEvent ACDEnd")
    await stage.settle()


@scene
async def answers_by_itself(stage: Stage) -> None:
    """An order with the phone's automatic answer: a tone for the agent, then the talk."""
    await stage.login()
    await stage.enter()
    await stage.order("a0001", via="auto")
    await stage.until("BridgeEnter", BridgeTechnology="simple_bridge", Uniqueid=stage.caller)
    await stage.settle(2)
    stage.actor.agent_leaves("a0001")
    await stage.until("UserEvent ACDEnd")
    await stage.settle()
