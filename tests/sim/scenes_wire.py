"""Scenes of the manager interface, of orders, of the safety net and of what phones dial."""

from __future__ import annotations

from tests.sim.stage import VARIABLES, Stage, scene


@scene
async def session(stage: Stage) -> None:
    """Log in, ask the simple questions, be refused what we may not do, log off."""
    await stage.login()
    await stage.act("Ping")
    await stage.act("CoreStatus")
    await stage.act("CoreSettings")
    await stage.act("Command", Command="core show channels")
    await stage.act("Nonsense")
    await stage.act("Getvar", Variable="ACD_EPOCH")
    await stage.act("Getvar", Variable="ACD_NOTHING")
    await stage.act("Setvar", Channel="nobody", Variable="ACD_ORDER", Value="x")
    await stage.act("Setvar", Value="x")
    await stage.act("Hangup", Channel="nobody", Cause="26")
    await stage.act("Status", Channel="nobody")
    await stage.act("BridgeKick", BridgeUniqueid="nowhere", Channel="nobody")
    await stage.act("ControlPlayback", Channel="nobody", Control="stop")
    await stage.act("Status", Variables=VARIABLES)
    await stage.act("Logoff")
    await stage.settle()


@scene
async def refused(stage: Stage) -> None:
    """A wrong secret is refused and the connection closed."""
    await stage.act("Ping")
    await stage.act("Login", Username="acd", Secret="wrong")
    await stage.settle(2)


@scene
async def queues(stage: Stage) -> None:
    """The safety net's members come, pause and go; what is not there is told."""
    await stage.login()
    member = {"Queue": "acd-net-it", "Interface": "PJSIP/a0001"}
    await stage.act("QueueAdd", **member, MemberName="a0001", Paused="0")
    await stage.act("QueueAdd", **member, MemberName="a0001", Paused="0")
    await stage.act("QueueAdd", Queue="no-such-queue", Interface="PJSIP/a0001")
    await stage.act("QueuePause", **member, Paused="1", Reason="pranzo")
    await stage.act("QueueStatus", Queue="acd-net-it")
    await stage.act("QueuePause", Interface="PJSIP/r0001", Paused="1")
    await stage.act("QueueRemove", **member)
    await stage.act("QueueRemove", **member)
    await stage.act("QueueRemove", Queue="no-such-queue", Interface="PJSIP/a0001")
    await stage.act("DeviceStateList")


@scene
async def refused_orders(stage: Stage) -> None:
    """An old epoch, a late order, an unknown verb, no target, garbage: REFUSED, back in hold."""
    await stage.login()
    await stage.enter()
    late = str(int(stage.now_s()) - 5)
    wrong: tuple[tuple[str, str, dict[str, str]], ...] = (
        ("a0001", "agent", {"epoch": "6"}),
        ("a0001", "agent", {"notafter": late}),
        ("a0001", "nonsense", {}),
        ("", "agent", {}),
        ("-", "agent", {}),
        ("a0001", "agent", {"seconds": "999"}),
        ("a0001", "agent", {"raw": "garbage"}),
    )
    for target, verb, but in wrong:
        await stage.order(target, verb, **but)
        await stage.until("UserEvent ACDOfferEnd")
        await stage.until("BridgeEnter", Uniqueid=stage.caller)
    stage.actor.caller_leaves()
    await stage.until("UserEvent ACDEnd")
    await stage.settle()


@scene
async def status(stage: Stage) -> None:
    """Status with variables while one caller talks and one waits."""
    await stage.login()
    await stage.talk()
    await stage.act("Status", Channel=stage.caller, Variables=VARIABLES)
    await stage.act("Getvar", Channel=stage.caller, Variable="ACD_STATE")
    await stage.act("Status", Variables=VARIABLES)
    await stage.settle(1.8)
    stage.actor.agent_leaves("a0001")
    await stage.until("UserEvent ACDEnd")
    await stage.settle(0.1)
    await stage.enter()
    await stage.act("Status", Channel=stage.caller, Variables=VARIABLES)
    await stage.act("Getvar", Channel=stage.caller, Variable="ACD_NOTHING")
    await stage.act("Setvar", Channel=stage.channel, Variable="ACD_WD", Value="x")
    await stage.act("Hangup", Channel=stage.caller)
    await stage.until("UserEvent ACDEnd")
    await stage.settle()


