"""What changes from one configuration to another: found in what the files say, not in their text.

So a default that is written out, a comment and another order of keys are no change; of such a file it is said
that only its layout differs. Lists of steps, targets or bands are laid side by side by what names each of
their entries, so that a step put in at the top is one change and not six.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

import msgspec

from acd.revisions.configuration import Configuration
from acd.revisions.documents import FALLBACK, GOALS, PRIVACY, RULES
from acd.revisions.wording import Language, noun, say

__all__ = ["Change", "differences", "in_words"]

NAMES: Final = ("step", "id", "from_day", "level_min", "day", "month", "from", "key", "to")
"""What names an entry of a list; the first of these that all entries have and none shares."""

SHOWN_MAX: Final = 60
FIELDS_SHOWN: Final = 6

Loc = tuple[str, ...]


class Change(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that is other than before."""

    file: str
    """``queues.yaml``, ``fallback.yaml``, ``cases/…``."""
    kind: str
    """``new``, ``gone``, ``changed``; ``order`` of a list; ``cases`` and ``layout`` of a file as a whole."""
    loc: Loc = ()
    """Where it stands in the file."""
    before: Any = None
    after: Any = None


def differences(before: Configuration, after: Configuration) -> tuple[Change, ...]:
    """Everything that changes, file by file."""
    changes = [
        Change(file=file, kind=kind, loc=loc, before=old, after=new)
        for file in dict.fromkeys((*after.contents, *before.contents))
        for kind, loc, old, new in _between(_said(before, file), _said(after, file), ())
    ]
    told = {change.file for change in changes}
    old_texts, new_texts = before.documents.texts, after.documents.texts
    for name in sorted({*old_texts, *new_texts}):
        short = name.removeprefix(f"{RULES}/")
        if old_texts.get(name) != new_texts.get(name) and short not in told:
            is_file_of_cases = short not in after.contents and short not in before.contents
            changes.append(Change(file=short, kind="cases" if is_file_of_cases else "layout"))
    return tuple(changes)


def in_words(change: Change, lang: Language) -> str:
    """Tell one change in a sentence."""
    if not change.loc:
        return say(lang, change.kind, file=change.file)
    what = _what(change, lang)
    match change.kind:
        case "new":
            return say(lang, "new", what=what, with_=_with(change.after, lang))
        case "gone":
            return say(lang, "gone", what=what)
        case "order":
            return say(lang, "order", what=what, after=_shown(change.after, lang))
        case _:
            before, after = _shown(change.before, lang), _shown(change.after, lang)
            return say(lang, "changed", what=what, before=before, after=after)


def _said(configuration: Configuration, file: str) -> Any:
    content = configuration.contents.get(file)
    return content.model_dump(mode="json", by_alias=True) if content is not None else {}


def _between(before: Any, after: Any, loc: Loc) -> Iterator[tuple[str, Loc, Any, Any]]:
    """Yield kind, place, old and new of each difference."""
    if before == after:
        return
    if isinstance(before, dict) and isinstance(after, dict):
        yield from _between_tables(before, after, loc)
        return
    old, new = _named(before), _named(after)
    if old is not None and new is not None and (old or new):
        yield from _between_tables(old, new, loc)
        kept_old = [name for name in old if name in new]
        kept_new = [name for name in new if name in old]
        if kept_old != kept_new:
            yield "order", loc, list(old), list(new)
        return
    yield "changed", loc, before, after


def _between_tables(
    before: Mapping[str, Any], after: Mapping[str, Any], loc: Loc
) -> Iterator[tuple[str, Loc, Any, Any]]:
    for name in dict.fromkeys((*after, *before)):
        here = (*loc, name)
        if name not in before:
            yield "new", here, None, after[name]
        elif name not in after:
            yield "gone", here, before[name], None
        else:
            yield from _between(before[name], after[name], here)


def _named(value: Any) -> dict[str, Any] | None:
    """A list of entries by what names each; None: it is no such list."""
    if not isinstance(value, list) or not all(isinstance(entry, dict) for entry in value):
        return None
    for name in NAMES:
        names = [str(entry[name]) for entry in value if name in entry]
        if len(names) == len(value) and len(set(names)) == len(names):
            return dict(zip(names, value, strict=True))
    return None


# ── in words ─────────────────────────────────────────────────────────────────────────────────


def _what(change: Change, lang: Language) -> str:
    """Name the place: ``queue 'pensioni', step 'regione', after_s``."""
    first, *rest = change.loc
    if change.file == PRIVACY:
        return ", ".join((noun(lang, "privacy"), *change.loc))
    prefix = {FALLBACK: "fallback.", GOALS: "goals."}.get(change.file, "")
    section = f"{prefix}{first}"
    parts = [noun(lang, section)]
    if rest and section not in {"fallback.national", "fallback.policy", "timings", "affinity", "stand_in"}:
        parts[0] += f" '{rest.pop(0)}'"
    while rest:
        key = rest.pop(0)
        if key == "ladder" and rest:
            parts.append(f"{noun(lang, key)} '{rest.pop(0)}'")
        else:
            parts.append(key)
    return ", ".join(parts)


def _with(value: Any, lang: Language) -> str:
    """Tell what a new thing says for itself: not what is empty."""
    if not isinstance(value, dict):
        return say(lang, "with", fields=_shown(value, lang))
    said = {key: one for key, one in value.items() if one not in (None, "", [], {}, False)}
    fields = [f"{key} {_shown(one, lang)}" for key, one in list(said.items())[:FIELDS_SHOWN]]
    if len(said) > FIELDS_SHOWN:
        fields.append("…")
    return say(lang, "with", fields=", ".join(fields)) if fields else ""


def _shown(value: Any, lang: Language) -> str:
    match value:
        case None | "" | [] | {}:
            return say(lang, "nothing")
        case bool():
            return say(lang, "yes" if value else "no")
        case float() if value.is_integer():
            return str(int(value))
        case dict():
            text = ", ".join(f"{key} {_shown(one, lang)}" for key, one in value.items())
        case Sequence() if not isinstance(value, str):
            text = ", ".join(_shown(one, lang) for one in value)
        case _:
            text = str(value)
    return text if len(text) <= SHOWN_MAX else f"{text[: SHOWN_MAX - 1]}…"
