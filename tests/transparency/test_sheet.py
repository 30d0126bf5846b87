"""The sheet says the rules in force: whoever changes one changes it, and nothing else does."""

from __future__ import annotations

import datetime as dt
import functools
import re
import shutil
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import msgspec
import pytest
from msgspec.structs import replace

from acd.core.ids import OfficeId, PauseReasonId, QueueId, SiteId, SkillId
from acd.core.policy import (
    Affinity,
    Band,
    Breaks,
    DatedTarget,
    Discipline,
    Health,
    Office,
    PriorityClass,
    Queue,
    QueueKind,
    RuleSet,
    SkillNeed,
    StandIn,
    Step,
    Timings,
)
from acd.rules.load import load_rules
from acd.rules.privacy import Agreement, Privacy, Responsible, Retention
from acd.transparency.html import html
from acd.transparency.markdown import markdown
from acd.transparency.sheet import Issue, write_sheet

RULES = Path(__file__).parents[2] / "routing_rules"
TODAY = dt.date(2026, 9, 1)
ISSUE = Issue(number=17, digest="ab" * 32, made_ms=1_669_877_880_000)
QUEUE, OFFICE = QueueId("pensioni"), OfficeId("roma")
BREAKS = Breaks(reason=PauseReasonId("videoterminale"))
STEP = Step(id="prova", after_ms=45_000)


@functools.cache
def shipped() -> RuleSet:
    """The rules of the folder."""
    return load_rules(RULES, TODAY).rules


@functools.cache
def real() -> RuleSet:
    """The rules as shipped, with breaks whatever their files say."""
    return replace(shipped(), breaks=BREAKS, affinity=Affinity(within_ms=7_200_000))


def told(rules: RuleSet, privacy: Privacy | None = None, issue: Issue = ISSUE) -> str:
    return markdown(write_sheet(rules, privacy or Privacy(), issue))


def with_queue(**changes: Any) -> RuleSet:
    rules = real()
    return replace(rules, queues={**rules.queues, QUEUE: replace(rules.queues[QUEUE], **changes)})


def with_office(**changes: Any) -> RuleSet:
    rules = real()
    return replace(rules, offices={**rules.offices, OFFICE: replace(rules.offices[OFFICE], **changes)})


def with_step(**changes: Any) -> RuleSet:
    return with_queue(ladder=(replace(STEP, **changes),))


def test_the_same_rules_give_the_same_bytes():
    """No clock, no chance, no order of a set."""
    assert told(real()) == told(load_again()) != ""
    sheet = write_sheet(real(), Privacy(), ISSUE)
    assert html(sheet) == html(write_sheet(load_again(), Privacy(), ISSUE))


def load_again() -> RuleSet:
    found = load_rules(RULES, TODAY).rules
    return replace(found, breaks=BREAKS, affinity=Affinity(within_ms=7_200_000))


