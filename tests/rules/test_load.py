"""What loading a rule folder promises beyond the corpus of single mistakes."""

from __future__ import annotations

from pathlib import Path

import pytest

from acd.core.ids import OfficeId, OutcomeCodeId, PauseReasonId, PriorityClassId, QueueId, SiteId, SkillId
from acd.core.policy import (
    DatedTarget,
    OutcomeCode,
    PhoneRange,
    PriorityClass,
    Queue,
    QueueKind,
    SkillNeed,
    Step,
    Timings,
)
from acd.errors import ConfigError
from acd.rules import load_rules
from tests.rules.good import RULES, write_good_rules

DEMO = Path(__file__).parents[2] / "routing_rules" / "demo"


def findings_of(folder: Path) -> list[str]:
    with pytest.raises(ConfigError) as caught:
        load_rules(folder)
    return [line.removeprefix(folder.as_posix() + "/") for line in caught.value.findings]


def test_the_small_set_is_right() -> None:
    """The demo folder loads: 3 queues, 2 offices, both numbers lead to generale."""
    rules = load_rules(DEMO).rules
    assert list(rules.queues) == ["generale", "pensioni", "tedesco"]
    assert {name: office.capacity for name, office in rules.offices.items()} == {"roma": 2, "bolzano": 1}
    assert rules.entry == {"803164": "generale", "06164164": "generale"}
    assert rules.missed_reason == "mancate-risposte"


def test_the_shipped_timings_are_the_defaults() -> None:
    """The comment in timings.yaml is true: without the file the same numbers hold."""
    assert load_rules(DEMO).rules.timings == Timings()


def test_seconds_become_milliseconds(tmp_path: Path) -> None:
    """A queue compiles to the core's units, order and defaults."""
    rules = load_rules(write_good_rules(tmp_path / "rules")).rules
    assert rules.queues[QueueId("generale")] == Queue(
        id=QueueId("generale"),
        name="Informazioni",
        language="it",
        needs=(SkillNeed(skill=SkillId("generale"), level_min=1),),
        ring_s=15,
        ladder=(Step(id="uffici", after_ms=60_000, offices=(OfficeId("roma"),)),),
    )
    assert rules.timings == Timings(withdraw_ms=1_500)


def test_the_system_s_reason_has_no_digit(tmp_path: Path) -> None:
    """A pause reason without a digit cannot be dialled."""
    rules = load_rules(write_good_rules(tmp_path / "rules")).rules
    assert rules.pause_reasons[PauseReasonId("mancate")].digit == ""


def test_timings_may_be_absent(tmp_path: Path) -> None:
    """Without timings.yaml the defaults hold."""
    rules = load_rules(write_good_rules(tmp_path / "rules", timings=None)).rules
    assert rules.timings == Timings()


def test_classes_and_outcomes_may_be_absent(tmp_path: Path) -> None:
    """Without their files everybody waits alike and nobody is asked what became of a question."""
    folder = write_good_rules(tmp_path / "rules", priority_classes=None, outcome_codes=None)
    rules = load_rules(folder).rules
    assert (rules.priority_classes, rules.outcome_codes) == ({}, {})


def test_classes_outcomes_and_phones_compile(tmp_path: Path) -> None:
    """They reach the engine in its units."""
    rules = load_rules(write_good_rules(tmp_path / "rules")).rules
    fragile = PriorityClassId("fragile")
    assert rules.priority_classes == {
        fragile: PriorityClass(id=fragile, name="Utenza fragile", credit_ms=600_000)
    }
    office = OutcomeCodeId("in-sede")
    assert list(rules.outcome_codes) == ["risolta", "in-sede"]
    assert rules.outcome_codes[office] == OutcomeCode(id=office, name="Da lavorare in sede", digit="2")
    site = rules.sites[SiteId("roma")]
    assert site.phones == (PhoneRange(first="t01", last="t20"),)
    assert [site.has_phone(phone) for phone in ("t01", "t20", "t21", "t1")] == [True, True, False, False]


