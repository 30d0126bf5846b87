"""From a checked ``entry.yaml`` and ``prompts.yaml`` to the plan the dialplan is written from.

Nothing can go wrong here: what could was refused by `acd.rules.entry_check`.

The **revision** is a digest of all that the exported files say: the plan, the offices with their
lines (not their hours), the language of each queue, the table of area prefixes, and the way the exporter
writes (`EXPORT_FORMAT`). The exported dialplan carries it as the global ``ACD_ENTRY``, so that the revision
Asterisk runs can be compared with the rules in force.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Final

import msgspec

from acd.core.ids import PriorityClassId, QueueId
from acd.core.policy import Queue, RuleSet
from acd.rules.entry import Ask, Door, EntryPlan, Go, Menu, Prompt
from acd.rules.entry_prefixes import area_prefixes
from acd.rules.entry_shape import ANY, EntryFile, GoShape, PromptsFile

__all__ = ["EXPORT_FORMAT", "compile_entry", "queues_in_silence"]

EXPORT_FORMAT: Final = 1
"""Raised when the exporter writes other lines for the same plan."""


def compile_entry(entry: EntryFile, prompts: PromptsFile, rules: RuleSet) -> EntryPlan:
    """Compile what a caller meets before a queue."""
    plan = EntryPlan(
        revision="",
        doors={number: _door(number, shape, rules.queues) for number, shape in entry.entry.items()},
        menus={
            name: Menu(
                id=name,
                say=dict(menu.say),
                wait_s=menu.wait_s,
                choices={key: _go(shape) for key, shape in sorted(menu.keys.items())},
                default=menu.default,
            )
            for name, menu in entry.menus.items()
        },
        prompts={
            name: Prompt(id=name, texts=dict(shape.texts), in_turn=shape.in_turn)
            for name, shape in prompts.prompts.items()
        },
        announce_country=entry.announce_country or "",
        code_class=PriorityClassId(entry.code_class) if entry.code_class is not None else None,
    )
    return msgspec.structs.replace(plan, revision=_revision(plan, rules))


def queues_in_silence(entry: EntryFile) -> dict[str, QueueId]:
    """Return, for each called number, the queue of a caller who presses nothing."""
    return {
        number: _in_silence(entry, shape, shape.language or "it") for number, shape in entry.entry.items()
    }


def _in_silence(entry: EntryFile, go: GoShape, language: str) -> QueueId:
    while go.menu is not None:
        menu = entry.menus[go.menu]
        go = menu.keys[menu.default]
        language = go.language or language
    assert go.queue is not None, "a way that leads nowhere was refused"
    return QueueId(go.queue.get(language) or go.queue[ANY])


def _door(number: str, shape: GoShape, queues: Mapping[QueueId, Queue]) -> Door:
    """Compile a called number; one that leads to a queue at once speaks the queue's language."""
    language = shape.language or "it"
    if shape.language is None and shape.queue is not None and ANY in shape.queue:
        language = queues[QueueId(shape.queue[ANY])].language
    return Door(number=number, language=language, go=_go(shape))


def _go(shape: GoShape) -> Go:
    return Go(
        language=shape.language or "",
        asks=tuple(Ask(word) for word in shape.ask),
        menu=shape.menu or "",
        queues={language: QueueId(queue) for language, queue in (shape.queue or {}).items()},
    )


def _revision(plan: EntryPlan, rules: RuleSet) -> str:
    languages = [(queue.id, queue.language) for queue in rules.queues.values()]
    parts = (
        EXPORT_FORMAT,
        plan,
        tuple(msgspec.structs.replace(office, calendar=None) for office in rules.offices.values()),
        languages,
        rules.queue_by_default,
        tuple(area_prefixes().values()),
    )
    return hashlib.sha256(msgspec.json.encode(parts)).hexdigest()[:16]
