"""Each way that is none is told at its place, in a whole sentence, and nothing else is said."""

from __future__ import annotations

from pathlib import Path

import pytest

from acd.errors import ConfigError
from acd.rules import load_rules
from tests.entry.folder import ENTRY, PROMPTS, write_folder
from tests.rules.good import RULES

ENTRY_MISTAKES = {
    "a menu nobody knows": (
        '"803164": {menu: lingua}', '"803164": {menu: linguaa}',
        ["3:20: unknown menu 'linguaa'; did you mean 'lingua'?"],
    ),
    "a queue nobody knows": (
        '"0471100": tedesco', '"0471100": tedeschi',
        ["2:14: unknown queue 'tedeschi'; did you mean 'tedesco'?"],
    ),
    "a prompt nobody knows": (
        "say: temi", "say: tema", ["15:10: unknown prompt 'tema'; did you mean 'temi'?"],
    ),
    "a class nobody knows": (
        "code_class: fragile", "code_class: fragili",
        ["22:13: unknown priority class 'fragili'; did you mean 'fragile'?"],
    ),
    "a key of two digits": (
        '"9": {ask', '"99": {ask',
        ["13:7: '99' is not a key: one digit from 0 to 9, in quotes."],
    ),
    "a star": (
        '"9": {ask', '"*": {ask', ["13:7: '*' is not a key: one digit from 0 to 9, in quotes."],
    ),
    "one key twice": (
        '"2": {language: de, menu: temi}', '"1": {language: de, menu: temi}',
        ["12:7: the key '1' was already given in line 11; keep one of the two."],
    ),
    "silence that is no key": (
        'default: "1"', 'default: "7"',
        ["9:14: silence counts as '7', which is no key of 'lingua'; name one of its keys."],
    ),
    "a key that leads nowhere": (
        '"2": {language: de, menu: temi}', '"2": {language: de}',
        ["12:12: '2' leads nowhere; give it a menu or a queue."],
    ),
    "a key that leads to two things": (
        '"1": {language: de, queue: tedesco}', '"1": {menu: lingua, queue: tedesco}',
        ["19:12: '1' leads to a menu and to a queue; keep one of the two."],
    ),
    "a circle": (
        '"1": {language: de, queue: tedesco}', '"1": {menu: lingua}',
        ["19:19: this leads back (lingua → temi → lingua), and a caller might never reach a queue; lead on."],
    ),
    "a menu nobody reaches": (
        ENTRY.partition("    keys:\n      ")[2].partition("\n  temi:")[0], '"1": generale',
        ["12:3: nobody reaches the menu 'temi'; lead a key to it, or remove it."],
    ),
    "a language without a queue": (
        "{de: tedesco, other: generale}", "{de: tedesco}",
        ["18:20: no queue for callers in 'it', who come here too; add it, or other."],
    ),
    "a language to which nothing is said": (
        "say: temi", "say: {it: temi}",
        ["15:10: nothing is said to callers in 'de', who come here too; add de, or other."],
    ),
    "a code without a class": (
        "code_class: fragile\n", "",
        ["13:18: a personal code is asked, and no class is given for a good one; add code_class."],
    ),
    "a listener who is none": (
        "say: {BZ: saluto", "say: {Bz: saluto",
        ["7:11: 'Bz' is neither a language (it) nor a province (BZ) nor the word other."],
    ),
    "no time to think": ("wait_s: 4", "wait_s: 1", ["8:13: 'wait_s' is 1: too small; the least is 3."]),
    "a question nobody knows": (
        "ask: [province]", "ask: [name]",
        ["4:22: 'ask' cannot be 'name'; there is province, personal_code."],
    ),
    "a country that is none": (
        "announce_country: IT", "announce_country: Italia",
        ["21:19: 'Italia' is not a country: two capital letters, such as IT."],
    ),
    "a key that nobody reads": (
        "wait_s: 4", "wait: 4", ["8:5: unknown key 'wait'; did you mean 'wait_s'?"],
    ),
}  # fmt: skip

