"""A journal runs again to the byte, from its start and from its pictures, or says what differs first."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

from acd.core.freezing import freeze
from acd.errors import JournalError
from acd.journal.frames import frame
from acd.journal.picturing import DIFFERS, PictureMaker, make_picture
from acd.journal.records import Opening
from acd.journal.replaying import begin, replay, until
from acd.journal.segments import Journal, Run, Segment, picture_beside, read_picture
from tests.core.stage import a_centre, history
from tests.journal.made import PaintsHere, Written, journal_of, segments
from tests.journal.test_recorder import until as wait_until


@pytest.mark.parametrize("seed", range(3))
def test_a_journal_replays_to_the_byte(tmp_path: Path, seed: int) -> None:
    """From the first segment on, through all."""
    told, _ = history(seed, 600)
    replayed = replay(Journal([journal_of(tmp_path, seed, 600)]))
    assert (replayed.facts, replayed.difference, replayed.skipped) == (len(told), None, ())
    assert (replayed.from_ms, replayed.until_ms) == (told[0][1], told[-1][1])
    assert replayed.orders > 0
    assert replayed.facts_per_s > 0


def test_it_replays_from_any_picture_when_what_came_before_is_gone(tmp_path: Path) -> None:
    """As it is after 72 hours: the oldest segment left opens with a picture."""
    folder = journal_of(tmp_path, count=600, painter=PaintsHere())
    files = segments(folder)
    for gone in range(1, len(files)):
        files[gone - 1].unlink()
        left = sum(1 for file in files[gone:] for _ in Segment(file).entries())
        replayed = replay(Journal([folder]))
        assert (replayed.facts, replayed.difference, replayed.skipped) == (left, None, ())


def test_the_picture_is_the_world_of_that_moment(tmp_path: Path) -> None:
    """Slot by slot what the engine itself was when the segment began."""
    folder = journal_of(tmp_path, count=600, painter=PaintsHere())
    told, _ = history(7, 600)
    engine = a_centre()
    done = 0
    for segment in Journal([folder]).segments[1:]:
        picture = read_picture(segment)
        for fact, now_ms in told[done : picture.facts]:
            engine.handle(fact, now_ms)
        done = picture.facts
        assert msgspec.msgpack.encode(picture.world) == msgspec.msgpack.encode(freeze(engine.world))


def test_a_moment_is_replayed_from_the_nearest_picture(tmp_path: Path) -> None:
    """The chain begins with the segment the moment lies in, and the world is that of the moment."""
    folder = journal_of(tmp_path, count=600, painter=PaintsHere())
    told, _ = history(7, 600)
    journal = Journal([folder])
    at_ms = told[len(told) * 2 // 3][1]
    run = journal.chain_to(at_ms)
    assert len(run.segments) == 1
    assert run.segments[0].start_ms <= at_ms
    engine, other = begin(run.segments[0]), a_centre()
    until(engine, run, at_ms)
    for fact, now_ms in told:
        if now_ms <= at_ms:
            other.handle(fact, now_ms)
    assert msgspec.msgpack.encode(freeze(engine.world)) == msgspec.msgpack.encode(freeze(other.world))


def test_without_a_picture_the_chain_is_longer(tmp_path: Path) -> None:
    """A picture that could not be made costs time, nothing else."""
    folder = journal_of(tmp_path, count=600, painter=PaintsHere())
    journal = Journal([folder])
    picture_beside(journal.segments[2].file).unlink()
    assert len(journal.chain(2).segments) == 2
    assert journal.chain(2).segments[0] is journal.segments[1]


# ── what differs ─────────────────────────────────────────────────────────────────────────────


def test_the_first_order_that_differs_is_named(tmp_path: Path) -> None:
    """With fact, moment, and both orders: here the journal's header says another ring time."""
    (file,) = segments(journal_of(tmp_path, 6, count=300, segment_ms=10**9))
    segment = Segment(file)
    header, frames = segment.header, [bytes(each) for each in segment.frames()]
    queues = {name: msgspec.structs.replace(each, ring_s=44) for name, each in header.rules.queues.items()}
    rules = msgspec.structs.replace(header.rules, queues=queues)
    frames[0] = msgspec.msgpack.encode(msgspec.structs.replace(header, rules=rules))
    file.write_bytes(b"".join(map(frame, frames)))
    found = replay(Journal([tmp_path])).difference
    assert found is not None
    told, _ = history(6, 300)
    assert repr(told[found.fact_number][0]) == found.fact
    assert told[found.fact_number][1] == found.at_ms
    assert found.segment == str(file)
    assert "ring_s=20" in found.expected
    assert found.got == found.expected.replace("ring_s=20", "ring_s=44")
    assert found.version == "test"


