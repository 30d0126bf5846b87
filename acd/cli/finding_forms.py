"""Findings in the forms that machines read: GitHub's workflow commands, and SARIF 2.1.0.

Sources: https://docs.github.com/en/actions/reference/workflow-commands-for-github-actions and
https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Any, Final, NamedTuple

from acd import __version__

__all__ = ["github", "sarif"]

_PLACE: Final = re.compile(
    r"(?P<file>[^:\n]+):(?P<line>[0-9]+):(?:(?P<col>[0-9]+):)? (?P<sentence>.*)", re.DOTALL
)


class Placed(NamedTuple):
    """A finding taken apart."""

    file: str
    line: int
    col: int
    sentence: str


def github(findings: Iterable[str], warnings: Iterable[str]) -> Iterator[str]:
    """Yield a line for each: an annotation at its place."""
    for level, told in (("error", findings), ("warning", warnings)):
        for each in map(_placed, told):
            place = f" file={_escaped(each.file, ',:')},line={each.line},col={each.col}" if each.file else ""
            yield f"::{level}{place}::{_escaped(each.sentence)}"


def sarif(findings: Iterable[str], warnings: Iterable[str]) -> dict[str, Any]:
    """Give the log of one run."""
    results = [
        _result(level, each)
        for level, told in (("error", findings), ("warning", warnings))
        for each in map(_placed, told)
    ]
    tool = {"driver": {"name": "acd check", "version": __version__, "rules": [{"id": "configuration"}]}}
    return {
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [{"tool": tool, "results": results}],
    }


def _result(level: str, each: Placed) -> dict[str, Any]:
    result: dict[str, Any] = {
        "ruleId": "configuration",
        "level": level,
        "message": {"text": each.sentence},
    }
    if each.file:
        place = {
            "artifactLocation": {"uri": each.file},
            "region": {"startLine": each.line, "startColumn": each.col},
        }
        result["locations"] = [{"physicalLocation": place}]
    return result


def _placed(finding: str) -> Placed:
    found = _PLACE.fullmatch(finding)
    if found is None:
        return Placed("", 1, 1, finding)
    return Placed(found["file"], int(found["line"]), int(found["col"] or 1), found["sentence"])


def _escaped(text: str, more: str = "") -> str:
    for letter in ("%", "\r", "\n", *more):
        text = text.replace(letter, f"%{ord(letter):02X}")
    return text