PROMPT_MISTAKES = {
    "a language without words": (
        "temi: {texts: {it: Tutto 0., de: Alles 0.}}", "temi: {texts: {it: Tutto 0.}}",
        ["8:3: 'temi' is heard in 'de' at the menu 'temi' and has no such text; add it."],
    ),
    "a question without words": (
        "  ask-province: {texts: {it: Prefisso., de: Vorwahl.}}\n", "",
        ["1:1: the prompt 'ask-province' is missing, which the number 06164164 needs; add it."],
    ),
    "a country that is not told in a language": (
        "operator-country-it: {texts: {it: Dall'Italia., de: Aus Italien.}}",
        "operator-country-it: {texts: {it: Dall'Italia.}}",
        ["12:3: 'operator-country-it' is heard in 'de' at the number 0471100 and has no such text; add it."],
    ),
    "a greeting in turn without words": (
        "in_turn: [it, de]", "in_turn: [it, fr]",
        ["3:19: 'saluto' has no text in 'fr'; add one to texts."],
    ),
    "a greeting twice": (
        "in_turn: [it, de]", "in_turn: [it, it]",
        ["3:19: 'it' stands in this list already; keep one of the two."],
    ),
    "markup": (
        "it: Per l'italiano 1.", "it: Per <b> 1.",
        ["5:11: 'Per <b> 1.' cannot be spoken: 1 to 600 characters on one line, without < > &."],
    ),
}  # fmt: skip


def _told(folder: Path, **changed: str) -> list[str]:
    with pytest.raises(ConfigError) as caught:
        load_rules(write_folder(folder, **changed))
    return list(caught.value.findings)


@pytest.mark.parametrize("case", ENTRY_MISTAKES)
def test_each_mistake_of_the_entry_is_told(case, tmp_path, monkeypatch):
    """Line, column, what is wrong, what to do."""
    old, new, lines = ENTRY_MISTAKES[case]
    assert ENTRY.count(old) == 1, "the case must change one place"
    monkeypatch.chdir(tmp_path)
    assert _told(Path("r"), entry=ENTRY.replace(old, new)) == [f"r/entry.yaml:{line}" for line in lines]


@pytest.mark.parametrize("case", PROMPT_MISTAKES)
def test_each_mistake_of_the_prompts_is_told(case, tmp_path, monkeypatch):
    """Whoever hears a prompt understands it."""
    old, new, lines = PROMPT_MISTAKES[case]
    assert PROMPTS.count(old) == 1, "the case must change one place"
    monkeypatch.chdir(tmp_path)
    assert _told(Path("r"), prompts=PROMPTS.replace(old, new)) == [f"r/prompts.yaml:{line}" for line in lines]


def test_menus_lie_at_most_four_deep(tmp_path, monkeypatch):
    """Nobody is led through five menus."""
    monkeypatch.chdir(tmp_path)
    menus = "".join(
        f'  m{n}:\n    say: lingua\n    default: "1"\n    keys: {{"1": {{menu: m{n + 1}}}}}\n'
        for n in range(1, 5)
    )
    last = '  m5:\n    say: lingua\n    default: "1"\n    keys: {"1": generale}\n'
    entry = f'entry:\n  "803164": {{menu: m1}}\nmenus:\n{menus}{last}queue_by_default: generale\n'
    assert _told(Path("r"), entry=entry) == ["r/entry.yaml:19:24: this is menu 5 on its way; the most is 4."]


def test_two_queues_that_asterisk_takes_for_one_are_refused(tmp_path, monkeypatch):
    """An extension ``q-ab`` is the extension ``q-a-b``: a caller would wait in the wrong line."""
    monkeypatch.chdir(tmp_path)
    queues = RULES["queues.yaml"]
    queues += (
        queues.partition("queues:\n")[2].replace("generale:\n", "gen-erale:\n").partition("  tedesco:")[0]
    )
    told = _told(Path("r"), queues=queues)
    sentence = "'gen-erale' and 'generale' are one name to Asterisk, which ignores dashes; rename one."
    assert [line.partition(": ")[2] for line in told] == [sentence]


def test_a_second_level_queue_is_not_entered_from_outside(tmp_path, monkeypatch):
    """Specialists are reached by agents only."""
    monkeypatch.chdir(tmp_path)
    queues = RULES["queues.yaml"].replace("  tedesco:\n", "  tedesco:\n    kind: second_level\n")
    told = _told(Path("r"), queues=queues)
    assert told[0] == (
        "r/entry.yaml:2:14: the queue 'tedesco' is second_level:"
        " only agents pass calls on to it; name another."
    )
    assert len(told) == 3