def test_a_second_level_queue_compiles(tmp_path: Path) -> None:
    """Its kind, when a call goes back to its sender, and its target on a day."""
    queue = load_rules(write_good_rules(tmp_path / "rules")).rules.queues[QueueId("esperti")]
    assert (queue.kind, queue.return_ms) == (QueueKind.SECOND_LEVEL, 45_000)
    assert queue.targets[0] == DatedTarget(from_day="2026-01-01", ratio=0.932)
    days = ("2025-12-31", "2026-01-01", "2026-12-31", "2027-01-01")
    assert [queue.target_on(day) for day in days] == [0.8, 0.932, 0.932, 0.945]


def test_every_other_file_must_be_there(tmp_path: Path) -> None:
    """A missing file is told by its name, and only it."""
    folder = write_good_rules(tmp_path / "rules", sites=None)
    assert findings_of(folder) == ["sites.yaml:1:1: this file is missing; restore it or correct the path."]


def test_a_missing_folder_is_one_finding(tmp_path: Path) -> None:
    """Not seven missing files, but one missing folder."""
    with pytest.raises(ConfigError) as caught:
        load_rules(tmp_path / "none")
    assert caught.value.findings == (f"{tmp_path}/none:1:1: there is no such folder of rules.",)


def test_a_file_nobody_reads_is_told(tmp_path: Path) -> None:
    """A rule in a mistyped file would be a rule lost."""
    folder = write_good_rules(tmp_path / "rules")
    (folder / "queue.yaml").write_text("queues: {}\n")
    assert findings_of(folder) == [
        "queue.yaml:1:1: nobody reads a file of this name; did you mean 'queues.yaml'?"
    ]


@pytest.mark.parametrize("text", ["", "\n\n", "# only a comment\n", "---\n"])
def test_an_empty_file_is_told(tmp_path: Path, text: str) -> None:
    """Empty is not the same as no rules."""
    folder = write_good_rules(tmp_path / "rules", skills=text)
    assert findings_of(folder) == ["skills.yaml:1:1: this file is empty; write its keys or restore it."]


def test_a_byte_that_is_no_utf8_is_told_at_its_place(tmp_path: Path) -> None:
    """A file saved as Latin-1 says so, with line and column."""
    content = RULES["sites.yaml"].replace("Terni}", "Forlì}").encode("latin-1")
    folder = write_good_rules(tmp_path / "rules", sites=content)
    assert findings_of(folder) == [
        "sites.yaml:3:21: byte 0xec is not UTF-8; save the file with the encoding UTF-8."
    ]


def test_a_byte_order_mark_does_no_harm(tmp_path: Path) -> None:
    """Some editors write one; columns do not shift."""
    folder = write_good_rules(tmp_path / "rules", sites=b"\xef\xbb\xbf" + RULES["sites.yaml"].encode())
    assert load_rules(folder) == load_rules(write_good_rules(tmp_path / "plain"))


def test_depth_has_a_bound(tmp_path: Path) -> None:
    """A bracket held down by mistake is a finding, not a crash."""
    folder = write_good_rules(tmp_path / "rules", sites="[" * 5_000 + "]" * 5_000)
    assert findings_of(folder) == ["sites.yaml:1:1: this file nests deeper than 12 levels; flatten it."]