@scene
async def kicked_without_bridge(stage: Stage) -> None:
    """A kick with an empty bridge id ends a talk: why we never send one."""
    await stage.login()
    await stage.talk()
    await stage.settle(2)
    await stage.kick("", stage.channel)
    await stage.until("UserEvent ACDEnd")
    await stage.settle()


@scene
async def line(stage: Stage) -> None:
    """An office line through the trunk answers."""
    await stage.login()
    await stage.enter()
    await stage.order("99047101", "line", via="trunk")
    await stage.until("BridgeEnter", BridgeTechnology="simple_bridge", Uniqueid=stage.caller)
    await stage.settle(2)
    stage.actor.agent_leaves("99047101")
    await stage.until("UserEvent ACDEnd")
    await stage.settle()


@scene
async def line_with_a_key(stage: Stage) -> None:
    """A public line: the two are joined when somebody there has pressed 1."""
    await stage.login()
    await stage.enter()
    await stage.order("99047101", "line", via="trunk", counted="bolzano/1/vm-press+digits.1")
    await stage.until("DialState")
    stage.actor.presses("99047101")
    await stage.until("BridgeEnter", BridgeTechnology="simple_bridge", Uniqueid=stage.caller)
    await stage.settle(2)
    stage.actor.agent_leaves("99047101")
    await stage.until("UserEvent ACDEnd")
    await stage.settle()


@scene
async def voicemail(stage: Stage) -> None:
    """Something answers a public line and presses nothing: the caller is back in hold."""
    await stage.login()
    await stage.enter()
    stage.actor.presses_nothing("99047101")
    await stage.order("99047101", "line", via="trunk", counted="bolzano/1/vm-press+digits.1")
    await stage.until("UserEvent ACDOfferEnd")
    await stage.until("BridgeEnter", Uniqueid=stage.caller)
    await stage.settle()
    stage.actor.caller_leaves()
    await stage.until("UserEvent ACDEnd")
    await stage.settle()


@scene
async def full(stage: Stage) -> None:
    """One call is at the office, which carries one: the next order is refused by the dialplan's own count."""
    await stage.login()
    await stage.enter()
    await stage.order("99047101", "line", via="trunk")
    await stage.until("BridgeEnter", BridgeTechnology="simple_bridge", Uniqueid=stage.caller)
    await stage.enter()
    await stage.order("99047102", "line", via="trunk")
    await stage.until("UserEvent ACDOfferEnd")
    await stage.until("BridgeEnter", Uniqueid=stage.caller)
    await stage.settle(2)
    stage.actor.agent_leaves("99047101")
    await stage.until("UserEvent ACDEnd")
    stage.actor.caller_leaves()
    await stage.until("UserEvent ACDEnd", Uniqueid=stage.caller)
    await stage.settle()


@scene
async def net_by_order(stage: Stage) -> None:
    """The verb ``net``: the safety net takes the caller and a member answers."""
    await stage.login()
    await stage.act("QueueAdd", Queue="acd-net-it", Interface="PJSIP/a0001", MemberName="a0001", Paused="0")
    await stage.enter()
    await stage.order("-", "net")
    await stage.until("UserEvent ACDSafetyNetTalk")
    await stage.settle(2)
    stage.actor.agent_leaves("a0001")
    await stage.until("UserEvent ACDEnd")
    await stage.act("QueueRemove", Queue="acd-net-it", Interface="PJSIP/a0001")
    await stage.settle()


@scene
async def net_at_entry(stage: Stage) -> None:
    """The lease has lapsed and the net is empty: the office's line rings."""
    await stage.login(lease_s=0)
    stage.actor.call()
    await stage.until("UserEvent ACDSafetyNetTalk")
    await stage.settle(2)
    stage.actor.caller_leaves()
    await stage.until("UserEvent ACDEnd")
    await stage.settle()


