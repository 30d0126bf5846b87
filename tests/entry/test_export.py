"""The exported files: their lines, their alphabet, how they are written."""

from __future__ import annotations

import functools
import re
from pathlib import Path

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from acd.ami.export import export_dialplan
from acd.ami.export.command import write_dialplan
from acd.ami.export.entry_file import ENGINE
from acd.core.policy import RuleSet
from acd.errors import ConfigError, UnsafeValue
from acd.rules import load_rules
from acd.rules.entry import Ask, Door, EntryPlan, Go, Menu, Prompt
from acd.rules.entry_prefixes import area_prefixes
from tests.entry.folder import write_folder

ROOT = Path(__file__).resolve().parents[2]

DOORS = """\
[from-trunk]
exten => 0471100,1,Set(ARRAY(ACD_CALLED,ACD_LANG)=0471100,de)
 same => n,Gosub(acd-entry-begin,s,1)
 same => n,Set(ACD_QUEUE=tedesco)
 same => n,Goto(acd-entry-enter,s,1)
exten => 803164,1,Set(ARRAY(ACD_CALLED,ACD_LANG)=803164,it)
 same => n,Gosub(acd-entry-begin,s,1)
 same => n,Goto(acd-entry-menu,m_lingua,1)
exten => 06164164,1,Set(ARRAY(ACD_CALLED,ACD_LANG)=06164164,it)
 same => n,Gosub(acd-entry-begin,s,1)
 same => n,Gosub(acd-entry-asks,s,1(0,1))
 same => n,Set(ACD_QUEUE=generale)
 same => n,Goto(acd-entry-enter,s,1)
exten => q-tedesco,1,Set(ARRAY(ACD_QUEUE,ACD_LANG)=tedesco,de)
 same => n,Goto(acd-enter,s,1)
"""

MENUS = """\
[acd-entry-menu]
exten => m_lingua,1,Gosub(acd-entry-key,s,1(m_lingua,4,1))
 same => n,Goto(acd-entry-go,m_lingua.${GOSUB_RETVAL},1)
exten => m_temi,1,Gosub(acd-entry-key,s,1(m_temi,5,0))
 same => n,Goto(acd-entry-go,m_temi.${GOSUB_RETVAL},1)
exten => i,1,Goto(acd-entry-lost,s,1)

[acd-entry-say]
exten => m_lingua.BZ,1,Return(acd/it/saluto&acd/de/saluto)
exten => m_lingua,1,Return(acd/${ACD_LANG}/lingua)
exten => m_temi,1,Return(acd/${ACD_LANG}/temi)

[acd-entry-go]
exten => m_lingua.1,1,Set(ACD_LANG=${ACD_LANG})
 same => n,Gosub(acd-entry-asks,s,1(0,0))
 same => n,Goto(acd-entry-menu,m_temi,1)
exten => m_lingua.2,1,Set(ACD_LANG=de)
 same => n,Gosub(acd-entry-asks,s,1(0,0))
 same => n,Goto(acd-entry-menu,m_temi,1)
exten => m_lingua.9,1,Set(ACD_LANG=${ACD_LANG})
 same => n,Gosub(acd-entry-asks,s,1(1,0))
 same => n,Goto(acd-entry-menu,m_temi,1)
exten => m_temi.0,1,Set(ACD_LANG=${ACD_LANG})
 same => n,Gosub(acd-entry-asks,s,1(0,0))
 same => n,Set(ACD_QUEUE=generale)
 same => n,ExecIf($["${ACD_LANG}" = "de"]?Set(ACD_QUEUE=tedesco))
 same => n,Goto(acd-entry-enter,s,1)
exten => m_temi.1,1,Set(ACD_LANG=de)
 same => n,Gosub(acd-entry-asks,s,1(0,0))
 same => n,Set(ACD_QUEUE=tedesco)
 same => n,Goto(acd-entry-enter,s,1)
exten => i,1,Goto(acd-entry-lost,s,1)

[acd-entry-enter]               ; country told, then the queue
exten => s,1,Playback(acd/${ACD_LANG}/operator-country-it)
 same => n,Set(ACD_ANNOUNCED=IT)
 same => n,Goto(acd-enter,s,1)
"""

OFFICES = """\
[acd-office]
exten => BZ,1,Gosub(acd-office-line,s,1(bolzano,1,trunk,25,-,+390471))
 same => n,Goto(none,1)
exten => RM,1,Gosub(acd-office-line,s,1(roma,2,trunk,25,-,0612345))
 same => n,Goto(none,1)

; No office, or none that answered: apologise, say the number to call, goodbye.
exten => none,1,Set(ACD_SAYS=acd/it/goodbye)
 same => n,ExecIf($["${ACD_LANG}" = "de"]?Set(ACD_SAYS=acd/de/goodbye))
 same => n,Playback(${ACD_SAYS})
 same => n,ExecIf($["${ACD_CALLED}" = ""]?Set(ACD_CALLED=0471100))
 same => n,SayDigits(${ACD_CALLED})
 same => n,Playback(vm-goodbye)
 same => n,Hangup(16)
"""

