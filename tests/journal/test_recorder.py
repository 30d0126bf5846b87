"""What the recorder writes, when it begins anew, what it removes, and what it does when the disk will not."""

from __future__ import annotations

import contextlib
import os
import signal
import stat
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from time import monotonic, sleep

import msgspec
import pytest

from acd.core.facts import DeadlineReached, RulesChanged
from acd.errors import JournalError
from acd.journal import recorder as recording
from acd.journal.recorder import HOUR_MS, forget
from acd.journal.records import Opening
from acd.journal.replaying import replay
from acd.journal.segments import Journal, Segment, segment_name
from tests.core.builders import START_MS
from tests.core.stage import history
from tests.journal.made import PaintsHere, Written, journal_of, segments

ROOT = Path(__file__).parents[2]


def told_at(moments: list[int]) -> list[tuple[DeadlineReached, int]]:
    """Facts that only let time pass."""
    return [(DeadlineReached(), START_MS + moment) for moment in moments]


def until(is_so, limit_s: float = 20.0) -> None:
    """Let the recorder's thread run until it is so."""
    began_s = monotonic()
    while not is_so():
        assert monotonic() - began_s < limit_s
        sleep(0.002)


# ── what is written ──────────────────────────────────────────────────────────────────────────


def test_every_fact_stands_in_it_in_order_with_what_came_of_it(tmp_path: Path) -> None:
    """Moment, fact, orders and notes are those of the engine."""
    told, _ = history(7, 300)
    written = Written(tmp_path)
    outcomes = []
    for fact, now_ms in told:
        outcome = written.engine.handle(fact, now_ms)
        written.recorder.observe(fact, outcome.orders, outcome.notes, 0.0)
        outcomes.append(outcome)
    written.recorder.close()
    (run,) = Journal([tmp_path]).runs
    found = list(run.entries())
    assert [(each.entry.fact, each.entry.now_ms) for each in found] == told
    assert [each.entry.ordered() for each in found] == [outcome.orders for outcome in outcomes]
    assert [each.entry.noted() for each in found] == [outcome.notes for outcome in outcomes]
    assert [each.number for each in found] == list(range(len(told)))
    state = written.recorder.state()
    assert (state.facts, state.lost, state.behind_bytes, state.writable) == (len(told), 0, 0, True)
    assert (state.folder, state.oldest_ms, state.behind_ms) == (str(tmp_path), told[0][1], 0)


def test_only_its_owner_reads_it(tmp_path: Path) -> None:
    """0600 for every file, 0700 for the folder, whatever the umask says."""
    before = os.umask(0)
    try:
        folder = journal_of(tmp_path / "new" / "journal", painter=PaintsHere())
    finally:
        os.umask(before)
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert {file.suffix for file in folder.iterdir()} == {".journal", ".world"}
    assert {stat.S_IMODE(file.stat().st_mode) for file in folder.iterdir()} == {0o600}


def test_nobody_but_the_recorder_makes_a_flush_wait_for_ever(tmp_path: Path) -> None:
    """A recorder that was closed answers at once."""
    written = Written(tmp_path)
    written.recorder.close()
    assert written.recorder.flush(60.0)


# ── rotation and retention ───────────────────────────────────────────────────────────────────


def test_a_new_segment_begins_after_its_time(tmp_path: Path) -> None:
    """Names are the first moments; headers say how they open and what came before."""
    written = Written(tmp_path, segment_ms=1_000)
    written.tell(told_at([0, 500, 999, 1_000, 1_500, 2_100]), each=True)
    written.recorder.close()
    files = segments(tmp_path)
    assert [file.name for file in files] == [segment_name(START_MS + each) for each in (0, 1_000, 2_100)]
    headers = [Segment(file).header for file in files]
    assert [header.opens for header in headers] == [Opening.FRESH, Opening.GOING_ON, Opening.GOING_ON]
    assert [header.first for header in headers] == [0, 3, 5]
    assert {header.run_ms for header in headers} == {START_MS}
    assert [header.roster is None for header in headers] == [False, True, True]
    assert {header.epoch for header in headers} == {written.engine.world.epoch}


def test_a_new_segment_begins_at_its_size(tmp_path: Path) -> None:
    """However short the time."""
    journal_of(tmp_path, segment_ms=10**9, segment_bytes=20_000)
    sizes = [file.stat().st_size for file in segments(tmp_path)]
    assert len(sizes) > 2
    assert all(20_000 <= size < 40_000 for size in sizes[:-1])


