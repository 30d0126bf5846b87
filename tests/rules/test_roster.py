"""The roster file: every mistake is told at its place, absent columns change nothing, export is import."""

from __future__ import annotations

from pathlib import Path
from time import perf_counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from acd.core.ids import AgentId, SiteId, SkillId
from acd.core.policy import Agent, Roster, RuleSet
from acd.errors import ConfigError
from acd.rules.load import load_rules
from acd.rules.roster import (
    COLUMNS,
    RosterFinding,
    describe,
    difference,
    parse_roster,
    read_roster,
    write_roster,
)
from tests.rules.good import write_good_rules
from tests.rules.mistakes_of_roster import CASES, GOOD


@pytest.fixture(scope="module")
def rules(tmp_path_factory: pytest.TempPathFactory) -> RuleSet:
    return load_rules(write_good_rules(tmp_path_factory.mktemp("good") / "rules")).rules


def read(text: str, rules: RuleSet, present: Roster | None = None) -> Roster:
    roster, findings = parse_roster(text, "people.csv", rules, present)
    assert findings == ()
    return roster


def told(
    text: str, rules: RuleSet, present: Roster | None = None, *, remove_missing: bool = False
) -> list[str]:
    _, findings = parse_roster(text, "people.csv", rules, present, remove_missing=remove_missing)
    return [str(finding).removeprefix("people.csv:") for finding in findings]


@pytest.mark.parametrize("case", CASES)
def test_each_mistake_is_told_at_its_place(case: str, tmp_path: Path, rules: RuleSet) -> None:
    """Line, column and sentence, nothing else; and nothing is applied."""
    old, new, lines = CASES[case]
    assert GOOD.count(old) == 1, "the case must change one place"
    path = tmp_path / "people.csv"
    path.write_text(GOOD.replace(old, new), encoding="utf-8")
    with pytest.raises(ConfigError) as caught:
        read_roster(path, rules)
    assert list(caught.value.findings) == [f"{path}:{line}" for line in lines]


def test_a_line_becomes_an_agent(rules: RuleSet) -> None:
    """Every column finds its place."""
    second = read(GOOD, rules).agents[AgentId("a0002")]
    assert second == Agent(
        id=AgentId("a0002"),
        site=SiteId("terni"),
        endpoint="Sip.7",
        skills={SkillId("generale"): 9, SkillId("tedesco"): 8},
        code="1002",
        home=True,
        country="IT",
        hours="parziale",
        employer="INPS Servizi",
        volunteer=True,
        auto_answer=True,
    )


def test_a_new_agent_needs_a_site_and_skills_only(rules: RuleSet) -> None:
    """The rest has defaults: own phone, no code, in Italy, at the site."""
    roster = read("agent,site,skills\na1,roma,generale:5\n", rules)
    agent = Agent(id=AgentId("a1"), site=SiteId("roma"), endpoint="a1", skills={SkillId("generale"): 5})
    assert roster.agents == {"a1": agent}
    assert read("agent,site,skills,code,endpoint,country\na1,roma,generale:5,,,\n", rules) == roster


def test_a_new_agent_without_them_is_told(rules: RuleSet) -> None:
    """A file that re-assigns people cannot make one by a slip of the pen."""
    present = read(GOOD, rules)
    assert told("agent,employer\na0001,Altri\na0003,Altri\n", rules, present) == [
        "3: site: 'a0003' is new and this file has no column 'site'; add it.",
        "3: skills: 'a0003' is new and this file has no column 'skills'; add it.",
    ]


def test_a_mistyped_column_is_told_once(rules: RuleSet) -> None:
    """Not once more for everybody whose site it would have been."""
    text = "agent,sites,skills\na1,roma,generale:5\na2,roma,generale:5\n"
    assert told(text, rules) == ["1: sites: unknown column 'sites'; did you mean 'site'?"]


