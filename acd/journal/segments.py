"""The files of a journal as they are read: segments of runs, in order, with nothing missing between them.

``<first moment>.journal`` is a segment, ``<first moment>.world`` the picture of the world it begins with.
Segments of one process are a run. Within a run each segment says how many facts came before it; fewer facts
in the files before are a hole and an error, more are what a disk kept of a write that was made again in the
next file, and are left out.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path
from typing import Final, NamedTuple
from zlib import decompress
from zlib import error as BrokenZip  # noqa: N812  # it is a class

import msgspec

from acd.errors import JournalError
from acd.journal.frames import HEAD_BYTES, frame_size, payloads
from acd.journal.records import SCHEMA, Entry, Header, Opening, Picture

__all__ = [
    "Journal",
    "Numbered",
    "Run",
    "Segment",
    "picture_beside",
    "read_picture",
    "segment_name",
    "start_of",
]

_NAME: Final = re.compile(r"([0-9]{1,16})\.journal")
_ENTRIES: Final = msgspec.msgpack.Decoder(list[Entry])
_HEADER: Final = msgspec.msgpack.Decoder(Header)


class _Schema(msgspec.Struct):
    schema: int


def segment_name(start_ms: int) -> str:
    """The name of a segment that begins then; names sort as times do."""
    return f"{start_ms:013d}.journal"


def start_of(file: Path) -> int | None:
    """When a segment begins, by its name; None: it is none."""
    found = _NAME.fullmatch(file.name)
    return None if found is None else int(found[1])


def picture_beside(segment: Path) -> Path:
    """Where the picture of the world lies with which a segment begins."""
    return segment.with_suffix(".world")


class Numbered(NamedTuple):
    """One entry and its place."""

    number: int
    """How many facts of the run came before it."""
    entry: Entry
    segment: Segment


class Segment:
    """One file."""

    def __init__(self, file: Path) -> None:
        self.file = file
        start_ms = start_of(file)
        if start_ms is None:
            raise JournalError(f"{file} is no segment of a journal: their names are '<milliseconds>.journal'")
        self.start_ms = start_ms

    @cached_property
    def header(self) -> Header:
        """How it begins.

        Raises:
            JournalError: it cannot be read, or another version wrote it.
        """
        payload = self._first_frame
        if payload is None:
            raise JournalError(
                f"{self.file} holds nothing: the process that made it ended in the same moment"
            )
        return self._decoded_header(payload)

    @property
    def is_empty(self) -> bool:
        """Whether not even its header came to the disk."""
        return self._first_frame is None

    @cached_property
    def _first_frame(self) -> memoryview | None:
        with _reading(self.file), self.file.open("rb") as opened:
            content = opened.read(HEAD_BYTES)
            content += opened.read(frame_size(content))
        found = next(payloads(content, self.file), None)
        return None if found is None else found[1]

    @property
    def opens_by_itself(self) -> bool:
        """Whether a replay can begin here."""
        if self.header.opens is Opening.FRESH:
            return True
        return self.header.opens is Opening.GOING_ON and picture_beside(self.file).exists()

    def frames(self) -> Iterator[memoryview]:
        """The payload of each frame, the header's first."""
        for _, payload in payloads(self.content(), self.file):
            yield payload

    def content(self) -> bytes:
        """All its bytes."""
        with _reading(self.file):
            return self.file.read_bytes()

    def batches(self) -> Iterator[memoryview]:
        """The payload of each batch of entries."""
        return self.batches_of(self.content())

    def batches_of(self, content: bytes) -> Iterator[memoryview]:
        """The same of a content that was read before."""
        frames = (payload for _, payload in payloads(content, self.file))
        next(frames, None)
        return frames

    def entries_of(self, batch: memoryview) -> list[Entry]:
        """The entries of one batch."""
        try:
            return _ENTRIES.decode(batch)
        except msgspec.MsgspecError as error:
            raise self._foreign(error) from error

    def entries(self) -> Iterator[Entry]:
        """All entries, in order."""
        for batch in self.batches():
            yield from self.entries_of(batch)

    def _decoded_header(self, payload: memoryview) -> Header:
        try:
            schema = msgspec.msgpack.decode(payload, type=_Schema).schema
            if schema != SCHEMA:
                raise JournalError(
                    f"{self.file} has schema {schema} and this ACD reads schema {SCHEMA}; "
                    "use the version that wrote it"
                )
            return _HEADER.decode(payload)
        except msgspec.MsgspecError as error:
            raise self._foreign(error) from error

    def _foreign(self, error: Exception) -> JournalError:
        return JournalError(
            f"{self.file} holds what this version does not know ({error}); use the one that wrote it"
        )


