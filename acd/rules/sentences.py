"""What pydantic finds, said as a person would say it.

pydantic knows that ``queues.generale.ring_s`` is an ``int_type`` error. A supervisor needs the
line, what stands there, and what to write instead; a near miss of a known name is worth a
guess. Values are repeated only where they cannot be a secret (`acd.rules.settings` takes
secrets out before validation).

The keys known at a place are read from the shapes themselves, so a new field is suggested
without anyone remembering to list it here.
"""

from __future__ import annotations

import difflib
import types
from collections.abc import Collection, Mapping
from typing import Any, Final, TypeVar, Union, get_args, get_origin

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from acd.rules.document import Document, Loc

__all__ = ["did_you_mean", "shown", "validate_partly", "validate_whole"]

ShapeT = TypeVar("ShapeT", bound=BaseModel)

_NAMES_MAX: Final = 16
_SHOWN_MAX: Final = 40

_BOUNDS: Final[Mapping[str, tuple[str, str]]] = {
    "greater_than_equal": ("too small; the least is", "ge"),
    "greater_than": ("too small; it must be more than", "gt"),
    "less_than_equal": ("too large; the most is", "le"),
    "less_than": ("too large; it must be less than", "lt"),
}

_EXPECTED: Final[Mapping[str, str]] = {
    "string_type": "text",
    "int_type": "a whole number",
    "int_from_float": "a whole number",
    "float_type": "a number",
    "bool_type": "true or false",
    "tuple_type": "a list such as [a, b]",
    "dict_type": "keys and values",
    "model_type": "keys and values",
    "path_type": "the path of a file",
}


def validate_whole(document: Document, shape: type[ShapeT], context: object = None) -> ShapeT | None:
    """Hold the document against its shape; None, with findings in the document, if it does not fit."""
    if document.data is None:
        return None
    try:
        return shape.model_validate(document.data, context=context)
    except ValidationError as error:
        _complain(document, shape, error)
        return None


def validate_partly(document: Document, shape: type[ShapeT]) -> ShapeT | None:
    """Do as `validate_whole`, but return what remains when the entries that do not fit are left out.

    So one bad queue does not hide a wrong reference in the next one. None when nothing remains.
    """
    if not isinstance(document.data, dict):
        return None
    try:
        return shape.model_validate(document.data)
    except ValidationError as error:
        _complain(document, shape, error)
        remaining = _without(document.data, [detail["loc"] for detail in error.errors()])
    try:
        return shape.model_validate(remaining)
    except ValidationError:
        return None


def did_you_mean(name: str, known: Collection[str]) -> str:
    """Return `` did you mean 'x'?`` with its leading blank, or the short list of what is known."""
    near = difflib.get_close_matches(name, list(known), n=1, cutoff=0.6)
    if near:
        return f" did you mean '{near[0]}'?"
    if not known:
        return " there is none yet."
    if len(known) > _NAMES_MAX:
        return " it is like none of those there are."
    return f" there is {', '.join(known)}."


def _without(data: Mapping[str, object], locs: Collection[Loc]) -> dict[str, object]:
    """Copy ``data`` without the sections' entries (or the top keys) in which ``locs`` lie."""
    entries = {loc[:2] for loc in locs if len(loc) > 1}
    tops = {loc[0] for loc in locs if len(loc) == 1}
    remaining: dict[str, object] = {}
    for top, section in data.items():
        if top in tops:
            continue
        if isinstance(section, dict):
            remaining[top] = {key: value for key, value in section.items() if (top, key) not in entries}
        elif not any(entry[0] == top for entry in entries):
            remaining[top] = section
    return remaining


def _complain(document: Document, shape: type[BaseModel], error: ValidationError) -> None:
    for detail in error.errors(include_url=False):
        kind = detail["type"]
        is_key = detail["loc"][-1:] == ("[key]",)
        loc: Loc = detail["loc"][:-1] if is_key else detail["loc"]
        if document.is_told(loc):
            continue
        if kind in {"missing", "too_short"} and (loc[:-1] in document.gaps or loc in document.gaps):
            continue
        if kind == "too_short" and detail["input"]:
            continue  # not empty: its entries do not fit, and that is told
        by_key = is_key or kind in {"extra_forbidden", "missing"} or document.written.get(loc) == ""
        if kind == "missing" and len(loc) > 1 and isinstance(loc[-2], int):
            by_key = False  # an entry of a list has no key of its own
        mark = document.key_mark(loc) if by_key else document.value_mark(loc)
        document.complain(mark, _sentence(document, shape, detail, loc))


