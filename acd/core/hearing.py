"""What callers hear while they wait: a question, and the answer they give with a key.

A caller who hears a prompt waits all the same. The call keeps its place in the line, and who becomes free
takes it as any other: the offer is ordered first and the prompt stopped then, so that the dialplan comes to
the offer the moment the prompt is over. Nothing waits for the end of a prompt, and so a lost one costs
nothing: ``Due.PROMPT`` looks at the call until its end is told or seen.

A *question* is a step of the ladder that asks for consent. Key 1 while it is said, or within ``ANSWER_MS``
after it, is yes; any other key, silence, and a prompt that cannot be played are no. It is asked once in a
visit. One that an offer cut short, or whose time for an answer a ring fell into, was not asked: keys are not
heard during a ring. It is asked again should the ring come to nothing, and so is one whose order the dialplan
refused.

Nothing here opens a step: an answer is returned, and ``acd.core.consent`` draws the consequence.
"""

from __future__ import annotations

from typing import Final, NamedTuple

from acd.core.calls import Call, CallInput, CallState, Prompt
from acd.core.deadlines import Due
from acd.core.orders import Say, StopSaying
from acd.core.policy import Step
from acd.core.world import World

ANSWER_MS: Final = 6_000
"""So long after a question a key still answers it."""
YES: Final = "1"


class Answer(NamedTuple):
    """What a caller said to a question."""

    step: str
    """Id of the step that asked."""
    granted: bool


# ── asking ───────────────────────────────────────────────────────────────────────────────────


def may_be_asked(world: World, call: Call) -> bool:
    """Whether a question may be put to this caller now."""
    return (
        call.state is CallState.WAITING
        and not call.question
        and not call.resting
        and not call.closed
        and call.node not in world.down
    )


def ask(world: World, call: Call, step: Step) -> None:
    """Put the question of this step to a caller who may be asked."""
    call.question = step.id
    say(world, call, sounds_of(world, step.consent, call.language))


def say(world: World, call: Call, sounds: tuple[str, ...], *, then_hang_up: bool = False) -> None:
    """Let a waiting caller hear this."""
    timings = world.rules.timings
    given = CallInput.FAREWELL_BEGUN if then_hang_up else CallInput.PROMPT_BEGUN
    if not world.move_call(call, given, "prompt"):
        return
    call.prompt = Prompt(world.next_attempt(), world.now_ms)
    not_after_ms = world.now_ms + timings.order_valid_ms
    world.deadlines.arm(Due.PROMPT, call.id, not_after_ms + timings.order_grace_ms)
    world.order(
        Say(
            call=call.id,
            node=call.node,
            attempt=call.prompt.attempt,
            sounds=sounds,
            not_after_ms=not_after_ms,
            then_hang_up=then_hang_up,
        )
    )


def sounds_of(world: World, prompt: str, language: str) -> tuple[str, ...]:
    """What plays a prompt to a caller of this language; nothing for a prompt nobody knows."""
    spoken = world.rules.sounds.get(prompt, {})
    return spoken.get(language) or spoken.get("", ())


# ── what comes of it ─────────────────────────────────────────────────────────────────────────


def pressed(world: World, call: Call, key: str) -> Answer | None:
    """A key: yes or no to the question that is open; None when there is none."""
    if not call.question:
        return None
    stop(world, call)
    return answer(world, call, granted=key == YES)


def over(world: World, call: Call, *, heard: bool, refused: bool) -> Answer | None:
    """A prompt is over: the time for an answer begins."""
    _forget_prompt(world, call)
    if not world.move_call(call, CallInput.PROMPT_OVER, "PromptEnded") or not call.question:
        return None
    if refused:
        call.question = ""
        world.deadlines.arm(Due.ANSWER, call.id, world.now_ms + world.rules.timings.look_ms)
        return None
    if heard:
        world.deadlines.arm(Due.ANSWER, call.id, world.now_ms + ANSWER_MS)
        return None
    return answer(world, call, granted=False)


def answer(world: World, call: Call, *, granted: bool) -> Answer:
    """The question is no longer open."""
    step, call.question = call.question, ""
    world.deadlines.disarm(Due.ANSWER, call.id)
    return Answer(step, granted)


def look_due(world: World, call: Call) -> None:
    """No end of a prompt has been told: look at the call, again and again while it is heard."""
    world.deadlines.arm(Due.PROMPT, call.id, world.now_ms + world.rules.timings.look_ms)
    world.look_again(call)


# ── cutting short ────────────────────────────────────────────────────────────────────────────


def interrupt(world: World, call: Call) -> None:
    """An offer for this call has been ordered: end what it hears, and leave what it was asked unasked."""
    call.question = ""
    world.deadlines.disarm(Due.ANSWER, call.id)
    _hush(world, call)


def stop(world: World, call: Call) -> None:
    """End what this caller hears; the caller is back in hold."""
    if call.prompt is not None:
        _hush(world, call)
        world.move_call(call, CallInput.PROMPT_OVER, "prompt")


def give_up(world: World, call: Call) -> None:
    """Something else becomes of a caller who waits: no prompt, no question."""
    stop(world, call)
    leave(world, call)


def leave(world: World, call: Call) -> None:
    """The visit is over, or the channel shows the caller elsewhere: what was heard and asked is void."""
    if call.prompt is not None:
        _forget_prompt(world, call)
    call.question = ""
    if call.queue.ladder:
        world.deadlines.disarm(Due.ANSWER, call.id)


def _hush(world: World, call: Call) -> None:
    prompt = call.prompt
    if prompt is not None:
        _forget_prompt(world, call)
        if call.node not in world.down:
            world.order(StopSaying(call=call.id, node=call.node, attempt=prompt.attempt))


def _forget_prompt(world: World, call: Call) -> None:
    call.prompt = None
    world.deadlines.disarm(Due.PROMPT, call.id)