class Run:
    """What one process wrote, as far as it is still there."""

    def __init__(self, segments: Sequence[Segment]) -> None:
        self.segments = tuple(segments)

    def entries(self) -> Iterator[Numbered]:
        """All entries, in order.

        Raises:
            JournalError: facts are missing between two segments.
        """
        for index, segment in enumerate(self.segments):
            after = self.segments[index + 1] if index + 1 < len(self.segments) else None
            number = segment.header.first
            until = None if after is None or after.header.opens is Opening.AFTER_GAP else after.header.first
            for entry in segment.entries():
                if until is not None and number >= until:
                    break
                yield Numbered(number, entry, segment)
                number += 1
            if after is not None and until is not None and number < until:
                raise JournalError(
                    f"facts {number} to {until - 1} are missing between {segment.file} and "
                    f"{after.file.name}; a replay can go on from the next picture"
                )


class Journal:
    """All segments of some folders and files, in order of time."""

    def __init__(self, places: Sequence[Path]) -> None:
        files = [file for place in places for file in _files(place)]
        found = {file.resolve(): Segment(file) for file in files}
        ordered = sorted(found.values(), key=lambda segment: (segment.start_ms, segment.file.name))
        self.segments = tuple(segment for segment in ordered if not segment.is_empty)
        if not self.segments:
            raise JournalError(f"there is no journal in {', '.join(map(str, places))}")

    @cached_property
    def runs(self) -> tuple[Run, ...]:
        """Its runs, oldest first."""
        grouped: dict[tuple[int, int], list[Segment]] = {}
        for segment in self.segments:
            grouped.setdefault((segment.header.run_ms, segment.header.epoch), []).append(segment)
        return tuple(Run(segments) for segments in grouped.values())

    def chain_to(self, at_ms: int) -> Run:
        """What must be replayed to come to a moment: from the nearest picture, or the start of a process.

        Raises:
            JournalError: the journal does not reach back to there, or has a gap on the way.
        """
        last = bisect_right(self.segments, at_ms, key=lambda segment: segment.start_ms) - 1
        if last < 0:
            raise JournalError("the journal begins later than that; what is older than its hours is removed")
        return self.chain(last)

    def chain(self, last: int) -> Run:
        """The same for the end of one of its segments."""
        run_ms = self.segments[last].header.run_ms
        for first in range(last, -1, -1):
            segment = self.segments[first]
            if segment.header.run_ms != run_ms:
                break
            if segment.header.opens is Opening.AFTER_GAP:
                raise JournalError(
                    f"facts before {segment.file} were not recorded, for the disk would not take them; "
                    "it can be read (acd explain), and not replayed"
                )
            if segment.opens_by_itself:
                return Run(self.segments[first : last + 1])
        raise JournalError(
            f"{self.segments[last].file} cannot be replayed: what came before it in its process "
            "has been removed"
        )


def read_picture(segment: Segment) -> Picture:
    """The picture beside a segment.

    Raises:
        JournalError: it is damaged, or of something else.
    """
    file = picture_beside(segment.file)
    try:
        content = file.read_bytes()
        (found,) = payloads(content, file)
        picture = msgspec.msgpack.decode(decompress(found[1]), type=Picture)
    except (OSError, ValueError, BrokenZip, msgspec.MsgspecError) as error:
        raise JournalError(
            f"{file} is no whole picture ({error}); remove it, an earlier one will do"
        ) from error
    if (picture.run_ms, picture.facts) != (segment.header.run_ms, segment.header.first):
        raise JournalError(f"{file} belongs to another segment; remove it, an earlier one will do")
    return picture


@contextmanager
def _reading(file: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise JournalError(f"{file} cannot be read: {error.strerror}.") from error


def _files(place: Path) -> list[Path]:
    if not place.is_dir():
        return [place]
    return [file for file in place.iterdir() if start_of(file) is not None]
