"""The roster as a table: one line per agent, read from CSV and written back.

Rules say what happens to callers; the roster says who answers. It lives in the store, and comes and goes
as a file that any spreadsheet opens: UTF-8 (a byte order mark does no harm), commas or semicolons, any
line ends, a header with the names of the columns in any order.

- **A column that is absent changes nothing** for an agent who exists. So a file with the columns ``agent``
  and ``employer`` moves three thousand people to another employer and touches nobody's skills.
- **An empty cell means the default**: own phone, no code, Italy, not at home, no volunteer. ``site`` and
  ``skills`` have no default: an empty cell there is a mistake, never a way to lose somebody's skills.
- **Every bad line is told**, with its number, its column and a whole sentence; while one stands, nothing is
  applied.
- **What is written is what was read**: export, import, and nothing changes.

A cell that a spreadsheet would run as a formula cannot get in, so none can come out.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Annotated, Final

import msgspec
from pydantic import TypeAdapter, ValidationError

from acd.core.ids import AgentId, SiteId, SkillId
from acd.core.policy import Agent, Roster, RuleSet
from acd.errors import ConfigError
from acd.rules.people import check_people
from acd.rules.roster_change import describe, difference
from acd.rules.schema import Endpoint, Id, matching
from acd.rules.sentences import did_you_mean, shown

__all__ = [
    "COLUMNS",
    "RosterFinding",
    "check_people",
    "describe",
    "difference",
    "parse_roster",
    "read_roster",
    "write_roster",
]

COLUMNS: Final = (
    "agent",
    "code",
    "site",
    "endpoint",
    "skills",
    "home",
    "country",
    "hours",
    "employer",
    "volunteer",
    "auto_answer",
)

SIZE_BYTES_MAX: Final = 16 * 1024 * 1024
"""3,100 agents are 0.25 MB; a file beyond this is no roster."""

LEVEL_MAX: Final = 10

_EMPLOYER: Final = r"(?![=+@-])\S(?:[^\x00-\x1f\x7f]{0,78}\S)?"
_ID: Final = TypeAdapter[str](Id)
_ENDPOINT: Final = TypeAdapter[str](Endpoint)
_CODE: Final = TypeAdapter[str](Annotated[str, matching("[0-9]{3,6}", "is no code: 3 to 6 digits.")])
_COUNTRY: Final = TypeAdapter[str](
    Annotated[str, matching("[A-Z]{2}", "is not a country: two capital letters, such as IT.")]
)
_TITLE: Final = TypeAdapter[str](
    Annotated[str, matching(_EMPLOYER, "is no title: 1 to 80 characters, and none of = + - @ in front.")]
)

Odd = list[str]
"""Takes the sentences about one cell."""


class RosterFinding(msgspec.Struct, frozen=True, kw_only=True, order=True):
    """One thing that is wrong in a roster file."""

    line: int
    """Counted from 1, the header included."""
    column: str
    """Empty: the line as a whole."""
    sentence: str
    file: str

    def __str__(self) -> str:
        where = f"{self.file}:{self.line}: "
        return f"{where}{self.column}: {self.sentence}" if self.column else where + self.sentence


def read_roster(
    path: Path, rules: RuleSet, present: Roster | None = None, *, remove_missing: bool = False
) -> Roster:
    """Read a roster file; the arguments are those of `parse_roster`.

    Raises:
        ConfigError: Something is wrong; ``findings`` holds every ``file:line: column: sentence``.
    """
    name = path.as_posix()
    roster, findings = parse_roster(_text(path), name, rules, present, remove_missing=remove_missing)
    if findings:
        raise ConfigError(tuple(map(str, findings)))
    return roster


def parse_roster(
    text: str, name: str, rules: RuleSet, present: Roster | None = None, *, remove_missing: bool = False
) -> tuple[Roster, tuple[RosterFinding, ...]]:
    """Read a roster from its text.

    Args:
        text: The CSV.
        name: What findings call the file.
        rules: Where skills and sites are known.
        present: Who is known already; what the file does not say of them, they keep.
        remove_missing: Whether those who do not stand in the file will go, and leave their code and phone
            to others.

    Returns:
        The people of the file (not those of ``present`` who do not stand in it), and what is wrong; with a
        finding, the people are not all.
    """
    known = present.agents if present is not None else {}
    table = _Table(name, rules, known)
    table.read(text.removeprefix("\ufeff"))
    table.check_taken({} if remove_missing else known)
    return Roster(agents=table.agents), tuple(sorted(table.findings))


def write_roster(roster: Roster) -> str:
    """Write everybody, with every column, so that reading it gives the same roster."""
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(COLUMNS)
    for agent in roster.agents.values():
        writer.writerow(
            (
                agent.id,
                agent.code,
                agent.site,
                agent.endpoint,
                " ".join(f"{skill}:{level}" for skill, level in agent.skills.items()),
                "si" if agent.home else "no",
                agent.country,
                agent.hours,
                agent.employer,
                "si" if agent.volunteer else "no",
                "si" if agent.auto_answer else "no",
            )
        )
    return out.getvalue()


def _text(path: Path) -> str:
    """Read the file's text, or raise ConfigError."""
    try:
        content = path.read_bytes()
    except OSError as error:
        raise ConfigError((f"{path.as_posix()}: this file cannot be read: {error.strerror}.",)) from error
    if len(content) > SIZE_BYTES_MAX:
        sentence = f"{path.as_posix()}: this file is larger than {SIZE_BYTES_MAX} bytes; is it a roster?"
        raise ConfigError((sentence,))
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        byte = content[error.start]
        sentence = f"byte 0x{byte:02x} is not UTF-8; save the table as 'CSV UTF-8'."
        raise ConfigError((f"{path.as_posix()}:{line}: {sentence}",)) from error