CHANGED: dict[type[msgspec.Struct], tuple[Any, dict[str, Any], dict[str, str]]] = {
    Queue: (
        with_queue,
        {
            "name": "Altro nome",
            "language": "fr",
            "needs": (SkillNeed(skill=SkillId("pensioni"), level_min=9),),
            "prefers": (SkillNeed(skill=SkillId("aziende"), level_min=2),),
            "excludes": (SkillId("polacco"),),
            "sites": (SiteId("terni"),),
            "discipline": Discipline.SL20,
            "credit_ms": 61_000,
            "threshold_ms": 77_000,
            "target_ratio": 0.777,
            "ring_s": 19,
            "wrap_up_ms": 41_000,
            "wrap_up_extend_ms": 31_000,
            "wrap_up_ms_max": 241_000,
            "ladder": (),
            "calendar": None,
            "wait_ms_max": 1_801_000,
            "kind": QueueKind.SECOND_LEVEL,
            "return_ms": 61_000,
            "targets": (DatedTarget(from_day="2027-01-01", ratio=0.99),),
        },
        {"id": "names the entry", "short_abandon_ms": "a figure of the statistics: it chooses nobody"},
    ),
    Step: (
        with_step,
        {
            "id": "altro",
            "after_ms": 46_000,
            "waiting_min": 50,
            "idle_max": 0,
            "at_risk": True,
            "levels": {SkillId("pensioni"): 1},
            "drop_preferences": True,
            "sites": (SiteId("terni"),),
            "volunteers": True,
            "offices": (OFFICE,),
            "waives": (SkillId("tedesco"),),
        },
        {"consent": "the prompt that asks; what is waived is told"},
    ),
    Office: (
        with_office,
        {
            "name": "Altro ufficio",
            "province": "VT",
            "capacity": 77,
            "calendar": None,
            "provinces": ("RM", "VT"),
            "languages": ("it", "de"),
            "weight": 250,
            "confirm": None,
        },
        {
            "id": "names the entry",
            "number": "a number to dial",
            "more_numbers": "numbers to dial",
            "trunk": "a way to dial",
        },
    ),
    Breaks: (
        lambda **changes: replace(real(), breaks=replace(BREAKS, **changes)),
        {"after_ms": 7_201_000, "early_ms": 2_701_000, "for_ms": 901_000, "reason": PauseReasonId("pasto")},
        {},
    ),
    StandIn: (
        lambda **changes: replace(real(), stand_in=replace(real().stand_in, **changes)),
        dict.fromkeys(StandIn.__struct_fields__, 12345000),
        {},
    ),
    Health: (
        lambda **changes: replace(real(), health=replace(real().health, **changes)),
        {
            "window": 21,
            "window_min": 6,
            "answered_min": 0.41,
            "in_a_row": 4,
            "open_ms": 61_000,
            "open_ms_max": 901_000,
            "carrier_ms": 61_000,
            "carrier_offices_min": 5,
            "carrier_failed_min": 0.81,
            "carrier_probe_ms": 16_000,
        },
        {},
    ),
    Affinity: (
        lambda **changes: replace(real(), affinity=replace(real().affinity, **changes)),
        {"within_ms": 7_201_000, "worth_ms": 31_000},
        {},
    ),
    Timings: (
        lambda **changes: replace(real(), timings=replace(real().timings, **changes)),
        {"not_again_ms": 61_000, "misses_max": 4},
        {
            name: "the control of calls: it chooses nobody"
            for name in Timings.__struct_fields__
            if name not in {"not_again_ms", "misses_max"}
        },
    ),
    Band: (
        lambda **changes: replace(real(), bands=(replace(real().bands[0], **changes), *real().bands[1:])),
        {"level_min": 9, "handicap_ms": {Discipline.FAIR: 1_000, Discipline.SL20: 0}},
        {},
    ),
    PriorityClass: (
        lambda **changes: replace(
            real(),
            priority_classes={name: replace(one, **changes) for name, one in real().priority_classes.items()},
        ),
        {"name": "Altra classe", "credit_ms": 599_000},
        {"id": "names the entry"},
    ),
}
"""For each struct: how to change it in the real rules, other values, and what is not told and why."""


@pytest.mark.parametrize("kind", CHANGED, ids=lambda kind: kind.__name__)
def test_every_field_is_told_or_left_out_for_a_reason(kind):
    """A parameter that somebody adds to the core must be decided upon here."""
    _, changes, untold = CHANGED[kind]
    assert set(changes) | set(untold) == set(kind.__struct_fields__)
    assert not set(changes) & set(untold)


@pytest.mark.parametrize(
    ("kind", "field"),
    [(kind, field) for kind, (_, changes, _) in CHANGED.items() for field in changes],
    ids=lambda value: value if isinstance(value, str) else value.__name__,
)
def test_a_changed_parameter_changes_the_sheet(kind, field):
    """In its words: the digest of the rules is held still."""
    change, values, _ = CHANGED[kind]
    value = values[field]
    if kind is Step and field == "waives":
        before, after = change(), change(waives=value, consent="consenso")
    elif kind is Office and field == "confirm":
        before, after = change(confirm=False), change(confirm=True)
    else:
        before, after = change(), change(**{field: value})
    assert after.revision == before.revision
    assert told(after) != told(before)


@pytest.mark.parametrize(
    ("file", "old", "new"),
    [
        ("bands.yaml", "{fair: 30, sl20: 120}", "{fair: 31, sl20: 120}"),
        ("timings.yaml", "misses_max: 3 ", "misses_max: 4 "),
        ("priority_classes.yaml", "credit_s: 600", "credit_s: 599"),
        ("queues.yaml", "    ring_s: 15\n", "    ring_s: 16\n"),
        ("skills.yaml", '"Lavoro domestico"', '"Lavoro in casa"'),
        ("sites.yaml", 'name: "Rende"', 'name: "Rende Sud"'),
    ],
)
def test_a_changed_file_changes_the_sheet_and_its_digest(tmp_path, file, old, new):
    """From the folder on disk to the words, one line at a time."""
    folder = tmp_path / "rules"
    shutil.copytree(RULES, folder)
    text = (folder / file).read_text()
    assert old in text
    (folder / file).write_text(text.replace(old, new, 1))
    before, after = shipped(), load_rules(folder, TODAY).rules
    assert before.revision != after.revision
    same_digest = replace(after, revision=before.revision)
    assert told(same_digest) != told(before)