@scene
async def feature_code(stage: Stage) -> None:
    """A phone dials ``*11``; the ACD answers, the phone hears a tone and is let go."""
    await stage.login()
    stage.actor.dial("a0001", "*11")
    asked = await stage.until("UserEvent ACDAgent")
    await stage.act("Setvar", Channel=asked.get("Uniqueid"), Variable="ACD_REPLY", Value="ok")
    await stage.until("Hangup")
    await stage.settle()


@scene
async def feature_codes(stage: Stage) -> None:
    """What agents dial besides: a login by code, an outcome, yes and no; the ACD refuses each."""
    await stage.login()
    for number in ("*114711", "*163", "*171", "*170", "*142"):
        stage.actor.dial("a0001", number)
        asked = await stage.until("UserEvent ACDAgent")
        await stage.act("Setvar", Channel=asked.get("Uniqueid"), Variable="ACD_REPLY", Value="no")
        await stage.until("Hangup")
        await stage.settle()


@scene
async def prompt(stage: Stage) -> None:
    """A prompt is played and ends; the next one is stopped, then one of several sounds; a farewell."""
    await stage.login()
    await stage.enter()
    await stage.order("beep", "say")
    await stage.until("UserEvent ACDOfferEnd")
    await stage.until("BridgeEnter", Uniqueid=stage.caller)
    await stage.order("im-sorry", "say")
    await stage.until("UserEvent ACDOfferBegin")
    await stage.settle(0.3)
    await stage.act("ControlPlayback", Channel=stage.channel, Control="stop")
    await stage.until("UserEvent ACDOfferEnd")
    await stage.until("BridgeEnter", Uniqueid=stage.caller)
    await stage.act("ControlPlayback", Channel=stage.channel, Control="stop")
    await stage.order("digits.3+im-sorry+digits.4", "say")
    await stage.until("UserEvent ACDOfferBegin")
    await stage.act("Getvar", Channel=stage.caller, Variable="ACD_STATE")
    await stage.settle(0.2)
    await stage.hush()
    await stage.until("UserEvent ACDOfferEnd")
    await stage.until("BridgeEnter", Uniqueid=stage.caller)
    await stage.order("beep+beeperr", "bye")
    await stage.until("UserEvent ACDOfferBegin")
    await stage.act("Getvar", Channel=stage.caller, Variable="ACD_STATE")
    await stage.until("UserEvent ACDEnd")
    await stage.settle()


@scene
async def offered_while_hearing(stage: Stage) -> None:
    """An order written during a prompt is taken the moment that is stopped; a late stop harms nothing."""
    await stage.login()
    await stage.enter()
    await stage.order("im-sorry", "say")
    await stage.until("UserEvent ACDOfferBegin")
    await stage.settle(0.3)
    said = stage.attempt
    await stage.write("a0001")
    await stage.hush(said)
    await stage.until("UserEvent ACDOfferBegin", Attempt=stage.attempt)
    await stage.hush(said)
    await stage.until("BridgeEnter", BridgeTechnology="simple_bridge", Uniqueid=stage.caller)
    await stage.hush(said)
    await stage.settle(2)
    stage.actor.agent_leaves("a0001")
    await stage.until("UserEvent ACDEnd")
    await stage.settle()


@scene
async def keys(stage: Stage) -> None:
    """A key pressed while waiting is told, one pressed in a talk is not; an unknown sound fails."""
    await stage.login()
    await stage.enter()
    stage.actor.press("1")
    await stage.until("DTMFEnd")
    await stage.order("no-such-sound", "say")
    await stage.until("UserEvent ACDOfferEnd")
    await stage.until("BridgeEnter", Uniqueid=stage.caller)
    await stage.order("a0001")
    await stage.until("BridgeEnter", BridgeTechnology="simple_bridge", Uniqueid=stage.caller)
    stage.actor.press("2")
    await stage.settle(2)
    stage.actor.caller_leaves()
    await stage.until("UserEvent ACDEnd")
    await stage.settle()
