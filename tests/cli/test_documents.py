"""Every command that a document has somebody type exists, with these options and these words.

Looked at are code spans and code blocks that begin with ``acd``. A line ends at a pipe, a semicolon, ``&&``,
a redirection or a comment; ``…`` and capitals stand for whatever is to be put there.
"""

from __future__ import annotations

import functools
import re
import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from typer.core import TyperGroup
from typer.main import get_command

from acd.cli.commands import app

ROOT = Path(__file__).parents[2]
DOCUMENTS = sorted(
    path
    for pattern in ("*.md", "docs/*.md", "docs/decisions/*.md", "config/**/*.md")
    for path in ROOT.glob(pattern)
)
SPAN = re.compile(r"`(acd [^`]+)`")
LINE = re.compile(r"^\s*(?:[A-Z_]+=\S+ )*(acd .+)$")
ENDS = frozenset({"|", "||", "&&", ";", ">", ">>", "<", "&"})
PLACE = re.compile(r"…|\.\.\.|[A-Z][A-Z.…]*(?:…)?|<[^>]+>")
OPERATIONS = (ROOT / "docs" / "operations.md").read_text()


def typed(text: str) -> Iterator[str]:
    """What a document has somebody type."""
    yield from SPAN.findall(text)
    for block in re.findall(r"^```[a-z]*\n(.*?)^```", text, re.MULTILINE | re.DOTALL):
        for line in block.splitlines():
            yield from (part.strip() for part in re.split(r";|&&|\|", line) if LINE.match(part.strip()))
    for line in re.findall(r"^(?: {4}|\t)(\S.*)$", text, re.MULTILINE):
        if found := LINE.match(line):
            yield found[1]


def words_of(command: str) -> list[str]:
    """Up to where the shell goes on by itself."""
    lexer = shlex.shlex(command.replace("…", " … "), posix=True, punctuation_chars="|&;<>")
    lexer.whitespace_split = True
    lexer.commenters = "#"
    words: list[str] = []
    for word in lexer:
        if word in ENDS:
            break
        words.append(word)
    return words


def missing(command: str) -> str:
    """What of a command there is not, as a sentence; empty: it is all there."""
    present = _whole()
    path = "acd"
    words = words_of(command)[1:]
    while words and isinstance(present, TyperGroup) and not words[0].startswith("-"):
        name = words.pop(0)
        if PLACE.fullmatch(name):
            return ""
        if name not in present.commands:
            return f"there is no '{path} {name}'"
        present, path = present.commands[name], f"{path} {name}"
    options = {name: param for param in present.params for name in (*param.opts, *param.secondary_opts)}
    options.update({"--help": None, "-h": None})
    for word in words:
        name = word.partition("=")[0]
        if word.startswith("-") and word != "-" and name not in options:
            return f"'{path}' has no {name}"
    positional = [param for param in present.params if param.param_type_name == "argument"]
    if not positional and not isinstance(present, TyperGroup):
        loose = list(_loose(words, options))
        if loose:
            return f"'{path}' takes no {loose[0]}"
    return ""


@functools.cache
def _whole() -> Any:
    """The tree of all commands."""
    return get_command(app)


def _loose(words: list[str], options: dict[str, object]) -> Iterator[str]:
    """Words that belong to no option."""
    takes = False
    for word in words:
        if takes:
            takes = False
        elif word.startswith("-"):
            param = options.get(word)
            takes = param is not None and not getattr(param, "is_flag", False) and "=" not in word
        elif not PLACE.fullmatch(word):
            yield word


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_what_a_document_has_somebody_type_exists(path):
    """Commands, options, and no word too many."""
    found = {command: why for command in typed(path.read_text()) if (why := missing(command))}
    assert not found


def test_the_check_would_notice():
    """Else the test above would prove nothing."""
    assert missing("acd fallbock on") == "there is no 'acd fallbock'"
    assert missing("acd privacy burn") == "there is no 'acd privacy burn'"
    assert missing("acd status --wotch") == "'acd status' has no --wotch"
    assert missing("acd healthcheck now") == "'acd healthcheck' takes no now"
    assert missing('acd apply --reason "a; b" --confirm-within 5m') == ""
    assert missing("acd agents --site roma --json | jq -r x") == ""
    assert list(typed("x\n\n    acd status   # all\n    acd doctor\n\n```\nacd a | acd b -\n```\n")) == [
        "acd a",
        "acd b -",
        "acd status   # all",
        "acd doctor",
    ]


def test_every_option_that_a_row_names_is_one_of_its_commands():
    """In the table of commands an option stands by itself beside its command."""
    rows = [line for line in OPERATIONS.splitlines() if line.startswith("| `acd ")]
    assert len(rows) > 30
    for row in rows:
        commands = SPAN.findall(row.split("|")[1])
        for option in re.findall(r"`(--[a-z-]+)", row.split("|", 2)[2]):
            assert any(not missing(f"{command} {option}") for command in commands), (commands, option)


def test_the_runbook_leads_to_its_own_sections():
    """A link in a hurry must not lead nowhere."""
    anchors = {
        re.sub(r"[^\w\- ]", "", heading.lower()).strip().replace(" ", "-")
        for heading in re.findall(r"^#+ (.*)$", OPERATIONS, re.MULTILINE)
    }
    assert set(re.findall(r"\]\(#([^)]+)\)", OPERATIONS)) <= anchors