class _NotCsv(Exception):
    """The line that is none, and why."""

    def __init__(self, line: int, why: str) -> None:
        self.line = line
        self.why = why
        super().__init__(why)


def _rows(text: str) -> Iterator[tuple[int, list[str]]]:
    """Yield each line that says something: its number, its cells without blanks around them."""
    head = next((line for line in text.splitlines() if line.strip()), "")
    delimiter = ";" if ";" in head else ","
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    line = 1
    try:
        for row in reader:
            cells = [cell.strip() for cell in row]
            if any(cells):
                yield line, cells
            line = reader.line_num + 1
    except csv.Error as error:
        raise _NotCsv(line, str(error)) from error


def _printable(text: str) -> str:
    return "".join(letter if letter.isprintable() else "\ufffd" for letter in text)


class _Table:
    """One file while it is read: who stands in it, in which line, and what is wrong."""

    def __init__(self, name: str, rules: RuleSet, present: Mapping[AgentId, Agent]) -> None:
        self.agents: dict[AgentId, Agent] = {}
        self.findings: list[RosterFinding] = []
        self._name = name
        self._rules = rules
        self._present = present
        self._lines: dict[str, int] = {}
        self._columns: list[str] = []
        self._has_strange_column = False

    def complain(self, line: int, column: str, sentence: str) -> None:
        """Add a finding."""
        finding = RosterFinding(
            line=line, column=_printable(shown(column)), sentence=_printable(sentence), file=self._name
        )
        self.findings.append(finding)

    def read(self, text: str) -> None:
        """Take in the whole file."""
        try:
            for line, cells in _rows(text):
                if not self._columns:
                    if not self._take_header(line, cells):
                        return
                elif len(cells) != len(self._columns):
                    sentence = f"{len(cells)} cells, but the header has {len(self._columns)}; fill or cut it."
                    self.complain(line, "", sentence)
                else:
                    self._take_row(line, dict(zip(self._columns, cells, strict=True)))
        except _NotCsv as error:
            self.complain(error.line, "", f"this is not CSV from here on: {error.why}; check the quotes.")
        if not self._lines and not self.findings:
            self.complain(1, "", "nobody stands in this file; write a header, and a line for each agent.")

    def _take_header(self, line: int, cells: list[str]) -> bool:
        """Take in the columns; False if it cannot be told which cell is which."""
        self._columns = [cell.lower() for cell in cells]
        for index, column in enumerate(self._columns):
            if column not in COLUMNS:
                self._has_strange_column = True
                sentence = f"unknown column '{shown(column)}';{did_you_mean(column, COLUMNS)}"
                self.complain(line, column, sentence)
            elif column in self._columns[:index]:
                self.complain(line, column, f"the column '{column}' stands here twice; keep one of the two.")
        if "agent" not in self._columns:
            self.complain(line, "agent", "the column 'agent' is missing; it says whom a line is about.")
        return "agent" in self._columns and len(set(self._columns)) == len(self._columns)

    def _take_row(self, line: int, cells: dict[str, str]) -> None:
        name = cells["agent"]
        if not name:
            self.complain(line, "agent", "it is not said whom this line is about; write the agent.")
            return
        odd: Odd = []
        _checked(_ID, name, odd)
        if name in self._lines:
            odd = [f"the agent '{name}' already stands in line {self._lines[name]}; keep one of the two."]
        for sentence in odd:
            self.complain(line, "agent", sentence)
        if odd:
            return
        self._lines[name] = line
        agent = self._agent(line, AgentId(name), cells)
        if agent is not None:
            self.agents[agent.id] = agent

    def _agent(self, line: int, name: AgentId, cells: dict[str, str]) -> Agent | None:
        """Make the agent of one line; None with findings."""
        known = self._present.get(name)
        told = len(self.findings)
        if known is None:
            for column in ("site", "skills"):
                if column not in cells and not self._has_strange_column:
                    sentence = f"'{name}' is new and this file has no column '{column}'; add it."
                    self.complain(line, column, sentence)
        base = known or Agent(id=name, site=SiteId(""), endpoint=name, skills={})
        said: dict[str, object] = {}
        for column, read in _CELLS.items():
            if column in cells:
                odd: Odd = []
                said[column] = read(cells[column], name, self._rules, odd)
                for sentence in odd:
                    self.complain(line, column, sentence)
        return None if len(self.findings) > told else msgspec.structs.replace(base, **said)

    def check_taken(self, others: Mapping[AgentId, Agent]) -> None:
        """Complain about a phone or a code that two people would have."""
        staying = [agent for agent in others.values() if agent.id not in self._lines]
        for column in ("endpoint", "code"):
            taken: dict[str, str] = {}
            for agent in staying:
                value = str(getattr(agent, column))
                taken[value] = f"'{agent.id}', who is in the roster already"
            taken.pop("", None)
            for agent in self.agents.values():
                value = str(getattr(agent, column))
                line = self._lines[agent.id]
                if value in taken:
                    sentence = f"the {column} '{value}' belongs to {taken[value]}; give another."
                    self.complain(line, column, sentence)
                elif value:
                    taken[value] = f"'{agent.id}' in line {line}"