def test_an_order_more_or_less_is_a_difference(tmp_path: Path) -> None:
    """``expected`` or ``got`` is empty then."""
    (file,) = segments(journal_of(tmp_path, count=100, segment_ms=10**9))
    frames = [bytes(each) for each in Segment(file).frames()]
    raw = msgspec.msgpack.decode(frames[1], type=list[msgspec.Raw])
    first = msgspec.msgpack.decode(raw[0])
    first[2].append({"type": "LookAgain", "call": "x-1.1", "node": "milano"})
    frames[1] = msgspec.msgpack.encode([first, *raw[1:]])
    file.write_bytes(b"".join(map(frame, frames)))
    found = replay(Journal([tmp_path])).difference
    assert found is not None
    assert (found.fact_number, found.got) == (0, "")
    assert found.expected.startswith("LookAgain(")


# ── what cannot be replayed ──────────────────────────────────────────────────────────────────


def test_a_segment_that_is_missing_in_the_middle_is_an_error(tmp_path: Path) -> None:
    """The numbers say so."""
    folder = journal_of(tmp_path, count=600)
    segments(folder)[2].unlink()
    with pytest.raises(JournalError, match=r"facts \d+ to \d+ are missing between .* and "):
        replay(Journal([folder]))


def test_what_lost_its_beginning_says_so(tmp_path: Path) -> None:
    """No picture, no first segment: nothing to begin with."""
    folder = journal_of(tmp_path, count=600)
    segments(folder)[0].unlink()
    with pytest.raises(JournalError, match="nothing here can be replayed"):
        replay(Journal([folder]))
    with pytest.raises(JournalError, match="what came before it in its process has been removed"):
        Journal([folder]).chain(1)
    with pytest.raises(JournalError, match="the journal begins later than that"):
        Journal([folder]).chain_to(0)


def test_an_empty_folder_is_no_journal(tmp_path: Path) -> None:
    """Nor is a file with another name."""
    with pytest.raises(JournalError, match="there is no journal in"):
        Journal([tmp_path])
    with pytest.raises(JournalError, match="is no segment of a journal"):
        Journal([tmp_path / "acd.log"])


def test_a_segment_of_which_nothing_came_to_the_disk_is_left_out(tmp_path: Path) -> None:
    """The process was killed in the moment it made the file."""
    folder = journal_of(tmp_path, count=600)
    header = next(iter(segments(folder))).read_bytes()
    for number, size in enumerate((0, 7, 40)):
        (folder / f"18000000000{number:02d}.journal").write_bytes(header[:size])
    assert replay(Journal([folder])).difference is None


@pytest.mark.parametrize("what", ["another schema", "another shape"])
def test_a_header_of_another_version_is_refused(tmp_path: Path, what: str) -> None:
    """In words."""
    file = tmp_path / "1700000000000.journal"
    body = {"schema": 2} if what == "another schema" else {"schema": 1, "version": "9"}
    file.write_bytes(frame(msgspec.msgpack.encode(body)))
    match = "has schema 2" if what == "another schema" else "what this version does not know"
    with pytest.raises(JournalError, match=match):
        _ = Segment(file).header


