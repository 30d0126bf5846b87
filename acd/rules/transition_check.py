"""Does ``transition.yaml`` lead somewhere, and can it not swing?

- each site of a ramp exists, each phase stands once, phases begin one after the other;
- going on and stepping back have thresholds that leave room between them, or it would swing for ever;
- the stages of a waiting call widen in their order;
- whoever is rung for a rehearsal understands what is asked.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

from acd.rules.book import Book, Page, check_once, check_reference
from acd.rules.document import Loc
from acd.rules.entry import REHEARSAL_PROMPT
from acd.rules.transition import moment_ms
from acd.rules.transition_shape import GuardsShape, StandInShape, TransitionFile

__all__ = ["check_transition"]

STAGES = ("region_after_s", "neighbours_after_s", "national_after_s", "anywhere_after_s")


def check_transition(book: Book) -> None:
    """Complain, in the document, about what leads nowhere or swings."""
    page = book.transition
    if page.content is None:
        return
    _check_phases(book, page, page.content)
    for loc, sentence in (*_swings(page.content.guards), *_disorder(page.content.stand_in)):
        page.document.complain(page.document.value_mark(loc), sentence)
    if page.content.phases:
        _check_prompt(book)


def _check_phases(book: Book, page: Page[TransitionFile], file: TransitionFile) -> None:
    sites = book.sites.declared("sites")
    check_once(
        page, ((("phases", n, "phase"), phase.phase) for n, phase in enumerate(file.phases)), "the phase"
    )
    before: tuple[str, int] | None = None
    for index, phase in enumerate(file.phases):
        for site in phase.ramp:
            check_reference(page, ("phases", index, "ramp", site), site, "site", sites, by_key=True)
        if phase.begins is None:
            continue
        begins_ms = moment_ms(phase.begins)
        mark = page.document.value_mark(("phases", index, "begins"))
        if before is not None and begins_ms <= before[1]:
            sentence = f"this is not after {before[0]}, when an earlier phase begins; phases stand in order."
            page.document.complain(mark, sentence)
        elif not phase.automatic:
            sentence = (
                "a phase that is not automatic begins when somebody says so; remove it, or add automatic."
            )
            page.document.complain(mark, sentence)
        before = (phase.begins, begins_ms)


def _swings(guards: GuardsShape) -> Iterator[tuple[Loc, str]]:
    """Yield each threshold at which it would step back and go on in turn."""
    on, back = guards.go_on, guards.step_back
    here: Loc = ("guards", "step_back")
    if back.answered_min >= on.answered_min:
        yield (*here, "answered_min"), f"this must be less than {on.answered_min:g}, where it goes on."
    if back.wait_s_max <= on.wait_s_max:
        yield (*here, "wait_s_max"), f"this must be more than {on.wait_s_max:g}, up to which it goes on."
    if on.agents_at_100 and back.agents_at_100 >= on.agents_at_100:
        yield (*here, "agents_at_100"), f"this must be less than {on.agents_at_100}, with which it goes on."


def _disorder(stages: StandInShape) -> Iterator[tuple[Loc, str]]:
    """Yield each stage that would open before the one in front of it."""
    for first, second in pairwise(STAGES):
        if getattr(stages, second) < getattr(stages, first):
            told = f"'{second}' is less than '{first}': a call widens step by step; raise it."
            yield ("stand_in", second), told


def _check_prompt(book: Book) -> None:
    """Complain unless the offices' lines can be tried in Italian at least."""
    page = book.prompts
    if page.content is None:
        return
    prompt = page.content.prompts.get(REHEARSAL_PROMPT)
    if prompt is None:
        known = page.declared_or_none("prompts")
        if known is not None and REHEARSAL_PROMPT not in known:
            sentence = f"the prompt '{REHEARSAL_PROMPT}' is missing, which a rehearsal says; add it."
            page.document.complain(page.document.key_mark(("prompts",)), sentence)
    elif "it" not in prompt.texts:
        sentence = f"'{REHEARSAL_PROMPT}' is said to offices and has no text in 'it'; add it."
        page.document.complain(page.document.key_mark(("prompts", REHEARSAL_PROMPT)), sentence)