@pytest.mark.parametrize(
    "text",
    [
        "\ufeff" + GOOD,
        GOOD.replace(",", ";"),
        GOOD.replace("\n", "\r\n"),
        GOOD.replace("\n", "\r"),
        "\ufeff" + GOOD.replace(",", ";").replace("\n", "\r\n"),
        "\n" + GOOD.replace("\n", "\n\n"),
        GOOD + ",,,,,,,,,\n",
        GOOD.replace(",", " , ").replace("agent", " Agent "),
        GOOD.replace("INPS Servizi", '"INPS Servizi"'),
        GOOD.rstrip("\n"),
        GOOD.replace(",si,", ",SÌ,"),
    ],
    ids=[
        "mark",
        "semicolons",
        "crlf",
        "cr",
        "as-excel",
        "blank-lines",
        "empty-row",
        "blanks",
        "quotes",
        "end",
        "sì",
    ],
)
def test_what_spreadsheets_do_does_no_harm(text: str, rules: RuleSet) -> None:
    """The same people, however the table was saved."""
    assert read(text, rules) == read(GOOD, rules)


def test_lines_are_those_of_the_file(rules: RuleSet) -> None:
    """Blank lines and cells of two lines count as an editor counts them."""
    text = '\nagent,site,skills\n\n"a1\n",roma,generale:5\na2,rma,generale:5\n'
    assert told(text, rules) == ["6: site: unknown site 'rma'; did you mean 'roma'?"]


def test_three_thousand_people_change_employer_and_keep_their_skills(rules: RuleSet) -> None:
    """A file of two columns changes those two, for everybody, in well under half a second."""
    lines = "".join(f"a{n:04d},{n:04d},roma,generale:{n % 10 + 1}\n" for n in range(1, 3_101))
    old = read("agent,code,site,skills\n" + lines, rules)
    text = "agent,employer\n" + "".join(f"{name},INPS Servizi\n" for name in old.agents)
    began = perf_counter()
    new = read(text, rules, old)
    assert perf_counter() - began < 0.5
    change = difference(old, new, remove_missing=False)
    assert len(change.upserts) == 3_100
    assert change.removed == ()
    for agent in change.upserts:
        before = old.agents[agent.id]
        assert (agent.skills, agent.code, agent.site) == (before.skills, before.code, before.site)
        assert (before.employer, agent.employer) == ("", "INPS Servizi")
    assert describe(old, change) == (
        (
            "employer (none) -> INPS Servizi: a0001, a0002, a0003, a0004, a0005, a0006, a0007, a0008 "
            "and 3092 more (3100)"
        ),
    )


def test_a_phone_or_code_of_somebody_not_in_the_file_is_taken(rules: RuleSet) -> None:
    """Unless those who do not stand in the file go."""
    present = read(GOOD, rules)
    text = "agent,site,skills,code,endpoint\na3,roma,generale:5,1002,Sip.7\n"
    lines = [
        "2: code: the code '1002' belongs to 'a0002', who is in the roster already; give another.",
        "2: endpoint: the endpoint 'Sip.7' belongs to 'a0002', who is in the roster already; give another.",
    ]
    assert told(text, rules, present) == lines
    assert told(text, rules, present, remove_missing=True) == []


def test_two_agents_may_swap_their_phones(rules: RuleSet) -> None:
    """What matters is who has what afterwards."""
    present = read(GOOD, rules)
    swapped = read("agent,endpoint\na0001,Sip.7\na0002,a0001\n", rules, present)
    assert [agent.endpoint for agent in swapped.agents.values()] == ["Sip.7", "a0001"]


def test_a_table_in_another_encoding_is_told(tmp_path: Path, rules: RuleSet) -> None:
    """With its line, and how to save it."""
    path = tmp_path / "people.csv"
    path.write_bytes(GOOD.replace("INPS Servizi,si", "Società,si").encode("latin-1"))
    with pytest.raises(ConfigError) as caught:
        read_roster(path, rules)
    assert caught.value.findings == (f"{path}:3: byte 0xe0 is not UTF-8; save the table as 'CSV UTF-8'.",)


def test_a_file_that_is_not_there_is_told(tmp_path: Path, rules: RuleSet) -> None:
    """One sentence."""
    with pytest.raises(ConfigError, match="cannot be read: No such file or directory"):
        read_roster(tmp_path / "none.csv", rules)


def test_a_finding_is_one_printable_line(rules: RuleSet) -> None:
    """Whatever the cell holds."""
    _, findings = parse_roster('agent,site,skills\n"a\x1b[31m",roma,generale:5\n', "x", rules)
    assert len(findings) == 1
    assert str(findings[0]).isprintable()
    assert isinstance(findings[0], RosterFinding)