def test_everything_is_told_at_once(tmp_path: Path) -> None:
    """Mistakes of every pass and in several files come in one go, in order of the files and lines."""
    folder = write_good_rules(
        tmp_path / "rules",
        queues=RULES["queues.yaml"]
        .replace("ring_s: 15", "ring_s: 1\n    ring_ss: 2")
        .replace("needs: {tedesco: 5}", "needs: {tedsco: 5}"),
        entry=RULES["entry.yaml"].replace('"803164"', "803164"),
        pause_reasons="",
    )
    assert findings_of(folder) == [
        "pause_reasons.yaml:1:1: this file is empty; write its keys or restore it.",
        "queues.yaml:6:13: 'ring_s' is 1: too small; the least is 3.",
        "queues.yaml:7:5: unknown key 'ring_ss'; did you mean 'ring_s'?",
        "queues.yaml:13:13: unknown skill 'tedsco'; did you mean 'tedesco'?",
        'entry.yaml:2:3: the key 803164 is read as a number; quote it: "803164".',
    ]


def test_one_bad_queue_is_still_known(tmp_path: Path) -> None:
    """An entry that leads to a queue with a mistake is not blamed for it."""
    queues = RULES["queues.yaml"].replace("ring_s: 15", "ring_s: 1")
    findings = findings_of(write_good_rules(tmp_path / "rules", queues=queues))
    assert findings == ["queues.yaml:6:13: 'ring_s' is 1: too small; the least is 3."]


def test_comments_and_layout_keep_the_revision(tmp_path: Path) -> None:
    """The revision is of what the files say, not of how."""
    plain = load_rules(write_good_rules(tmp_path / "plain")).rules
    sites = (
        "# commento\nsites:\n  roma:\n    name: 'Roma'\n    phones:\n    - t01-t20\n  terni: {name: Terni}\n"
    )
    changed = load_rules(
        write_good_rules(tmp_path / "changed", sites=sites, timings=RULES["timings.yaml"])
    ).rules
    assert plain.revision == changed.revision
    assert len(plain.revision) == 16


def test_a_changed_second_changes_the_revision(tmp_path: Path) -> None:
    """Rules that treat calls otherwise are another revision."""
    plain = load_rules(write_good_rules(tmp_path / "plain")).rules
    queues = RULES["queues.yaml"].replace("ring_s: 15", "ring_s: 16")
    changed = load_rules(write_good_rules(tmp_path / "changed", queues=queues)).rules
    assert plain.revision != changed.revision


def test_the_order_of_queues_changes_the_revision(tmp_path: Path) -> None:
    """The engine may settle ties by the order of the file, so the order is content."""
    head, general, german = RULES["queues.yaml"].partition("  tedesco:\n")[0].partition("  generale:\n")
    tail = RULES["queues.yaml"].partition("  tedesco:\n")[2]
    swapped = f"{head}  tedesco:\n{tail}{general}{german}"
    plain = load_rules(write_good_rules(tmp_path / "plain")).rules
    changed = load_rules(write_good_rules(tmp_path / "changed", queues=swapped)).rules
    assert list(changed.queues) == ["tedesco", "esperti", "generale"]
    assert plain.revision != changed.revision


def test_the_roster_is_no_part_of_the_rules(tmp_path: Path) -> None:
    """People come and go without a new revision; a roster.csv beside the rules is not read by them."""
    plain = load_rules(write_good_rules(tmp_path / "rules"))
    (tmp_path / "rules" / "roster.csv").write_text("agent,site,skills\na1,roma,generale:5\n")
    assert load_rules(tmp_path / "rules") == plain


def test_people_in_the_old_file_are_told_to_move(tmp_path: Path) -> None:
    """Whoever comes from the time of agents.yaml is not left to think that it is still read."""
    folder = write_good_rules(tmp_path / "rules")
    (folder / "agents.yaml").write_text("agents: {}\n")
    assert findings_of(folder) == [
        "agents.yaml:1:1: people no longer stand in the rules; write them as CSV and import the roster."
    ]


def test_a_hostile_name_stays_on_its_line(tmp_path: Path) -> None:
    """A finding is one line of printable text, whatever the file holds."""
    sites = 'sites:\n  "ro\\nma\\e[31m": {name: Roma}\n'
    findings = findings_of(write_good_rules(tmp_path / "rules", sites=sites))
    assert all(line.isprintable() for line in findings)