@pytest.mark.parametrize(
    "privacy",
    [
        Privacy(k_min=12),
        Privacy(retention=Retention(ledger_days=12)),
        Privacy(retention=Retention(slots_days=12)),
        Privacy(retention=Retention(journal_hours=12)),
        Privacy(responsible=Responsible(controller="Ente")),
        Privacy(responsible=Responsible(system="Direzione")),
        Privacy(responsible=Responsible(contact="privacy@example.org")),
        Privacy(responsible=Responsible(data_protection="RPD")),
        Privacy(agreement=Agreement(reference="A", date="2026-01-31", scope="Tutti")),
    ],
)
def test_a_changed_profile_changes_the_sheet(privacy):
    """Small groups, retention, names, agreement."""
    assert told(real(), privacy) != told(real())


def test_an_agreement_says_what_it_unlocks():
    """In words, not in keys."""
    agreement = Agreement(
        reference="Accordo 1/2026", date="2026-01-31", scope="Tutti", unlocks=("smaller-groups",)
    )
    text = told(real(), Privacy(k_min=5, agreement=agreement))
    assert "mostrare gruppi di meno di 10 persone" in text
    assert "Accordo 1/2026" in text
    assert "gruppo di meno di 5 persone" in text
    assert "Nessun accordo è indicato" in told(real())


def test_the_sheet_says_of_which_revision_it_is():
    """Number, moment on Rome's clock, digests; a draft says that it is one."""
    text = told(real())
    assert "| Revisione | n. 17, in vigore dal 1 dicembre 2022, ore 7.58 |" in text
    assert f"| Impronta della revisione (SHA-256) | {'ab' * 32} |" in text
    assert real().revision in text
    draft = told(real(), issue=Issue())
    assert "bozza: queste regole non sono in vigore" in draft


def test_rules_without_breaks_affinity_or_precedence_say_so():
    """Nothing is promised that is not there."""
    bare = replace(real(), breaks=None, affinity=None, priority_classes={})
    text = told(bare)
    assert "Queste regole non ne danno da sole" in text
    assert "non si ricorda nulla" in text
    assert "per un codice personale: nessuna in queste regole" in text
    assert "quando comincia la pausa dal videoterminale" not in text


def test_all_that_the_law_asks_for_has_its_part():
    """Art. 1-bis, comma 2, letters a to f."""
    headings = " ".join(re.findall(r"^## (.*)$", told(real()), re.MULTILINE))
    for letter in "abcdef":
        assert re.search(rf"letter[ae] (?:[a-f], )?{letter}\b", headings), letter


def test_a_name_with_marks_stays_a_name():
    """A pipe would else make a column, an asterisk a stress, a tag a tag."""
    rules = with_queue(name="A | *B* <b>_c_</b> [d](e) #f `g`")
    text = told(rules)
    assert r"A \| \*B\* \<b\>\_c\_\</b\> \[d\](e) \#f \`g\` (pensioni)" in text
    page = html(write_sheet(rules, Privacy(), ISSUE))
    assert "A | *B* &lt;b&gt;_c_&lt;/b&gt; [d](e) #f `g` (pensioni)" in page


def test_every_row_of_a_table_has_every_column():
    """Markdown and HTML would shift them silently."""
    for block in write_sheet(real(), Privacy(), ISSUE).blocks:
        if hasattr(block, "rows"):
            assert {len(row) for row in block.rows} <= {len(block.columns)}, block.caption
            assert all(cell for row in block.rows for cell in row), block.caption


class Reader(HTMLParser):
    """Checks that what opens closes, and remembers what a screen reader needs."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.seen: dict[str, int] = {}
        self.scopes = 0
        self.language = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen[tag] = self.seen.get(tag, 0) + 1
        given = dict(attrs)
        self.scopes += "scope" in given
        self.language = given.get("lang") or self.language
        if tag != "meta":
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


def test_the_page_stands_alone_and_can_be_read_aloud():
    """No script, nothing from elsewhere; language, captions, scopes, one first heading."""
    page = html(write_sheet(real(), Privacy(), ISSUE))
    reader = Reader()
    reader.feed(page)
    assert reader.open == []
    assert reader.language == "it"
    assert reader.seen["h1"] == 1
    assert reader.seen["caption"] == reader.seen["table"]
    assert reader.scopes == reader.seen["th"]
    assert "script" not in reader.seen
    assert not re.search(r"https?://|src=|url\(", page)


def test_no_person_is_in_it():
    """Rules know none; neither does the sheet."""
    assert "a0001" not in told(real())