def test_what_changes_is_told_to_people(rules: RuleSet) -> None:
    """New ones by site, changes by what changes, those who go."""
    old = read(GOOD + "a0003,,roma,,generale:5,,,,,,\n", rules)
    text = (
        "agent,site,skills,home\na0001,terni,generale:8 tedesco:3,no\na0002,terni,generale:9,si\n"
        "a0004,terni,generale:1,no\na0005,terni,generale:1,si\n"
    )
    change = difference(old, read(text, rules, old), remove_missing=True)
    assert describe(old, change) == (
        "new at terni: a0004, a0005",
        "site roma -> terni, generale 7 -> 8, gains tedesco:3: a0001",
        "loses tedesco:8: a0002",
        "removed: a0003",
    )


def test_nothing_is_removed_unless_asked(rules: RuleSet) -> None:
    """A file about some people says nothing of the others; an unchanged agent is no change."""
    old = read(GOOD, rules)
    change = difference(old, read("agent,home\na0001,no\n", rules, old), remove_missing=False)
    assert (change.upserts, change.removed) == ((), ())
    assert describe(old, change) == ()


# ── export, import ───────────────────────────────────────────────────────────────────────────

IDS = st.from_regex("[a-z0-9][a-z0-9-]{0,11}", fullmatch=True)
EMPLOYERS = st.from_regex(
    r"(?![=+@-])[^\s\x00-\x1f\x7f\ud800-\udfff](?:[ -~àèìòù,;\"']{0,20}[^\s\x00-\x1f\x7f\ud800-\udfff])?",
    fullmatch=True,
)


@st.composite
def rosters(draw: st.DrawFn) -> Roster:
    """Any roster that an import could have made."""
    names = draw(st.lists(IDS, min_size=1, max_size=8, unique=True))
    codes = draw(st.lists(st.from_regex("[0-9]{3,6}", fullmatch=True), min_size=8, max_size=8, unique=True))
    phones = draw(
        st.lists(
            st.from_regex("[A-Za-z0-9][A-Za-z0-9._+-]{0,9}", fullmatch=True),
            min_size=8,
            max_size=8,
            unique=True,
        )
    )
    agents = [
        Agent(
            id=AgentId(name),
            site=draw(st.sampled_from([SiteId("roma"), SiteId("terni")])),
            endpoint=phones[index],
            skills=draw(
                st.dictionaries(
                    st.sampled_from([SkillId("generale"), SkillId("tedesco")]), st.integers(1, 10), min_size=1
                )
            ),
            code=draw(st.sampled_from(["", codes[index]])),
            home=draw(st.booleans()),
            country=draw(st.from_regex("[A-Z]{2}", fullmatch=True)),
            hours=draw(st.one_of(st.just(""), IDS)),
            employer=draw(st.one_of(st.just(""), EMPLOYERS)),
            volunteer=draw(st.booleans()),
            auto_answer=draw(st.booleans()),
        )
        for index, name in enumerate(names)
    ]
    return Roster(agents={agent.id: agent for agent in agents})


@settings(deadline=None)
@given(roster=rosters())
def test_export_and_import_change_nothing(roster: Roster, rules: RuleSet) -> None:
    """Whoever is written is read back, alone or over the present roster, and nothing changes."""
    text = write_roster(roster)
    assert text.startswith(",".join(COLUMNS))
    assert read(text, rules) == roster
    again = read(text, rules, roster)
    assert list(again.agents) == list(roster.agents)
    assert difference(roster, again, remove_missing=True) == difference(roster, roster, remove_missing=True)


@settings(deadline=None, max_examples=200)
@given(data=st.data())
def test_a_mutated_file_gives_people_or_findings(data: st.DataObject, rules: RuleSet) -> None:
    """No cut and no paste makes anything else, and what comes in without a finding can be exported."""
    text = GOOD
    for _ in range(data.draw(st.integers(1, 4))):
        start = data.draw(st.integers(0, len(text)))
        end = min(len(text), start + data.draw(st.integers(0, 12)))
        piece = data.draw(
            st.one_of(st.sampled_from([*',;"\n\r\t:\x00\ufeff=@', "", "a0001"]), st.text(max_size=4))
        )
        text = text[:start] + piece + text[end:]
    roster, findings = parse_roster(text, "people.csv", rules)
    if findings:
        assert all(str(finding).isprintable() for finding in findings)
        assert all(finding.line >= 1 and finding.sentence[-1] in ".?" for finding in findings)
    else:
        assert roster.agents
        assert read(write_roster(roster), rules) == roster
