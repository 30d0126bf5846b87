"""A torn tail is forgiven; anything else that is not as it was written is an error that says where."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from acd.errors import JournalError
from acd.journal.frames import HEAD_BYTES, frame, payloads
from acd.journal.segments import Segment
from tests.journal.made import journal_of, segments

FILE = Path("1700000000000.journal")
BODIES = [b"first of all", b"second", b"the third and last"]


def read(content: bytes) -> list[bytes]:
    """The payloads of a file of this content."""
    return [bytes(payload) for _, payload in payloads(content, FILE)]


def test_frames_come_back_in_order() -> None:
    """With the place where each begins."""
    content = b"".join(map(frame, BODIES))
    assert read(content) == BODIES
    assert [at for at, _ in payloads(content, FILE)] == [0, 28, 50]
    assert read(b"") == []


def test_a_tail_torn_at_any_byte_is_forgiven() -> None:
    """Whole frames are read, what is left of the last one is not."""
    content = b"".join(map(frame, BODIES))
    ends = [HEAD_BYTES + len(BODIES[0]), 2 * HEAD_BYTES + len(BODIES[0] + BODIES[1]), len(content)]
    for size in range(len(content) + 1):
        assert read(content[:size]) == BODIES[: sum(size >= end for end in ends)], size


@pytest.mark.parametrize("flip", [0x01, 0x80, 0xFF])
def test_any_flipped_byte_is_an_error_that_says_where(flip: int) -> None:
    """Mark, length, either checksum or content: nothing is taken for a torn tail."""
    content = b"".join(map(frame, BODIES))
    begins = [0, 28, 50]
    for at in range(len(content)):
        damaged = bytearray(content)
        damaged[at] ^= flip
        with pytest.raises(JournalError) as caught:
            read(bytes(damaged))
        begin = max(each for each in begins if each <= at)
        assert f"{FILE} is damaged at byte {begin}:" in str(caught.value)


def test_blocks_that_the_disk_never_got_are_a_torn_tail() -> None:
    """A power cut may leave zeros where the last frames should be."""
    content = b"".join(map(frame, BODIES))
    assert read(content + bytes(4096)) == BODIES
    last = frame(b"x" * 3000)
    assert read(content + last[:1500] + bytes(len(last) - 1500)) == BODIES
    with pytest.raises(JournalError, match="checksum"):
        read(content + last[:1500] + bytes(len(last) - 1500) + frame(b"more"))


# ── the same of real segments ────────────────────────────────────────────────────────────────


def test_a_segment_torn_anywhere_in_its_last_frames_is_read_up_to_there(tmp_path: Path) -> None:
    """Every byte of the last three frames is tried."""
    (file,) = segments(journal_of(tmp_path, count=25, segment_ms=10**9))
    whole = file.read_bytes()
    entries = list(Segment(file).entries())
    begins = [at for at, _ in payloads(whole, file)]
    sizes = [len(Segment(file).entries_of(batch)) for batch in Segment(file).batches()]
    for size in range(begins[-3], len(whole)):
        file.write_bytes(whole[:size])
        complete = sum(begin <= size for begin in begins) - 2  # less the header and the torn one
        assert len(list(Segment(file).entries())) == sum(sizes[:complete]), size
    file.write_bytes(whole)
    assert len(list(Segment(file).entries())) == len(entries)


def test_a_flipped_byte_in_the_middle_of_a_segment_names_file_and_byte(tmp_path: Path) -> None:
    """What stands before it is still read."""
    (file,) = segments(journal_of(tmp_path, count=60, segment_ms=10**9))
    content = bytearray(file.read_bytes())
    begins = [at for at, _ in payloads(bytes(content), file)]
    content[begins[5] + HEAD_BYTES + 3] ^= 0x10
    file.write_bytes(content)
    batches = Segment(file).batches()
    assert len([next(batches) for _ in begins[1:5]]) == 4
    with pytest.raises(JournalError, match=rf"{re.escape(str(file))} is damaged at byte {begins[5]}:"):
        next(batches)
