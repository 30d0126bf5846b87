"""What callers meet before a queue, on a real Asterisk, with keys pressed as telephone events.

No ACD runs here: menus need none. What enters is seen as the raw events an ACD would get.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import re
import shutil
import time
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from acd.ami.export.command import write_dialplan
from acd.rules.entry_prefixes import area_prefixes
from acd.rules.entry_prompts import MANIFEST, Spoken, read_manifest
from asterisk_lab import Lab
from asterisk_lab.user_agent import Call, UserAgent
from tests.lab.manager import Manager, Message

pytestmark = pytest.mark.real

ROOT = Path(__file__).resolve().parents[2]
FIRST_WORD_S = 0.8
"""Asterisk answers, and gives media up to half a second: nobody presses a key before the first word."""
CODE_SILENCE_S = 5


def _up(shift: int, rules: Path | None) -> Iterator[Lab]:
    offset = os.environ.get("ACD_TEST_OFFSET")
    made = Lab.up(agents=2, port_offset=int(offset) + shift if offset else None, rules=rules)
    try:
        yield made
    finally:
        made.down()


@pytest.fixture(scope="module")
def demo() -> Iterator[Lab]:
    """The small rules: one menu."""
    yield from _up(0, None)


@pytest.fixture(scope="module")
def national() -> Iterator[Lab]:
    """The rules of the INPS."""
    yield from _up(100, ROOT / "routing_rules")


class Entrance:
    """Callers of one lab, and what a manager hears of them."""

    def __init__(self, lab: Lab, manager: Manager, open_: contextlib.AsyncExitStack) -> None:
        self.lab, self.manager, self._open = lab, manager, open_

    async def open(self, caller: str) -> UserAgent:
        """Open the phone of a caller."""
        return await self._open.enter_async_context(UserAgent(self.lab, caller, ip=self.lab.caller_ip))

    async def call(self, number: str, caller: str, keys: str = "", gap_s: float = 0.2) -> Call:
        """Call, and press these keys one after the other; a blank is a silence that ends a code."""
        call = await (await self.open(caller)).invite(number)
        assert call.final == 200
        await asyncio.sleep(FIRST_WORD_S)
        for key in keys:
            if key == " ":
                await asyncio.sleep(CODE_SILENCE_S + 0.3)
                continue
            call.press(key)
            await asyncio.sleep(gap_s)
        return call

    async def entered(self, caller: str, limit_s: float = 5.0) -> Message:
        """Wait until this caller has entered a queue."""
        return await self.manager.until("ACDEnter", limit_s, CallerIDNum=caller)

    async def enters(self, number: str, caller: str, keys: str = "", limit_s: float = 8.0) -> tuple[str, ...]:
        """Call, press keys, and return queue, language, province and code as the ACD hears them."""
        await self.call(number, caller, keys)
        entered = await self.entered(caller, limit_s)
        return entered["Queue"], entered["Lang"], entered["Prov"], entered["Code"]


@contextlib.asynccontextmanager
async def _entrance(lab: Lab) -> AsyncIterator[Entrance]:
    manager = await Manager.login(lab)
    await manager.setvar("ACD_LEASE", str(int(time.time()) + 120))
    await manager.setvar("ACD_EPOCH", "7")
    async with contextlib.AsyncExitStack() as open_:
        yield Entrance(lab, manager, open_)
        lab.rx("channel request hangup all")
    for _ in range(500):
        if "0 active channels" in lab.rx("core show channels"):
            break
        await asyncio.sleep(0.01)
    await manager.close()


@pytest.fixture
async def small(demo: Lab) -> AsyncIterator[Entrance]:
    """Callers of the small rules."""
    async with _entrance(demo) as entrance:
        yield entrance


@pytest.fixture
async def whole(national: Lab) -> AsyncIterator[Entrance]:
    """Callers of the INPS."""
    async with _entrance(national) as entrance:
        yield entrance


def _manifest(lab: Lab) -> tuple[Spoken, ...]:
    manifest = read_manifest(lab.host_dir / "data/sounds/acd" / MANIFEST)
    assert manifest is not None, "the lab speaks"
    return manifest.prompts


async def test_a_key_of_the_topic_menu_reaches_its_queue(small):
    """06164164 plays the menu; 2 is pensions; the number of the free line enters at once."""
    ways = await asyncio.gather(
        small.enters("06164164", "3330000001", "2"),
        small.enters("06164164", "0612000001", "1"),
        small.enters("803164", "0471000001"),
    )
    assert ways == [
        ("pensioni", "it", "", ""),
        ("generale", "it", "RM", ""),
        ("generale", "it", "BZ", ""),
    ]
    entered = [await small.entered(caller) for caller in ("3330000001", "0471000001")]
    assert [event["Called"] for event in entered] == ["06164164", "803164"]


async def test_silence_is_the_default_after_its_seconds_and_a_wrong_key_repeats_once(small):
    """Nobody is stuck: silence waits 5 s after the words; wrong once: heard again; wrong twice: default."""
    words_s = sum(spoken.duration_s for spoken in _manifest(small.lab) if spoken.prompt == "argomenti")
    silent, wrong_once, wrong_twice = await asyncio.gather(
        small.call("06164164", "3330000002"),
        small.call("06164164", "3330000003", "73", gap_s=2.5),
        small.call("06164164", "3330000004", "78", gap_s=2.5),
    )
    entered = {
        caller: await small.entered(caller, 20) for caller in ("3330000002", "3330000003", "3330000004")
    }
    assert [event["Queue"] for event in entered.values()] == ["generale", "tedesco", "generale"]
    assert [event["Lang"] for event in entered.values()] == ["it", "de", "it"]
    took_s = {
        caller: event.at - call.got["200"]
        for (caller, event), call in zip(entered.items(), (silent, wrong_once, wrong_twice), strict=True)
    }
    assert took_s["3330000002"] == pytest.approx(words_s + 5, abs=1.2)
    assert took_s["3330000003"] < FIRST_WORD_S + 2.5 + 1
    assert took_s["3330000004"] < FIRST_WORD_S + 2.5 + 1


async def test_who_hangs_up_in_a_menu_leaves_a_trace_and_who_entered_leaves_none(small):
    """A caller who never waited in a queue is counted all the same."""
    before_ms = time.time() * 1000
    gone = await small.call("06164164", "3330000005")
    stayed = await small.call("06164164", "3330000006", "1")
    await small.entered("3330000006")
    await asyncio.gather(gone.bye(), stayed.bye())
    left = await small.manager.until("ACDMenuEnd", CallerIDNum="3330000005")
    assert left["Called"] == "06164164"
    assert before_ms - 1 <= int(left["T00"]) <= time.time() * 1000
    await small.manager.until("ACDEnd", CallerIDNum="3330000006")
    assert not small.manager.seen("ACDMenuEnd", CallerIDNum="3330000006")


async def test_menus_need_no_acd_and_the_net_takes_who_comes_out(small):
    """The lease has lapsed: the menu is heard, the key counts, the safety net of its language follows."""
    await small.manager.setvar("ACD_LEASE", "0")
    assert await small.enters("06164164", "0471000007", "3") == ("tedesco", "de", "BZ", "")
    await small.manager.until("ACDSafetyNet", 1, CallerIDNum="0471000007")


async def test_a_missing_sound_mutes_the_menu_and_the_keys_still_work(small):
    """A file lost on the way to the host costs the words, not the choice nor the time for it."""
    sound = small.lab.host_dir / "data/sounds/acd/it/argomenti.wav"
    aside = sound.rename(sound.with_suffix(".aside"))
    try:
        pressed, silent = await asyncio.gather(
            small.call("06164164", "3330000008", "2"), small.call("06164164", "3330000009")
        )
        assert (await small.entered("3330000008"))["Queue"] == "pensioni"
        entered = await small.entered("3330000009", 8)
        assert entered["Queue"] == "generale"
        rest_s = next(s.duration_s for s in _manifest(small.lab) if s.file == "de/argomenti.wav")
        assert entered.at - silent.got["200"] == pytest.approx(rest_s + 5, abs=1.2)
        assert not pressed.ended.is_set()
    finally:
        aside.rename(sound)


async def test_a_reload_of_a_changed_entry_keeps_waiting_callers_the_lease_and_who_is_in_a_menu(
    small, tmp_path
):
    """`acd export dialplan`, then `dialplan reload`: nobody notices, not even whose menu has gone."""
    await small.enters("803164", "0612000010")
    waiting = small.manager.seen("ACDEnter", CallerIDNum="0612000010")[0]
    step = await small.manager.until("BridgeEnter", Uniqueid=waiting["Uniqueid"])
    lease = await small.manager.getvar("ACD_LEASE")
    before = await small.manager.getvar("ACD_ENTRY")
    in_menu = await small.call("06164164", "3330000011")
    rules = Path(shutil.copytree(ROOT / "routing_rules/demo", tmp_path / "rules"))
    entry = (rules / "entry.yaml").read_text()
    (rules / "entry.yaml").write_text(
        entry.replace("  argomenti:", "  temi:").replace("menu: argomenti", "menu: temi")
    )
    etc = small.lab.host_dir / "etc"
    try:
        assert len(write_dialplan(rules, etc, check=False)) == 1
        assert "reloaded" in small.lab.rx("dialplan reload")
        after = await small.manager.getvar("ACD_ENTRY")
        assert after != before
        assert re.fullmatch("[0-9a-f]{16}", after)
        in_menu.press("2")
        assert (await small.entered("3330000011"))["Queue"] == "generale", "the menu has gone: the default"
        assert await small.enters("06164164", "3330000012", "2") == ("pensioni", "it", "", "")
        assert await small.manager.getvar("ACD_LEASE") == lease
        assert await small.manager.getvar("ACD_EPOCH") == "7"
        assert await small.manager.getvar("ACD_STATE", waiting["Uniqueid"]) == "hold"
        await small.manager.until(
            "BridgeEnter", 7, since=small.manager.events.index(step) + 1, Uniqueid=waiting["Uniqueid"]
        )
        assert not small.manager.seen("ACDEnd")
    finally:
        write_dialplan(ROOT / "routing_rules/demo", etc, check=False)
        small.lab.rx("dialplan reload")


async def test_a_caller_in_bolzano_chooses_german_with_one_key(whole):
    """Both languages greet there; the German queue, the German language, the province: all by one key."""
    ways = await asyncio.gather(
        whole.enters("803164", "0471000013", "21"),
        whole.enters("803164", "0471000014", "11"),
        whole.enters("803164", "0612000015", "21"),
        whole.enters("803164", "0474000016", "8123#9" + "1"),
    )
    assert ways == [
        ("pensioni-de", "de", "BZ", ""),
        ("pensioni", "it", "BZ", ""),
        ("pensioni-de", "de", "RM", ""),
        ("prenotazioni-de", "de", "BZ", "123"),
    ]


async def test_the_code_of_a_letter_travels_with_the_call_and_without_one_it_goes_on(whole):
    """Ten digits at most, # ends them; whoever has none reaches the same queue."""
    ways = await asyncio.gather(
        whole.enters("803164", "0612000017", "9123456#2"),
        whole.enters("803164", "0612000018", "91234567890" + "2"),
        whole.enters("803164", "0612000019", "9#2"),
        whole.enters("803164", "0612000021", "912 2", 15),
    )
    assert ways == [
        ("famiglia", "it", "RM", "123456"),
        ("famiglia", "it", "RM", "1234567890"),
        ("famiglia", "it", "RM", ""),
        ("famiglia", "it", "RM", "12"),
    ]
    assert not whole.manager.seen("DTMFEnd"), "a code is told in the header alone"


