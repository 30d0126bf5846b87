"""Whatever happens to a rule file, a person gets findings or rules, never a stack trace."""

from __future__ import annotations

import datetime as dt
import re
import tempfile
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from acd.errors import ConfigError
from acd.rules import load_rules, load_settings
from acd.rules.reading import read_document
from tests.rules.good import ENV, ROUTING, SETTINGS, write_good_rules

FINDING = re.compile(r"[^\n]+:[1-9][0-9]*:[1-9][0-9]*: [^\n]+[.?]")

PIECES = st.one_of(
    st.sampled_from(list("\t:{}[]&*!|>%@`\"'#-?,~<=\n \r\x00\x85\ufeff")),
    st.sampled_from(
        ["- ", "? ", "<<: ", "&a ", "*a", "!!int ", "---\n", "...", "%YAML 1.1\n", "null", "0x1F", "1e9"]
    ),
    st.text(max_size=4),
    st.integers().map(str),
)


@st.composite
def mutated(draw: st.DrawFn, text: str) -> str:
    """Return ``text`` after one to four cuts, each with something put in its place."""
    for _ in range(draw(st.integers(1, 4))):
        start = draw(st.integers(0, len(text)))
        end = min(len(text), start + draw(st.integers(0, 12)))
        text = text[:start] + draw(PIECES) + text[end:]
    return text


def hold_to_promise(findings: tuple[str, ...], unsaid: tuple[str, ...] = ()) -> None:
    """Check that there is a finding, that each is a place and a sentence, and none says what it must not."""
    assert findings
    for finding in findings:
        assert FINDING.fullmatch(finding), finding
        assert not any(word in finding for word in unsaid), finding


@settings(max_examples=250, deadline=None)
@given(data=st.data(), name=st.sampled_from(sorted(ROUTING)))
def test_a_mutated_rule_file_gives_rules_or_findings(data: st.DataObject, name: str) -> None:
    """No mutation of a valid file raises anything but ConfigError, and that never without a finding."""
    text = data.draw(mutated(ROUTING[name]))
    with tempfile.TemporaryDirectory() as folder:
        rules = write_good_rules(
            Path(folder) / "rules",
            ROUTING,
            **{name.removesuffix(".yaml"): text.encode("utf-8", "surrogatepass")},
        )
        try:
            assert load_rules(rules, dt.date(2026, 9, 1)).rules.queues
        except ConfigError as error:
            hold_to_promise(error.findings)


@settings(max_examples=100, deadline=None)
@given(text=mutated(SETTINGS))
def test_mutated_settings_give_settings_or_findings(text: str) -> None:
    """The same holds for settings; and no finding repeats a secret."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "acd.yaml"
        (Path(folder) / "rules").mkdir()
        path.write_bytes(text.encode("utf-8", "surrogatepass"))
        try:
            assert load_settings(path, ENV).nodes
        except ConfigError as error:
            hold_to_promise(error.findings, unsaid=tuple(ENV.values()))


@settings(max_examples=100, deadline=None)
@given(content=st.binary(max_size=60))
def test_any_bytes_can_be_read(content: bytes) -> None:
    """Reading never raises for what is in a file."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "any.yaml"
        path.write_bytes(content)
        document = read_document(path)
        assert document.findings or isinstance(document.data, dict)
