"""The file itself: its form, its pairs over crashes and rotation, and a disk that will not."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from acd.queue_log.lines import Line, Verb, parse, text
from acd.queue_log.sessions import Book, Members, Session
from acd.queue_log.writer import Writer
from tests.queue_log.reader import Reader

ANNA = Session(100, "agent/anna", ("a", "b"), None)
BRUNO = Session(101, "agent/bruno", ("b",), "pausa")
EVERYBODY = Members(200, (ANNA, BRUNO))


def entered(call: str, at_s: int = 110, *, adopted: bool = False) -> Line:
    """A caller in queue a."""
    return Line(at_s, call, "a", "NONE", Verb.ENTERQUEUE, ("", "", 1), adopted)


def until(holds, what: str) -> None:
    """Wait for the writer's thread."""
    end_s = time.monotonic() + 10
    while not holds():
        assert time.monotonic() < end_s, what
        time.sleep(0.02)


def verbs(path: Path) -> list[str]:
    """The events of a file, in order."""
    return [line.split("|")[4] for line in path.read_text().splitlines()]


@pytest.fixture
def path(tmp_path) -> Path:
    """Where the file goes."""
    return tmp_path / "queue_log"


def test_a_line_is_as_asterisk_writes_it():
    """Fields by bars, one line each, whatever somebody has put into a name."""
    line = Line(1292281046, "psy1-1.87", "a|b\r\n", "agent/x\x00", Verb.CONNECT, (2, "id", 0))
    assert text(line) == "1292281046|psy1-1.87|ab|agent/x|CONNECT|2|id|0\n"
    assert text(Line(1, "NONE", "NONE", "NONE", Verb.CONFIGRELOAD)) == "1|NONE|NONE|NONE|CONFIGRELOAD|\n"


@pytest.mark.parametrize("said", ["", "x", "1|2|3|4|OTHER|", "one|2|3|4|ABANDON|1|1|1", "1|2|3|4"])
def test_what_is_no_line_of_ours_is_passed_over(said):
    """Also the half of a line that a crash has left."""
    assert parse(said) is None


def test_a_pause_ends_before_its_member_leaves_and_follows_other_queues():
    """UNPAUSE, REMOVEMEMBER, ADDMEMBER, PAUSE: each opened thing is closed first."""
    book = Book()
    first = list(book.take(BRUNO))
    assert [line.verb for line in first] == [Verb.ADDMEMBER, Verb.PAUSEALL, Verb.PAUSE]
    moved = list(book.take(Session(102, "agent/bruno", ("c",), "pausa")))
    assert [line.verb.value for line in moved] == [
        "UNPAUSEALL", "UNPAUSE", "REMOVEMEMBER", "ADDMEMBER", "PAUSEALL", "PAUSE",
    ]  # fmt: skip
    other_reason = list(book.take(Session(103, "agent/bruno", ("c",), "corso")))
    assert [line.verb.value for line in other_reason] == ["UNPAUSEALL", "UNPAUSE", "PAUSEALL", "PAUSE"]
    gone = list(book.take(Session(104, "agent/bruno", (), None)))
    assert [line.verb.value for line in gone] == ["UNPAUSEALL", "UNPAUSE", "REMOVEMEMBER"]
    assert list(book.take(Session(105, "agent/bruno", (), None))) == []


def test_members_told_whole_close_whoever_is_not_named():
    """After another roster or another profile, and after a gap."""
    book = Book()
    for session in (ANNA, BRUNO):
        list(book.take(session))
    lines = list(book.take(Members(120, (ANNA,))))
    assert {(line.agent, line.verb.value) for line in lines} == {
        ("agent/bruno", "UNPAUSEALL"), ("agent/bruno", "UNPAUSE"), ("agent/bruno", "REMOVEMEMBER"),
    }  # fmt: skip


def test_the_times_of_a_file_never_go_back():
    """What is told late stands at the time of the line before it."""
    book = Book()
    lines = [*book.take(entered("1.1", 120)), *book.take(entered("1.2", 119))]
    assert [line.at_s for line in lines] == [120, 120]


def test_a_stop_closes_what_is_open(path):
    """Every session, and the file is one that a report reads."""
    writer = Writer(path, lambda: EVERYBODY)
    writer.start()
    writer.tell([ANNA, BRUNO, Line(130, "NONE", "NONE", "NONE", Verb.CONFIGRELOAD)])
    writer.close()
    reader = Reader().read(path)
    assert reader.odd == []
    assert reader.all_closed()
    assert path.stat().st_mode & 0o777 == 0o640


