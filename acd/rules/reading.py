"""Reading a YAML file, less freely than YAML allows.

A rule file is a promise about who is rung, and nobody should need to know the corners of a data
language to read it. So:

- a key written twice, an anchor, an alias, a merge key or a tag is refused: each lets two
  lines far apart mean one thing;
- a value is text, a whole number, a decimal number, true/false or nothing. What YAML would
  make a date or an octal number of is refused with the advice to quote it;
- a key is always text: ``803164:`` unquoted would be a number, and ``06164164:`` would lose
  its zero;
- tabs do not indent; the file is UTF-8, one document, of a bounded size and depth.

Only a file that is no YAML at all stops at its first trouble; any other is read to its end.
"""

from __future__ import annotations

import re
import warnings
from typing import Final

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, ReusedAnchorWarning, YAMLError
from ruamel.yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode
from ruamel.yaml.reader import ReaderError

from acd.rules.document import Document, Loc, Mark
from acd.rules.sources import Source

__all__ = ["read_document"]

_TAG: Final = "tag:yaml.org,2002:"

SIZE_BYTES_MAX: Final = 16 * 1024 * 1024
"""A roster of 3,100 agents is 0.25 MB; a file beyond this is not a rule file."""

DEPTH_MAX: Final = 12

_WHOLE_NUMBER = re.compile(r"-?(0|[1-9][0-9]{0,14})")
_DECIMAL_NUMBER = re.compile(r"-?(0|[1-9][0-9]{0,14})\.[0-9]{1,15}")


def read_document(path: Source) -> Document:
    """Read one file. Never raises for what is in it: every trouble is a finding."""
    document = Document(file=path.as_posix())
    text = _read_text(path, document)
    if text is None or _has_indenting_tabs(text, document):
        return document
    node = _compose(text, document)
    if document.findings:
        return document
    if node is None or (isinstance(node, ScalarNode) and not node.value):
        document.complain(Mark(1, 1), "this file is empty; write its keys or restore it.")
    else:
        _Builder(document).build(node)
    return document


def _read_text(path: Source, document: Document) -> str | None:
    """Read the text, or None with a finding."""
    start = Mark(1, 1)
    try:
        content = path.read_bytes()
    except FileNotFoundError:
        document.complain(start, "this file is missing; restore it or correct the path.")
        return None
    except OSError as error:
        document.complain(start, f"this file cannot be read: {error.strerror}.")
        return None
    if len(content) > SIZE_BYTES_MAX:
        document.complain(start, f"this file is larger than {SIZE_BYTES_MAX} bytes; split or shorten it.")
        return None
    try:
        return content.decode("utf-8").removeprefix("\ufeff")
    except UnicodeDecodeError as error:
        before = content[: error.start].decode("utf-8")
        line = before.count("\n") + 1
        col = len(before) - (before.rfind("\n") + 1) + 1
        byte = content[error.start]
        document.complain(
            Mark(line, col), f"byte 0x{byte:02x} is not UTF-8; save the file with the encoding UTF-8."
        )
        return None


def _has_indenting_tabs(text: str, document: Document) -> bool:
    """Complain about each line that starts with a tab among its blanks."""
    found = False
    for number, line in enumerate(text.split("\n"), start=1):
        blanks = line[: len(line) - len(line.lstrip(" \t"))]
        if "\t" in blanks and line.strip():
            document.complain(Mark(number, blanks.index("\t") + 1), "a tab; indent with spaces.")
            found = True
    return found