def test_a_fact_of_another_version_is_refused(tmp_path: Path) -> None:
    """The file is named."""
    (file,) = segments(journal_of(tmp_path, count=20, segment_ms=10**9))
    odd = msgspec.msgpack.encode([[1, {"type": "MoonRose"}, [], []]])
    file.write_bytes(file.read_bytes() + frame(odd))
    with pytest.raises(JournalError, match=r"holds what this version does not know.*MoonRose"):
        replay(Journal([tmp_path]))


def test_a_damaged_or_foreign_picture_is_refused(tmp_path: Path) -> None:
    """It can be removed; an earlier one will do."""
    folder = journal_of(tmp_path, count=600, painter=PaintsHere())
    journal = Journal([folder])
    one, other = (picture_beside(journal.segments[index].file) for index in (1, 2))
    other.write_bytes(one.read_bytes())
    with pytest.raises(JournalError, match="belongs to another segment"):
        begin(journal.segments[2])
    one.write_bytes(one.read_bytes()[:-3])
    with pytest.raises(JournalError, match="is no whole picture"):
        begin(journal.segments[1])
    one.unlink()
    other.unlink()
    assert replay(Journal([folder])).difference is None


# ── the process that makes them ──────────────────────────────────────────────────────────────


def test_pictures_are_made_by_a_process_beside_the_recorder(tmp_path: Path) -> None:
    """Of every segment but the first, in order."""
    written = Written(tmp_path, painter=PictureMaker())
    written.tell(history(7, 300)[0], each=True)
    count = len(segments(tmp_path)) - 1
    assert count >= 2
    wait_until(lambda: written.recorder.state().pictures == count, 60.0)
    state = written.recorder.state()
    written.recorder.close()
    assert (state.pictures_failed, state.replayable) == (0, True)
    assert all(each.opens_by_itself for each in Journal([tmp_path]).segments)


def test_a_recorder_that_is_closed_stops_its_process(tmp_path: Path) -> None:
    """Nothing writes there afterwards."""
    maker = PictureMaker()
    written = Written(tmp_path, painter=maker, gather_s=0.0)
    written.tell(history(7, 300)[0], each=True)
    written.recorder.close()
    assert maker._running is None


def test_a_replay_that_differs_makes_no_picture_and_is_told(tmp_path: Path) -> None:
    """An engine that would hang on something else than its facts is found out within five minutes."""
    maker = PictureMaker()
    written = Written(tmp_path, painter=maker)
    told, _ = history(7, 300)
    for fact, now_ms in told:
        outcome = written.engine.handle(fact, now_ms)
        changed = [
            msgspec.structs.replace(each, node="elsewhere") if hasattr(each, "node") else each
            for each in outcome.orders
        ]
        written.recorder.observe(fact, changed, outcome.notes, 0.0)
        written.recorder.flush()
    wait_until(lambda: maker.differs, 60.0)
    written.recorder.close()
    assert not written.recorder.state().replayable
    assert (maker.made, maker.failed) == (0, 1)
    assert not list(tmp_path.glob("*.world"))


def test_a_picture_of_a_segment_that_is_gone_cannot_be_made(tmp_path: Path) -> None:
    """It fails, and says of what."""
    folder = journal_of(tmp_path, count=600)
    first, second, *_ = segments(folder)
    first.unlink()
    with pytest.raises(JournalError, match="is gone"):
        make_picture(first, second)
    assert DIFFERS != 0


def test_two_runs_are_replayed_one_after_the_other(tmp_path: Path) -> None:
    """A restart begins fresh."""
    journal_of(tmp_path, 7, 200)
    later = Written(tmp_path)
    told = [(fact, now_ms + 10**7) for fact, now_ms in history(8, 200)[0]]
    later.tell(told)
    later.recorder.close()
    journal = Journal([tmp_path])
    assert len(journal.runs) == 2
    assert replay(journal).facts == len(history(7, 200)[0]) + len(told)
    assert isinstance(journal.runs[1], Run)
    assert journal.runs[1].segments[0].header.opens is Opening.FRESH