def test_a_start_closes_what_a_crash_left_open(path):
    """At the moment of the last line; the line that was being written is cut off from the next."""
    book = Book()
    lines = [line for told in (ANNA, BRUNO, entered("1.1", 150)) for line in book.take(told)]
    path.write_text("".join(map(text, lines)) + "1|2|hal")
    writer = Writer(path, lambda: EVERYBODY)
    writer.start()
    until(lambda: "REMOVEMEMBER" in path.read_text(), "sessions are closed at once")
    writer.tell([Session(900, "agent/anna", ("a",), None), entered("1.1", 901, adopted=True)])
    writer.tell([entered("1.2", 902, adopted=True)])
    writer.close()
    said = path.read_text().splitlines()
    assert "1|2|hal" in said
    closed = [line for line in said if line.startswith("150|") and "MEMBER" in line]
    assert len(closed) == 3
    path.write_text("\n".join(line for line in said if line != "1|2|hal") + "\n")
    reader = Reader().read(path)
    assert reader.odd == []
    assert list(reader.waiting) == ["1.1", "1.2"]  # the first was in the file and is not told twice
    assert not reader.members


@pytest.mark.parametrize("how", ["moved", "removed"])
def test_a_file_put_aside_is_begun_anew(path, how):
    """Without a signal; what is open is closed in the old one and opened in the new one."""
    writer = Writer(path, lambda: EVERYBODY)
    writer.start()
    writer.tell([ANNA, BRUNO])
    until(lambda: path.exists() and len(verbs(path)) == 5, "the first lines")
    old = path.with_suffix(".1")
    if how == "moved":
        path.rename(old)
    else:
        path.unlink()
    writer.tell([Line(300, "NONE", "NONE", "NONE", Verb.CONFIGRELOAD)])
    until(lambda: path.exists() and "CONFIGRELOAD" in path.read_text(), "the new file")
    writer.close()
    for file in (old, path) if how == "moved" else (path,):
        reader = Reader().read(file)
        assert reader.odd == []
        assert reader.all_closed()
    assert verbs(path)[:5] == ["ADDMEMBER", "ADDMEMBER", "ADDMEMBER", "PAUSEALL", "PAUSE"]


def test_a_disk_that_will_not_is_tried_again(tmp_path, monkeypatch):
    """It is said once, nothing is lost, and it is said when it is over."""
    said = []
    for level in ("error", "warning"):
        monkeypatch.setattr(f"acd.queue_log.writer.log.{level}", lambda event, **fields: said.append(event))
    path = tmp_path / "absent" / "queue_log"
    writer = Writer(path, lambda: EVERYBODY)
    writer.start()
    writer.tell([ANNA])
    until(lambda: said, "the complaint")
    told = writer.state()
    assert (told.file, told.writable, told.lost) == (str(path), False, 0)
    assert told.why_not == f"{path} cannot be written: No such file or directory"
    path.parent.mkdir()
    until(lambda: path.exists() and len(verbs(path)) == 2, "what was told meanwhile")
    writer.close()
    assert said == ["queue_log.cannot_write", "queue_log.written_again"]
    assert (writer.state().writable, writer.state().why_not, writer.state().behind) == (True, "", 0)
    assert Reader().read(path).odd == []


def test_what_memory_cannot_hold_is_counted_and_the_members_are_told_whole(path):
    """Lines are missing then, and still every pair closes."""
    writer = Writer(path, lambda: EVERYBODY, behind_max=2)
    writer.tell([ANNA, entered("1.1")])
    writer.tell([BRUNO, Session(112, "agent/anna", (), None)])
    assert (writer.state().lost, writer.state().behind) == (2, 2)
    writer.start()
    until(lambda: path.exists() and len(verbs(path)) == 3, "what was held")
    writer.tell([Line(210, "NONE", "NONE", "NONE", Verb.CONFIGRELOAD)])
    writer.close()
    reader = Reader().read(path)
    assert reader.odd == []
    assert not reader.members
    assert "agent/bruno" in reader.agents


def test_a_report_stumbles_over_what_is_out_of_order(path):
    """The reader of these tests would tell."""
    path.write_text("9|1.1|a|x|CONNECT|1|i|0\n8|1.1|a|NONE|ABANDON|1|1|x\n9|NONE|a|x|PAUSE|y\n")
    assert len(Reader().read(path).odd) == 5