FITTING = re.compile(
    r"|\[[a-z-]+\](\(\+\))?( +;.*)?|;.*|[A-Z_]+=[a-z0-9-]+"
    r"|(exten => (s|i|none|_?[0-9]{1,24}X?\.?|_X\.|\+[0-9]+|[A-Z]{2}|q-[a-z0-9-]+"
    r"|m_[a-z0-9_]+(\.([0-9a-z]{1,2}|[A-Z]{2}))?),1,"
    r"| same => n,)[A-Za-z]+\([A-Za-z0-9_.,/&=${}\[\]\"? ()+-]*\)(  +;.*)?"
)
"""Every line that an export may hold beside the part that is always the same."""


def _export(plan: EntryPlan, rules: RuleSet) -> dict[str, str]:
    return dict(export_dialplan(plan, rules, area_prefixes()))


def test_the_files_say_what_the_rules_say(tmp_path):
    """Doors, menus, what is said, what each key does, and the offices, line by line."""
    loaded = load_rules(write_folder(tmp_path / "r"))
    files = _export(loaded.entry, loaded.rules)
    assert list(files) == ["acd_offices.conf", "acd_entry.conf"], "the entry is watched: it comes last"
    entry = files["acd_entry.conf"]
    assert f"\n[globals](+)\nACD_ENTRY={loaded.entry.revision}\nACD_QUEUE_BY_DEFAULT=generale\n\n" in entry
    for part in (DOORS, MENUS, ENGINE):
        assert part in entry
    assert OFFICES in files["acd_offices.conf"]
    provinces = entry.partition("[acd-province]\n")[2].splitlines()
    assert provinces[:3] == [
        f"exten => {number},1,Return()          ; called, never a caller"
        for number in ("0471100", "803164", "06164164")
    ]
    assert {"exten => _0471X.,1,Return(BZ)", "exten => _0125X.,1,Return(TO-)"} <= set(provinces)
    assert len(provinces) == 3 + 231 + 1


def test_an_office_of_several_numbers_and_provinces_asks_for_its_key_in_its_own_language(tmp_path):
    """One count, all numbers, each province it serves; its own province's offices come first there."""
    loaded = load_rules(write_folder(tmp_path / "r"))
    bolzano = msgspec.structs.replace(
        loaded.rules.offices["bolzano"],
        more_numbers=("+390472",),
        provinces=("BZ", "RM"),
        languages=("de", "it"),
        confirm=True,
    )
    sounds = {"prema-1": {"de": ("acd/de/prema-1",), "": ("acd/it/prema-1",)}}
    rules = msgspec.structs.replace(
        loaded.rules, offices={"bolzano": bolzano, "roma": loaded.rules.offices["roma"]}, sounds=sounds
    )
    line = "bolzano,1,trunk,25,acd.de.prema-1,+390471&+390472"
    roma = "roma,2,trunk,25,-,0612345"
    told = _export(loaded.entry, rules)["acd_offices.conf"].splitlines()
    assert f"exten => BZ,1,Gosub(acd-office-line,s,1({line}))" in told
    first = told.index(f"exten => RM,1,Gosub(acd-office-line,s,1({roma}))")
    assert told[first + 1] == f" same => n,Gosub(acd-office-line,s,1({line}))"
    silent = msgspec.structs.replace(rules, sounds={})
    assert "trunk,25,vm-press+digits.1,+390471" in _export(loaded.entry, silent)["acd_offices.conf"]


def test_a_number_without_menu_question_or_announcement_enters_at_once():
    """Three lines: nothing delays a caller of whom nothing is asked."""
    loaded = load_rules(ROOT / "routing_rules/demo")
    entry = _export(loaded.entry, loaded.rules)["acd_entry.conf"]
    assert (
        "exten => 803164,1,Set(ARRAY(ACD_CALLED,ACD_LANG)=803164,it)\n"
        " same => n,Set(ACD_QUEUE=generale)\n"
        " same => n,Goto(acd-enter,s,1)\n"
    ) in entry


def test_the_committed_files_are_the_export_of_the_demo_rules():
    """Run `acd export dialplan routing_rules/demo --out config/asterisk` and commit."""
    assert write_dialplan(ROOT / "routing_rules/demo", ROOT / "config/asterisk", check=True) == []


