"""The shape of ``entry.yaml`` and ``prompts.yaml``.

``entry.yaml`` says under ``entry`` where each called number leads: to a queue at once
(``"803164": generale``) or into a menu. A menu says a prompt, waits for one key, and each key leads
on. What a key may do is the same as what a number may do (`GoShape`): set the language, ask
something, then go to a menu or a queue.

``say`` and ``queue`` may be one name, or one name for each language. ``say`` may also name a
province (two capitals), whose callers then hear that prompt: in the province of Bolzano both
languages greet, everywhere else one does.

``prompts.yaml`` holds every text that is spoken. ``in_turn`` lists the languages that are spoken one
after the other to everybody, whatever the caller's language is (a greeting); without it a prompt is
spoken in the caller's language.
"""

from __future__ import annotations

from typing import Annotated, Final, Literal

from pydantic import BeforeValidator, Field

from acd.rules.schema import Id, Number, Shape, matching

__all__ = [
    "ANY",
    "AskWord",
    "EntryFile",
    "GoShape",
    "MenuShape",
    "PromptShape",
    "PromptsFile",
]

ANY: Final = ""
"""Key of what holds for every language that has no line of its own; written ``other`` in the files."""

AskWord = Literal["province", "personal_code"]

Language = Annotated[str, matching("[a-z]{2}", "is not a language: two small letters, such as it.")]

LanguageOrOther = Annotated[
    str, matching("[a-z]{2}|other|", "is not a language: two small letters such as it, or other.")
]

Listener = Annotated[
    str,
    matching(
        "[a-z]{2}|[A-Z]{2}|other|",
        "is neither a language (it) nor a province (BZ) nor the word other.",
    ),
]

Key = Annotated[str, matching("[0-9]", "is not a key: one digit from 0 to 9, in quotes.")]

Country = Annotated[str, matching("[A-Z]{2}", "is not a country: two capital letters, such as IT.")]

Text = Annotated[
    str,
    matching(
        r"\S(?:[^\x00-\x1f\x7f<>&]{0,598}\S)?",
        "cannot be spoken: 1 to 600 characters on one line, without < > &.",
    ),
]


def _for_any(value: object) -> object:
    """Let one name stand for itself in every language, and ``other`` for the rest."""
    if isinstance(value, str):
        return {ANY: value}
    if isinstance(value, dict):
        return {ANY if key == "other" else key: name for key, name in value.items()}
    return value


def _to_queue(value: object) -> object:
    """Let a queue's name alone mean: to that queue."""
    return {"queue": value} if isinstance(value, str) else value


class GoShape(Shape):
    """Where a number or a key leads; either ``menu`` or ``queue`` is given."""

    language: Language | None = None
    """Holds from here on; for a number that leads to a menu, ``it`` when absent."""
    ask: tuple[AskWord, ...] = ()
    menu: Id | None = None
    queue: (
        Annotated[
            dict[LanguageOrOther, Id],
            BeforeValidator(_for_any, json_schema_input_type=Id | dict[LanguageOrOther, Id]),
            Field(min_length=1),
        ]
        | None
    ) = None


Go = Annotated[GoShape, BeforeValidator(_to_queue, json_schema_input_type=Id | GoShape)]


class MenuShape(Shape):
    """One question with one key as its answer."""

    say: Annotated[
        dict[Listener, Id],
        BeforeValidator(_for_any, json_schema_input_type=Id | dict[Listener, Id]),
        Field(min_length=1),
    ]
    wait_s: Annotated[int, Field(ge=3, le=15)] = 5
    default: Key
    """The key that silence counts as."""
    keys: Annotated[dict[Key, Go], Field(min_length=1)]


class EntryFile(Shape):
    """``entry.yaml``: what a caller meets before a queue."""

    entry: dict[Number, Go]
    menus: dict[Id, MenuShape] = Field(default_factory=dict)
    queue_by_default: Id
    """Where a call goes whose number or queue nobody knows: nobody is lost over a name."""
    announce_country: Country | None = None
    """The country callers are told they will be answered from, before they wait."""
    code_class: Id | None = None
    """The priority class that a good personal code gives."""


class PromptShape(Shape):
    """Something that is said."""

    texts: Annotated[dict[Language, Text], Field(min_length=1)]
    in_turn: tuple[Language, ...] = ()


class PromptsFile(Shape):
    """``prompts.yaml``: every text that is spoken before a queue; may be absent where nothing is."""

    prompts: dict[Id, PromptShape] = Field(default_factory=dict)