async def test_the_province_is_asked_only_of_whom_the_number_does_not_tell_it(whole):
    """A mobile, an ambiguous prefix and the called number are asked; the answer is an area prefix."""
    ways = await asyncio.gather(
        whole.enters("06164164", "3330000022", "10471#1"),
        whole.enters("06164164", "3330000023", "106#1"),
        whole.enters("803164", "0125000024", "10471#1"),
        whole.enters("803164", "0125000025", "1#1"),
        whole.enters("803164", "06164164", "1#1"),
        whole.enters("803164", "anonymous", "1" + "0549" + "1"),
        whole.enters("803164", "0212000026", "11"),
    )
    assert [way[2] for way in ways] == ["BZ", "RM", "BZ", "TO", "", "", "MI"]
    assert {way[0] for way in ways} == {"pensioni"}


async def test_a_withheld_number_tells_no_province(small):
    """The carrier knows the number and says that it is private: nothing is made of it, menu or no menu."""
    for number in ("803164", "06164164"):
        phone = await small.open(f"066666{len(number)}")
        private = {"P-Asserted-Identity": f"<sip:{phone.name}@127.0.0.2>", "Privacy": "id"}
        call = await phone.invite(number, headers=private)
        await asyncio.sleep(FIRST_WORD_S)
        call.press("1")
        assert (await small.entered(phone.name))["Prov"] == ""