def _plan(**parts: str) -> EntryPlan:
    said = {"number": "803164", "language": "it", "menu": "m", "queue": "q", "prompt": "p", "key": "1"}
    given = {**said, "listener": "BZ", "country": "IT", "revision": "0123456789abcdef", **parts}
    go = Go(language=given["language"], asks=(Ask.PROVINCE,), queues={given["language"]: given["queue"]})
    menu = Menu(
        id=given["menu"],
        say={given["listener"]: given["prompt"]},
        wait_s=5,
        choices={given["key"]: go},
        default=given["key"],
    )
    ids = (given["prompt"], f"operator-country-{given['country'].lower()}", "goodbye")
    return EntryPlan(
        revision=given["revision"],
        doors={given["number"]: Door(number=given["number"], language="it", go=Go(menu=given["menu"]))},
        menus={given["menu"]: menu},
        prompts={name: Prompt(id=name, texts={given["language"]: "x"}) for name in ids},
        announce_country=given["country"],
    )


HOSTILE = st.one_of(
    st.text(max_size=30),
    st.sampled_from(
        ["a\nexten => 1,1,System(x)", "x)\n", "${SHELL(id)}", "a,1,2", "a&b", "../../x", "a b", "è", "0\n",
         "1]", "a;b", "a\\", '"', "IT\n", "08\r", "abc\x00", "m|n", "TO-", "$[1]", "_X.", "h", "T"]
    ),
)  # fmt: skip
FIELDS = ("number", "language", "menu", "queue", "prompt", "key", "listener", "country", "revision")


@given(field=st.sampled_from(FIELDS), value=HOSTILE)
def test_nothing_from_a_plan_breaks_out_of_its_line(field, value):
    """Refused, or in lines that look like all the others: the rules cannot become dialplan."""
    demo = _demo()
    try:
        files = _export(_plan(**{field: value}), demo)
    except UnsafeValue:
        return
    _assert_fitting(files)


@given(field=st.sampled_from(["id", "province", "number", "trunk"]), value=HOSTILE)
def test_nothing_from_an_office_breaks_out_of_its_line(field, value):
    """Nor can an office."""
    demo = _demo()
    office = msgspec.structs.replace(next(iter(demo.offices.values())), **{field: value})
    try:
        files = _export(_plan(), msgspec.structs.replace(demo, offices={office.id: office}))
    except UnsafeValue:
        return
    _assert_fitting(files)


@given(field=st.sampled_from(["id", "language"]), value=HOSTILE)
def test_nothing_from_a_queue_breaks_out_of_its_line(field, value):
    """Nor a queue, of which the name is an extension."""
    demo = _demo()
    queue = msgspec.structs.replace(next(iter(demo.queues.values())), language="de")
    queue = msgspec.structs.replace(queue, **{field: value})
    try:
        files = _export(_plan(), msgspec.structs.replace(demo, queues={queue.id: queue}))
    except UnsafeValue:
        return
    _assert_fitting(files)


@functools.cache
def _demo() -> RuleSet:
    return load_rules(ROOT / "routing_rules/demo").rules


def _assert_fitting(files: dict[str, str]) -> None:
    for text in files.values():
        for line in text.replace(ENGINE, "").split("\n"):
            assert FITTING.fullmatch(line), line
            assert "System" not in line


def test_only_what_changed_is_written_and_whole(tmp_path):
    """Who watches a file is not woken for nothing; the rights of a file stay."""
    rules, out = write_folder(tmp_path / "r"), tmp_path / "etc"
    out.mkdir()
    assert [line.rpartition("/")[2] for line in write_dialplan(rules, out, check=False)] == [
        "acd_offices.conf is new.",
        "acd_entry.conf is new.",
    ]
    assert write_dialplan(rules, out, check=False) == []
    assert sorted(path.name for path in out.iterdir()) == ["acd_entry.conf", "acd_offices.conf"]
    entry, offices = out / "acd_entry.conf", out / "acd_offices.conf"
    entry.chmod(0o640)
    before = offices.stat().st_mtime_ns
    entry.write_text(entry.read_text() + "; mine\n")
    assert write_dialplan(rules, out, check=False) == [f"{entry} was changed."]
    assert "; mine" not in entry.read_text()
    assert entry.stat().st_mode & 0o777 == 0o640
    assert offices.stat().st_mtime_ns == before


def test_check_writes_nothing_and_says_what_differs(tmp_path):
    """For the gate of a deployment: exit status 1 when there is a line."""
    rules, out = write_folder(tmp_path / "r"), tmp_path / "etc"
    out.mkdir()
    lines = write_dialplan(rules, out, check=True)
    assert lines == [
        f"{out}/acd_offices.conf is missing; run `acd export dialplan` to write it.",
        f"{out}/acd_entry.conf is missing; run `acd export dialplan` to write it.",
    ]
    assert not list(out.iterdir())


def test_wrong_rules_are_not_exported(tmp_path):
    """What Asterisk has stays until the rules are right."""
    rules, out = write_folder(tmp_path / "r"), tmp_path / "etc"
    out.mkdir()
    write_dialplan(rules, out, check=False)
    before = (out / "acd_entry.conf").read_text()
    write_folder(tmp_path / "r", entry="entry: {}\n")
    with pytest.raises(ConfigError):
        write_dialplan(rules, out, check=False)
    assert (out / "acd_entry.conf").read_text() == before