def _sentence(document: Document, shape: type[BaseModel], detail: ErrorDetails, loc: Loc) -> str:
    kind, value, context = detail["type"], detail["input"], detail.get("ctx", {})
    last = next((step for step in reversed(loc) if isinstance(step, str)), "")  # of a list: its key
    if kind == "extra_forbidden":
        gone = getattr(_shape_at(shape, loc[:-1]), "gone", {}).get(last)
        if gone is not None:
            return str(gone)
        return f"unknown key '{shown(last)}';{did_you_mean(str(last), _keys_at(shape, loc[:-1]))}"
    if kind == "missing":
        return f"the key '{last}' is missing; add it."
    if value is None and kind in _EXPECTED:
        return f"the value of '{last}' is missing; write {_EXPECTED[kind]}, or remove the key."
    if kind == "string_type" and loc in document.written:
        written = document.written[loc]
        return f'{written} is read as {_kind_of(value)}; quote it: "{written}".'
    if kind in {"int_type", "float_type"} and isinstance(value, str) and value.isdecimal():
        return f"'{last}' is text because of its quotes; write {value} without them."
    if kind in _EXPECTED:
        return f"'{last}' must be {_EXPECTED[kind]}, not {_kind_of(value)}."
    if kind in _BOUNDS:
        told, bound = _BOUNDS[kind]
        return f"'{last}' is {_plain(value)}: {told} {_plain(context[bound])}."
    if kind == "literal_error":
        known = [name.strip("'") for name in str(context["expected"]).replace(" or ", ", ").split(", ")]
        return f"'{last}' cannot be '{shown(value)}';{did_you_mean(str(value), known)}"
    if kind == "too_short":
        return f"'{last}' must not be empty; give at least one."
    return f"{detail['msg'].rstrip('.')}."


def shown(value: object) -> str:
    """Return a value short enough for a sentence."""
    text = str(value)
    return text if len(text) <= _SHOWN_MAX else text[:_SHOWN_MAX] + "…"


def _plain(value: object) -> str:
    """Write 3.0 as 3."""
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)


def _kind_of(value: object) -> str:
    match value:
        case None:
            return "nothing"
        case bool():
            return "true or false"
        case int() | float():
            return "a number"
        case str():
            return "text"
        case tuple():
            return "a list"
        case _:
            return "keys and values"


def _keys_at(shape: type[BaseModel], loc: Loc) -> list[str]:
    """Return the keys that may stand at ``loc``."""
    model = _shape_at(shape, loc)
    if model is None:
        return []
    keys: list[str] = []
    for name in model.model_fields:
        keys.extend(getattr(model, "written_as", {}).get(name, (name,)))
    return keys


def _shape_at(shape: type[BaseModel], loc: Loc) -> type[BaseModel] | None:
    """Walk the annotations along ``loc``; None if no model stands there."""
    here: Any = shape
    for step in loc:
        if isinstance(here, type) and issubclass(here, BaseModel):
            field = here.model_fields.get(str(step))
            here = _unwrapped(field.annotation) if field is not None else None
        elif get_origin(here) in {dict, tuple, Mapping}:
            arguments = get_args(here)
            here = _unwrapped(arguments[0] if get_origin(here) is tuple else arguments[1])
        else:
            return None
    return here if isinstance(here, type) and issubclass(here, BaseModel) else None


def _unwrapped(annotation: Any) -> Any:
    """Look through Optional and Annotated."""
    if get_origin(annotation) in {Union, types.UnionType}:
        kinds = [kind for kind in get_args(annotation) if kind is not type(None)]
        return _unwrapped(kinds[0])
    metadata = getattr(annotation, "__metadata__", None)
    return _unwrapped(get_args(annotation)[0]) if metadata else annotation