def _compose(text: str, document: Document) -> Node | None:
    """Let ruamel.yaml find the nodes; its complaints become ours."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", ReusedAnchorWarning)  # every anchor is refused below
            node: Node | None = YAML(typ="safe", pure=True).compose(text)
    except ReaderError as error:
        before = text[: error.position]
        mark = Mark(before.count("\n") + 1, len(before) - (before.rfind("\n") + 1) + 1)
        document.complain(mark, "an invisible control character; delete it.")
    except MarkedYAMLError as error:
        document.complain(_mark_of_error(error), _sentence_of_error(error))
    except RecursionError:
        document.complain(Mark(1, 1), f"this file nests deeper than {DEPTH_MAX} levels; flatten it.")
    except (YAMLError, ValueError, LookupError, AttributeError, TypeError, AssertionError) as error:
        # On malformed directives and tags ruamel.yaml trips over its own feet.
        document.complain(Mark(1, 1), f"this file is not YAML ({type(error).__name__}: {error}).")
    else:
        return node
    return None


def _mark_of_error(error: MarkedYAMLError) -> Mark:
    mark = error.problem_mark or error.context_mark
    return Mark(1, 1) if mark is None else Mark(mark.line + 1, mark.column + 1)


def _sentence_of_error(error: MarkedYAMLError) -> str:
    problem = str(error.problem or "not YAML")
    if "found undefined alias" in problem:
        return "an alias (*); write the value out, a rule must read without jumping."
    if "found another document" in problem:
        return "a second document (---); one file holds one document."
    if "mapping values are not allowed" in problem:
        return "a ':' where none can stand; check the indentation, or quote the text that holds it."
    context = f" {error.context}" if error.context else ""
    return f"this is not YAML: {problem}{context}; check quotes, brackets and indentation."


class _Builder:
    """Turns nodes into data, noting marks and complaints in the document."""

    def __init__(self, document: Document) -> None:
        self.document = document

    def build(self, node: Node) -> None:
        """Build the whole file; the top must be a mapping."""
        if not isinstance(node, MappingNode):
            self.document.complain(_mark(node), "expected keys and values at the top of the file.")
            return
        ok, data = self._value(node, ())
        if ok:
            self.document.data = data

    def _value(self, node: Node, loc: Loc) -> tuple[bool, object]:
        """Build one value; False when it was complained about and must be left out."""
        mark = _mark(node)
        self.document.value_marks[loc] = mark
        if node.anchor is not None:
            sentence = "an anchor or alias (& or *); write the value out, a rule must read without jumping."
            self.document.complain(mark, sentence, loc)
            return False, None
        if len(loc) > DEPTH_MAX:
            self.document.complain(mark, f"this nests deeper than {DEPTH_MAX} levels; flatten it.", loc)
            return False, None
        if isinstance(node, MappingNode):
            return self._mapping(node, loc)
        if isinstance(node, SequenceNode):
            return self._sequence(node, loc)
        assert isinstance(node, ScalarNode), "YAML has three kinds of node"
        return self._scalar(node, loc)

    def _mapping(self, node: MappingNode, loc: Loc) -> tuple[bool, object]:
        if not self._has_plain_tag(node, "map", loc):
            return False, None
        data: dict[str, object] = {}
        for key_node, value_node in node.value:
            key = self._key(key_node)
            if key is None:
                self.document.gaps.add(loc)
                continue
            where = (*loc, key)
            mark = _mark(key_node)
            first = self.document.key_marks.get(where)
            if first is not None:
                sentence = f"the key '{key}' was already given in line {first.line}; keep one of the two."
                self.document.complain(mark, sentence)
                continue
            self.document.key_marks[where] = mark
            ok, value = self._value(value_node, where)
            if ok:
                data[key] = value
            else:
                self.document.gaps.add(loc)
        return True, data

    def _key(self, node: Node) -> str | None:
        """Return the key's text, or None with a finding."""
        mark = _mark(node)
        if not isinstance(node, ScalarNode):
            self.document.complain(mark, "a key must be plain text.")
        elif node.anchor is not None:
            self.document.complain(mark, "an anchor or alias (& or *) as a key; write the key out.")
        elif node.tag == _TAG + "merge":
            self.document.complain(mark, "a merge key (<<); write the keys out.")
        elif node.tag in {_TAG + "int", _TAG + "float"}:
            self.document.complain(
                mark, f'the key {node.value} is read as a number; quote it: "{node.value}".'
            )
        elif node.tag != _TAG + "str":
            self.document.complain(mark, f'the key {node.value} is not text; quote it: "{node.value}".')
        else:
            return str(node.value)
        return None

    def _sequence(self, node: SequenceNode, loc: Loc) -> tuple[bool, object]:
        if not self._has_plain_tag(node, "seq", loc):
            return False, None
        # A refused item leaves None in its place, so that the indexes of the others stay true.
        return True, tuple(self._value(item, (*loc, index))[1] for index, item in enumerate(node.value))

    def _scalar(self, node: ScalarNode, loc: Loc) -> tuple[bool, object]:
        text = str(node.value)
        if node.style is None:
            self.document.written[loc] = text
        tag = str(node.tag)
        if tag == _TAG + "str":
            return True, text
        if tag == _TAG + "null":
            return True, None
        if tag == _TAG + "bool" and text.lower() in {"true", "false"}:
            return True, text.lower() == "true"
        if tag == _TAG + "int" and _WHOLE_NUMBER.fullmatch(text):
            return True, int(text)
        if tag == _TAG + "float" and _DECIMAL_NUMBER.fullmatch(text):
            return True, float(text)
        self.document.complain(_mark(node), _odd_scalar(tag, text), loc)
        return False, None

    def _has_plain_tag(self, node: Node, kind: str, loc: Loc) -> bool:
        if node.tag == _TAG + kind:
            return True
        self.document.complain(_mark(node), f"a tag ({node.tag}); remove it, plain values suffice.", loc)
        return False


def _mark(node: Node) -> Mark:
    return Mark(node.start_mark.line + 1, node.start_mark.column + 1)


def _odd_scalar(tag: str, text: str) -> str:
    shown = text if len(text) <= 40 else text[:40] + "…"
    if tag in {_TAG + "int", _TAG + "float"}:
        if text.startswith("0") and text.isdecimal():
            return f'{shown} is read as a number and would lose its zero; quote it: "{shown}".'
        return f'{shown} is an unusual number; write it plainly, or quote it if it is text: "{shown}".'
    if tag == _TAG + "timestamp":
        return f'{shown} is read as a date; quote it: "{shown}".'
    return f"a tag ({tag}); remove it, plain values suffice."
