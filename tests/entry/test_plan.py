"""What the entry compiles to, which revision it has, and how long the ways are."""

from __future__ import annotations

from pathlib import Path

from acd.rules import load_rules
from acd.rules.entry import Ask, Door, EntryPlan, Go, Menu
from acd.rules.entry_ways import describe_entry, longest_way, silent_way
from tests.entry.folder import ENTRY, PROMPTS, write_folder
from tests.rules.good import RULES

ROOT = Path(__file__).resolve().parents[2]


def _plan(folder: Path, **changed: str) -> EntryPlan:
    return load_rules(write_folder(folder, **changed)).entry


def test_a_number_may_lead_to_a_queue_at_once_in_the_language_of_the_queue(tmp_path):
    """``"0471100": tedesco`` needs no word on language."""
    door = Door(number="0471100", language="de", go=Go(queues={"": "tedesco"}))
    assert _plan(tmp_path / "r").doors["0471100"] == door


def test_a_menu_keeps_what_each_key_does(tmp_path):
    """Language, questions and where it leads, key by key."""
    plan = _plan(tmp_path / "r")
    assert plan.menus["lingua"] == Menu(
        id="lingua",
        say={"BZ": "saluto", "": "lingua"},
        wait_s=4,
        choices={
            "1": Go(menu="temi"),
            "2": Go(language="de", menu="temi"),
            "9": Go(asks=(Ask.PERSONAL_CODE,), menu="temi"),
        },
        default="1",
    )
    assert plan.menus["temi"].wait_s == 5
    assert plan.menus["temi"].choices["0"].queues == {"de": "tedesco", "": "generale"}
    assert (plan.announce_country, plan.code_class) == ("IT", "fragile")
    assert plan.prompts["saluto"].in_turn == ("it", "de")


def test_the_engine_knows_where_silence_leads(tmp_path):
    """A called number is worth a queue even where a menu stands before it."""
    rules = load_rules(write_folder(tmp_path / "r")).rules
    assert rules.entry == {"0471100": "tedesco", "803164": "generale", "06164164": "generale"}


def test_the_revision_changes_with_all_that_is_exported_and_with_nothing_else(tmp_path):
    """What Asterisk runs is compared by it: a comment is no change, an office's line is one."""
    first = _plan(tmp_path / "a").revision
    changes = {
        "key": {"entry": ENTRY.replace('"9": {ask', '"8": {ask')},
        "text": {"prompts": PROMPTS.replace("Tutto 0.", "Tutto il resto 0.")},
        "office": {"offices": RULES["offices.yaml"].replace("capacity: 1", "capacity: 3")},
        "default": {"entry": ENTRY.replace("queue_by_default: generale", "queue_by_default: tedesco")},
    }
    changed = {name: _plan(tmp_path / name, **files).revision for name, files in changes.items()}
    assert len({first, *changed.values()}) == 5
    same = {"entry": "# a comment\n" + ENTRY, "skills": RULES["skills.yaml"].replace("Tedesco", "Lingua")}
    assert _plan(tmp_path / "same", **same).revision == first


def test_without_prompts_numbers_still_lead_to_queues(tmp_path):
    """A folder of the first version, numbers to queues and nothing said, is right as it is."""
    folder = write_folder(tmp_path / "r", entry=RULES["entry.yaml"])
    (folder / "prompts.yaml").unlink()
    plan = load_rules(folder).entry
    assert plan.menus == plan.prompts == {}
    assert [silent_way(plan, door).seconds for door in plan.doors.values()] == [0.0] * len(plan.doors)


def test_the_longest_way_is_told_in_seconds(tmp_path):
    """Each menu twice, a wrong key, every pause before every digit of a code; silence is shorter."""
    plan = _plan(tmp_path / "r")
    door = plan.doors["803164"]
    longest, silent = longest_way(plan, door), silent_way(plan, door)
    assert (longest.menus, silent.menus) == (("lingua", "temi"), ("lingua", "temi"))
    assert silent.queue == "generale"
    spoken = len("Per l'italiano 1.Deutsch 2.") / 13, len("Tutto 0.") / 13, len("Dall'Italia.") / 13
    heard_in_silence = spoken[0] + 4 + spoken[1] + 5 + spoken[2]
    assert abs(silent.seconds - heard_in_silence) < 0.01
    code = len("Codice.") / 13 + 10 * 5
    wrong = 2 * len("Sbagliato.") / 13
    most = 2 * (spoken[0] + 4) + 2 * (spoken[1] + 5) + wrong + code + spoken[2]
    assert abs(longest.seconds - most) < 0.5


def test_the_shipped_rules_bring_everybody_to_a_queue():
    """Both sets load; the demo's free number enters at once; nobody is on the way for four minutes."""
    demo = load_rules(ROOT / "routing_rules/demo").entry
    assert not demo.doors["803164"].go.menu
    assert demo.doors["06164164"].go.menu
    assert describe_entry(demo)[0] == "803164: to the queue generale after 0 s."
    national = load_rules(ROOT / "routing_rules").entry
    for door in national.doors.values():
        assert longest_way(national, door).seconds < 240
    assert national.announce_country == "IT"


def test_german_takes_the_effort_of_italian_in_the_province_of_bolzano():
    """D.P.R. 574/1988: both greet, each is one key, with a code too, into queues of its own."""
    loaded = load_rules(ROOT / "routing_rules")
    plan, queues = loaded.entry, loaded.rules.queues
    for door in plan.doors.values():
        menu = plan.menus[door.go.menu]
        assert plan.prompts[menu.say["BZ"]].in_turn[:2] == ("it", "de")
        ways = {
            (go.language, go.asks, go.menu) for go in menu.choices.values() if go.language in {"it", "de"}
        }
        assert {way[1:] for way in ways if way[0] == "it"} == {way[1:] for way in ways if way[0] == "de"}
    for menu in plan.menus.values():
        for go in menu.choices.values():
            german = go.queues.get("de")
            assert ("it" in go.queues) == (german is not None)
            assert german is None or queues[german].language == "de"