# ── cells: each returns its value, or puts sentences into ``odd`` ───────────────────────────────────


def _checked(adapter: TypeAdapter[str], text: str, odd: Odd) -> str:
    try:
        return adapter.validate_python(text)
    except ValidationError as error:
        odd.extend(f"{detail['msg'].rstrip('.')}." for detail in error.errors(include_url=False))
        return ""


def _code(cell: str, _name: str, _rules: RuleSet, odd: Odd) -> str:
    return _checked(_CODE, cell, odd) if cell else ""


def _endpoint(cell: str, name: str, _rules: RuleSet, odd: Odd) -> str:
    return _checked(_ENDPOINT, cell, odd) if cell else name


def _country(cell: str, _name: str, _rules: RuleSet, odd: Odd) -> str:
    return _checked(_COUNTRY, cell, odd) if cell else "IT"


def _hours(cell: str, _name: str, _rules: RuleSet, odd: Odd) -> str:
    return _checked(_ID, cell, odd) if cell else ""


def _employer(cell: str, _name: str, _rules: RuleSet, odd: Odd) -> str:
    return _checked(_TITLE, cell, odd) if cell else ""


def _yes_or_no(cell: str, _name: str, _rules: RuleSet, odd: Odd) -> bool:
    word = cell.lower()
    if word not in {"", "si", "sì", "no"}:
        odd.append(f"'{shown(cell)}' is neither si nor no; write one of them.")
    return word in {"si", "sì"}


def _site(cell: str, _name: str, rules: RuleSet, odd: Odd) -> SiteId:
    if not cell:
        odd.append("the site is missing; write it, or leave the whole column out to keep everybody's.")
    elif cell not in rules.sites:
        odd.append(f"unknown site '{shown(cell)}';{did_you_mean(cell, rules.sites)}")
    return SiteId(cell)


def _skills(cell: str, _name: str, rules: RuleSet, odd: Odd) -> dict[SkillId, int]:
    skills: dict[SkillId, int] = {}
    for word in cell.split():
        skill, _, level = word.partition(":")
        if skill not in rules.skills:
            odd.append(f"unknown skill '{shown(skill)}';{did_you_mean(skill, rules.skills)}")
        elif not level.isascii() or not level.isdecimal() or len(level) > 3:
            odd.append(f"'{shown(word)}' has no level; write the skill and its level as in {skill}:5.")
        elif not 1 <= int(level) <= LEVEL_MAX:
            odd.append(f"'{word}' has no such level; levels go from 1 to {LEVEL_MAX}, {LEVEL_MAX} is best.")
        elif skill in skills:
            odd.append(f"the skill '{skill}' stands here twice; keep one of the two.")
        else:
            skills[SkillId(skill)] = int(level)
    if not cell:
        odd.append("no skill is given; write some, or leave the whole column out to keep everybody's.")
    return skills


_CELLS: Final[Mapping[str, Callable[[str, str, RuleSet, Odd], object]]] = {
    "code": _code,
    "site": _site,
    "endpoint": _endpoint,
    "skills": _skills,
    "home": _yes_or_no,
    "country": _country,
    "hours": _hours,
    "employer": _employer,
    "volunteer": _yes_or_no,
    "auto_answer": _yes_or_no,
}
