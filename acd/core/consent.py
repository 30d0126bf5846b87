"""Consent: which question is put to a caller next, and what the answer opens.

A step of the ladder that asks stays shut until the caller has said yes, even when later ones are open. It is
put to the caller as soon as nothing but the answer is missing (``ladder.to_ask``) and the caller waits in
peace (``hearing.may_be_asked``). One question at a time; the next one follows its answer. Nobody is asked
for what would help nobody: while no one of the step is logged in, and while the picture is being rebuilt, the
question is considered again every ``CONSIDER_MS``.
"""

from __future__ import annotations

from typing import Final

from acd.core import hearing
from acd.core.calls import Call, CallState
from acd.core.deadlines import Due
from acd.core.facts import PromptEnded
from acd.core.hearing import Answer
from acd.core.ladder import open_by_consent, stay_shut, to_ask
from acd.core.notes import ConsentGiven, Late
from acd.core.offering import find_target, rest
from acd.core.world import World

CONSIDER_MS: Final = 5_000


def consider(world: World, call: Call) -> None:
    """Put the next question to this caller, if there is one and the caller may be asked."""
    if len(world.matcher.lines[call.queue.id].demands) == 1 or not hearing.may_be_asked(world, call):
        return  # no step of its queue asks, or not now
    number = to_ask(world, call)
    if number is not None and not world.recovering:
        hearing.ask(world, call, call.queue.ladder[number - 1])
    elif number is not None or _is_unasked(world, call):
        world.deadlines.arm(Due.ANSWER, call.id, world.now_ms + CONSIDER_MS)


def _is_unasked(world: World, call: Call) -> bool:
    """Whether a step is open but for a consent that nobody has asked for."""
    bits = world.matcher.lines[call.queue.id].bits
    ring = world.matcher.ring(call)
    steps = zip(bits[1 : ring + 1], call.queue.ladder, strict=False)
    return any(bit and step.id not in call.consents for bit, step in steps)


def take(world: World, call: Call, answer: Answer) -> None:
    """Open what the caller consented to, or leave it shut; then the next question."""
    number = next((n for n, step in enumerate(call.queue.ladder, 1) if step.id == answer.step), 0)
    if not number:
        return  # new rules do not ask it any more
    world.note(ConsentGiven(call=call.id, queue=call.queue.id, step=number, granted=answer.granted))
    if answer.granted:
        open_by_consent(world, call, number)
        if call.place:
            find_target(world, call)
    else:
        stay_shut(world, call, number)
    consider(world, call)


def key_pressed(world: World, call: Call, key: str) -> None:
    """A caller who waits pressed a key; without a question it means nothing."""
    answer = hearing.pressed(world, call, key)
    if answer is not None:
        take(world, call, answer)


def prompt_ended(world: World, call: Call, fact: PromptEnded) -> None:
    """Asterisk tells that it is done with a prompt."""
    if call.prompt is None or call.prompt.attempt != fact.attempt:
        world.note(Late(fact="PromptEnded", key=fact.attempt))
    else:
        prompt_over(world, call, heard=fact.heard, refused=fact.refused)


def prompt_over(world: World, call: Call, *, heard: bool, refused: bool) -> None:
    """The caller no longer hears our prompt: the question stands for a moment, or the next one comes."""
    answer = hearing.over(world, call, heard=heard, refused=refused)
    if answer is not None:
        take(world, call, answer)
    elif call.closed:
        rest(world, call)  # our last words could not be said; in a moment again
    elif not refused:
        consider(world, call)


def answer_due(world: World, call: Call) -> None:
    """The time for an answer is over: silence is no. Or a question could not be put: try again."""
    if not call.question:
        consider(world, call)
    elif call.state is CallState.WAITING:
        take(world, call, hearing.answer(world, call, granted=False))