def test_two_segments_of_one_millisecond_have_two_names(tmp_path: Path) -> None:
    """A process that starts in the millisecond in which another did takes nothing from it."""
    for _ in range(3):
        written = Written(tmp_path)
        written.tell(told_at([0]))
        written.recorder.close()
    assert [file.name for file in segments(tmp_path)] == [segment_name(START_MS + each) for each in range(3)]


def test_what_is_older_than_its_hours_is_removed(tmp_path: Path) -> None:
    """Segments go with their pictures; the one in which the last hours begin stays whole."""
    written = Written(tmp_path, segment_ms=HOUR_MS // 4, hours=1, painter=PaintsHere())
    written.tell(told_at([number * HOUR_MS // 4 for number in range(12)]), each=True)
    written.recorder.close()
    names = [segment_name(START_MS + number * HOUR_MS // 4) for number in range(12)]
    kept = [number for number, name in enumerate(names) if (tmp_path / name).exists()]
    assert kept == [7, 8, 9, 10, 11]
    assert {file.stem for file in tmp_path.glob("*.world")} == {file.stem for file in segments(tmp_path)}
    assert written.recorder.state().oldest_ms == START_MS + 7 * HOUR_MS // 4


def test_the_last_segment_is_never_removed(tmp_path: Path) -> None:
    """However old it is."""
    journal_of(tmp_path)
    count = len(segments(tmp_path))
    assert forget(tmp_path, START_MS * 2) == count - 1
    assert len(segments(tmp_path)) == 1


def test_the_next_header_knows_new_rules(tmp_path: Path) -> None:
    """Rules that changed in one segment stand in the header of the next, and not in its own."""
    written = Written(tmp_path, segment_ms=1_000)
    old = written.engine.world.rules
    new = msgspec.structs.replace(old, revision="new")
    moments = told_at([0, 500, 1_000])
    written.tell(moments[:1], each=True)
    written.recorder.observe(RulesChanged(rules=new), (), (), 0.0)
    written.tell(moments[1:], each=True)
    written.recorder.close()
    assert [Segment(file).header.rules.revision for file in segments(tmp_path)] == [old.revision, "new"]


# ── the disk will not ────────────────────────────────────────────────────────────────────────


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of 1 MB that a test can fill: a real one, where this process may mount it."""
    folder = tmp_path / "disk"
    folder.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=1m", "acd-test", folder], capture_output=True, check=False
    )
    if mounted.returncode:
        pytest.skip("no disk of its own for this test: this process may not mount one")
    yield folder
    subprocess.run(["umount", "-l", folder], check=True)


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Between two tries next to nothing."""
    monkeypatch.setattr(recording, "BACK_OFF_S", (0.01,))


def fill(folder: Path) -> Path:
    """Write until nothing goes any more."""
    junk = folder / "junk"
    with junk.open("wb", buffering=0) as out, contextlib.suppress(OSError):
        while out.write(b"x" * 64):
            pass
    return junk


@pytest.mark.usefixtures("impatient")
def test_on_a_full_disk_nothing_is_lost_and_all_is_written_when_there_is_room(small_disk: Path) -> None:
    """The state says why; the engine never waits; the journal replays as if nothing had been."""
    told, _ = history(3, 800)
    written = Written(small_disk)
    written.tell(told[:100])
    assert written.recorder.flush()
    junk = fill(small_disk)
    written.tell(told[100:500])
    until(lambda: not written.recorder.state().writable)
    assert "is full; free space there, the rest happens by itself" in written.recorder.state().why_not
    assert not written.recorder.flush(0.05)
    written.tell(told[500:])
    state = written.recorder.state()
    assert 0 < state.behind_bytes < state.behind_bytes_max
    assert state.behind_ms == written.engine.world.now_ms - told[100][1], "since the disk was full"
    assert list(Journal([small_disk]).segments[0].entries()), "what stands there can be read meanwhile"
    junk.unlink()
    until(lambda: written.recorder.state().writable)
    assert written.recorder.flush()
    state = written.recorder.state()
    written.recorder.close()
    assert (state.facts, state.lost, state.behind_bytes, state.replayable) == (len(told), 0, 0, True)
    replayed = replay(Journal([small_disk]))
    assert (replayed.facts, replayed.difference) == (len(told), None)


@pytest.mark.usefixtures("impatient")
def test_a_disk_that_is_full_from_the_start_is_written_when_there_is_room(small_disk: Path) -> None:
    """No half segment is left behind."""
    junk = fill(small_disk)
    told, _ = history(3, 100)
    written = Written(small_disk / "journal")
    written.tell(told)
    until(lambda: not written.recorder.state().writable)
    junk.unlink()
    assert written.recorder.flush()
    written.recorder.close()
    assert replay(Journal([small_disk / "journal"])).facts == len(told)


@pytest.mark.usefixtures("impatient")
def test_beyond_its_bound_facts_are_left_out_counted_and_told(small_disk: Path) -> None:
    """The part before the gap replays, the part after it can be read, and says so."""
    told, _ = history(3, 800)
    written = Written(small_disk, behind_bytes_max=20_000, segment_ms=10**9)
    written.tell(told[:100], each=True)
    junk = fill(small_disk)
    written.tell(told[100:600])
    state = written.recorder.state()
    assert state.lost > 0
    assert not state.replayable
    junk.unlink()
    until(lambda: written.recorder.state().behind_bytes == 0 and written.recorder.state().writable)
    until(lambda: not written.recorder._dropping)
    written.tell(told[600:], each=True)
    written.recorder.close()
    state = written.recorder.state()
    assert state.facts + state.lost == len(told)
    after = [each for each in Journal([small_disk]).segments if each.header.opens is Opening.AFTER_GAP]
    assert len(after) == 1
    assert after[0].header.first == len(told) - sum(1 for _ in after[0].entries())
    replayed = replay(Journal([small_disk]))
    assert replayed.difference is None
    assert replayed.facts == state.facts - sum(1 for _ in after[0].entries())
    assert replayed.skipped == (str(after[0].file),)
    with pytest.raises(JournalError, match="were not recorded, for the disk would not take them"):
        Journal([small_disk]).chain_to(told[-1][1])


@pytest.mark.usefixtures("impatient")
def test_what_was_not_confirmed_and_cannot_be_cut_off_is_written_to_a_new_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What the disk kept of the first try is left out by the reader: nothing comes twice."""
    told, _ = history(3, 300)
    written = Written(tmp_path, segment_ms=10**9)
    written.tell(told[:100])
    assert written.recorder.flush()
    fsync, truncate = os.fsync, os.ftruncate
    troubles = iter([True])

    def failing(file: int) -> None:
        fsync(file)
        if next(troubles, False):
            raise OSError(5, "Input/output error")

    def refusing(file: int, size: int) -> None:
        raise OSError(5, "Input/output error")

    monkeypatch.setattr(recording.os, "fsync", failing)
    monkeypatch.setattr(recording.os, "ftruncate", refusing)
    written.tell(told[100:200])
    assert written.recorder.flush()
    monkeypatch.setattr(recording.os, "ftruncate", truncate)
    written.tell(told[200:])
    written.recorder.close()
    assert len(segments(tmp_path)) > 1
    assert sum(len(list(Segment(file).entries())) for file in segments(tmp_path)) > len(told)
    replayed = replay(Journal([tmp_path]))
    assert (replayed.facts, replayed.difference) == (len(told), None)


def test_a_folder_that_cannot_be_made_is_a_visible_state(tmp_path: Path) -> None:
    """Routing goes on."""
    (tmp_path / "file").write_text("no folder")
    written = Written(tmp_path / "file" / "journal")
    written.tell(told_at([0]))
    until(lambda: not written.recorder.state().writable)
    assert "cannot be written: Not a directory" in written.recorder.state().why_not
    written.recorder.close()


# ── killed ───────────────────────────────────────────────────────────────────────────────────


def test_a_process_that_is_killed_leaves_a_journal_that_replays(tmp_path: Path) -> None:
    """Whatever was confirmed is there; the torn tail is forgiven."""
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.journal.made", tmp_path], cwd=ROOT, stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    confirmed = 0
    for line in process.stdout:
        confirmed = int(line)
        if confirmed >= 1_500:
            break
    process.send_signal(signal.SIGKILL)
    process.communicate()
    replayed = replay(Journal([tmp_path]))
    assert replayed.difference is None
    assert replayed.facts >= confirmed