async def test_other_languages_are_a_key_and_every_caller_is_told_the_country(whole):
    """Nobody says a name to be understood; the announcement is heard before the queue."""
    ways = await asyncio.gather(
        whole.enters("803164", "0612000027", "3"),
        whole.enters("803164", "0612000028", "43"),
        whole.enters("803164", "0612000029", "45"),
    )
    assert [way[:2] for way in ways] == [("inglese", "en"), ("arabo", "ar"), ("russo", "ru")]
    entered = await whole.entered("0612000028")
    assert await whole.manager.getvar("ACD_ANNOUNCED", entered["Uniqueid"]) == "IT"


def test_asterisk_finds_the_province_we_find(national):
    """Each of the 231 prefixes, by Asterisk's own choice among the patterns."""
    for prefix, area in area_prefixes().items():
        shown = national.rx(f"dialplan show {prefix}123456@acd-province")
        first = re.search(r"=>\s+1\. (\S+)", shown)
        assert first is not None
        assert first[1] == f"Return({area.province}{'' if area.sure else '-'})", shown


def test_asterisk_has_nothing_to_complain_about(demo, national):
    """No warning of the dialplan in all that was tried here, but for the sound that was taken away."""
    for lab in (demo, national):
        lines = (lab.host_dir / "log/messages.log").read_text().splitlines()
        pbx = [line for line in lines if re.search(r"(WARNING|ERROR).* (pbx|app_read|app_stack|func_)", line)]
        assert [line for line in pbx if "argomenti" not in line] == []
