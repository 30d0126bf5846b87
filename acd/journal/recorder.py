"""Writes the journal beside the engine: facts are encoded as they are handled, a thread does the rest.

On the loop one fact costs its encoding and one append. A tenth of a second later the thread takes what has
gathered, writes it as one frame and has the disk confirm it: that is what a power cut or ``kill -9`` can
take. Every five minutes, or 32 MB, it begins a new segment, has a picture made of the world as it stands
there (``acd.journal.picturing``, a process of its own), and removes what is older than the journal's hours.

The disk may be full, slow or gone. What was not confirmed is cut off the file again and written anew, after
0.5 s and then ever more, up to 15 s; where even the cutting fails, it goes to a new file. Memory holds 64 MB:
three quarters of an hour at 10 calls a second. Beyond that facts are left out and counted, and when the disk
is back a new segment says that it comes after a gap: from there on the journal can be read, not replayed.
A restart of the ACD mends that, for a process begins with a fresh segment.
"""

from __future__ import annotations

import contextlib
import errno
import os
import threading
from collections import deque
from collections.abc import Callable, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Final, Protocol

import msgspec
import structlog

from acd.core.facts import Fact, RulesChanged
from acd.core.notes import Note
from acd.core.orders import Order
from acd.core.policy import Roster, RuleSet
from acd.errors import JournalError
from acd.journal.frames import frame
from acd.journal.records import Header, Opening, batch_of
from acd.journal.segments import picture_beside, segment_name, start_of
from acd.journal.state import JournalState

__all__ = ["BEHIND_BYTES_MAX", "HOUR_MS", "Painter", "Recorder", "forget"]

GATHER_S: Final = 0.1
TURN_BYTES_MAX: Final = 4 * 1024 * 1024
"""Written and confirmed at once."""
BACK_OFF_S: Final = (0.5, 1.0, 2.0, 4.0, 8.0, 15.0)
BEHIND_BYTES_MAX: Final = 64 * 1024 * 1024
SEGMENT_MS: Final = 300_000
SEGMENT_BYTES: Final = 32 * 1024 * 1024
"""What a bad day (100 calls a second) writes in two minutes: a question replays one segment at most."""
HOUR_MS: Final = 3_600_000
HOURS_DEFAULT: Final = 72
FLUSH_S_MAX: Final = 5.0

log = structlog.get_logger(__name__)


class Painter(Protocol):
    """Makes pictures of worlds, elsewhere."""

    made: int
    failed: int
    differs: bool
    """A replay of what was written did otherwise than the engine."""

    def order(self, segment: Path, following: Path) -> None:
        """Have the picture of the world made with which ``following`` begins, from ``segment``."""

    def look(self) -> None:
        """See how far it is; called again and again."""

    def close(self) -> None:
        """Stop."""


class _Moment(msgspec.Struct, array_like=True):
    now_ms: int


_MOMENT: Final = msgspec.msgpack.Decoder(_Moment)


class Recorder:
    """Hears everything (the ``Observer`` port of the runtime) and keeps it."""

    def __init__(
        self,
        folder: Path,
        *,
        rules: RuleSet,
        roster: Roster,
        epoch: int,
        version: str,
        now_ms: Callable[[], int],
        painter: Painter | None = None,
        hours: int = HOURS_DEFAULT,
        segment_ms: int = SEGMENT_MS,
        segment_bytes: int = SEGMENT_BYTES,
        behind_bytes_max: int = BEHIND_BYTES_MAX,
        gather_s: float = GATHER_S,
    ) -> None:
        """Begin a run: the engine must be new, with these rules, this roster and this epoch.

        Args:
            folder: Where the segments go; made, mode 0700, when absent.
            rules: The engine's.
            roster: The engine's.
            epoch: The engine's.
            version: Of this ACD.
            now_ms: The engine's own time while it is told of a fact (``world.now_ms``).
            painter: Makes the pictures; None: none are made.
            hours: Segments that ended earlier than so many hours ago are removed.
            segment_ms: A new segment begins after so long …
            segment_bytes: … or when the present one has this size.
            behind_bytes_max: So much is held in memory while the disk will not.
            gather_s: How long facts gather before they are written.
        """
        self._folder = folder
        self._now_ms = now_ms
        self._encode = msgspec.msgpack.Encoder().encode
        self._line: deque[bytes | RuleSet] = deque()
        self._put = self._lost = 0
        self._dropping = False
        self._behind_bytes_max = behind_bytes_max
        self._gather_s = gather_s
        self._stopping = False
        self._wake = threading.Event()
        self._turned = threading.Condition()
        self._writer = _Writer(
            folder,
            Header(
                version=version,
                epoch=epoch,
                run_ms=0,
                first=0,
                opens=Opening.FRESH,
                rules=rules,
                roster=roster,
            ),
            painter=painter,
            keep_ms=hours * HOUR_MS,
            segment_ms=segment_ms,
            segment_bytes=segment_bytes,
        )
        self._failures = 0
        self._thread = threading.Thread(target=self._run, name="journal", daemon=True)

    def start(self) -> None:
        """Begin to write what is told."""
        self._thread.start()

    # ── on the loop ──────────────────────────────────────────────────────────────────────────

    def observe(self, fact: Fact, orders: Sequence[Order], notes: Sequence[Note], took_s: float) -> None:  # noqa: ARG002  # the port's signature
        """Keep one fact with what it led to."""
        if self._dropping:
            self._lost += 1
            return
        entry = self._encode((self._now_ms(), fact, orders, notes))
        self._line.append(entry)
        self._put += len(entry)
        if type(fact) is RulesChanged:
            self._line.append(fact.rules)
        if self._put - self._writer.taken_bytes > self._behind_bytes_max:
            self._dropping = True

    def loop_lag(self, seconds: float) -> None:
        """Nothing to keep (the port's other half)."""

    def state(self) -> JournalState:
        """How it does."""
        writer = self._writer
        painter = writer.painter
        return JournalState(
            folder=str(self._folder),
            writable=not writer.why_not,
            why_not=writer.why_not,
            facts=writer.facts,
            behind_ms=self._behind_ms(),
            behind_bytes=self._put - writer.taken_bytes,
            behind_bytes_max=self._behind_bytes_max,
            lost=self._lost,
            replayable=not writer.has_gap and not self._dropping and not (painter and painter.differs),
            oldest_ms=writer.oldest_ms,
            segment=writer.segment,
            pictures=painter.made if painter else 0,
            pictures_failed=painter.failed if painter else 0,
        )

    def keep_hours(self, hours: int) -> None:
        """Segments that ended earlier than so many hours ago are removed from now on."""
        self._writer.keep_ms = hours * HOUR_MS

    def _behind_ms(self) -> int:
        """The age of the oldest fact that is not on the disk; the thread may take it while we look."""
        lines: tuple[Sequence[bytes | RuleSet], ...] = (self._writer.in_hand, self._line)
        for waiting in lines:
            with contextlib.suppress(IndexError):
                first = waiting[0]
                if isinstance(first, bytes):
                    return max(0, self._now_ms() - _MOMENT.decode(first).now_ms)
        return 0

    # ── from any other thread ────────────────────────────────────────────────────────────────

    def flush(self, limit_s: float = FLUSH_S_MAX) -> bool:
        """Wait until what was told so far is on the disk; False if it would not go there in time."""
        wanted = self._put
        with self._turned:
            self._wake.set()
            return self._turned.wait_for(
                lambda: self._writer.taken_bytes >= wanted or not self._thread.is_alive(), limit_s
            )

    def close(self) -> None:
        """Write what is in memory, as far as the disk lets, and stop."""
        self._stopping = True
        self._wake.set()
        if self._thread.ident is not None:
            self._thread.join()
        if self._line:
            log.error("journal.lost_at_close", facts=len(self._line))

    # ── the thread ───────────────────────────────────────────────────────────────────────────

    def _run(self) -> None:
        try:
            stopping = False
            while not stopping:
                self._wake.wait(self._pause_s())
                self._wake.clear()
                stopping = self._stopping
                self._turn()
        except Exception:
            log.exception("journal.failed")
            self._writer.why_not = "the journal failed, which is a defect of ours; restart the ACD"
            self._dropping = True
        finally:
            self._writer.close()
            with self._turned:
                self._turned.notify_all()

    def _pause_s(self) -> float:
        return BACK_OFF_S[min(self._failures, len(BACK_OFF_S)) - 1] if self._failures else self._gather_s

    def _turn(self) -> None:
        """Write all that has gathered, or as much as the disk takes."""
        while self._line or self._writer.in_hand:
            try:
                self._writer.write_from(self._line)
            except OSError as error:
                self._failures += 1
                self._writer.complain(error)
                break
            self._failures = 0
        else:
            if self._dropping:
                self._dropping = False
                self._writer.skip(self._lost)
        self._writer.look()
        with self._turned:
            self._turned.notify_all()


class _Writer:
    """The files, from the thread's side."""

    def __init__(
        self,
        folder: Path,
        header: Header,
        *,
        painter: Painter | None,
        keep_ms: int,
        segment_ms: int,
        segment_bytes: int,
    ) -> None:
        self.painter = painter
        self.why_not = ""
        self.facts = 0
        self.taken_bytes = 0
        """Of all that was put in line, confirmed by the disk."""
        self.has_gap = False
        self.in_hand: list[bytes] = []
        self.oldest_ms: int | None = None
        """When the oldest segment of the folder begins, as of the last look."""
        self._folder = folder
        self._header = header
        self._skipped = 0
        self.keep_ms = keep_ms
        self._segment_ms = segment_ms
        self._segment_bytes = segment_bytes
        self._file: int | None = None
        self._path: Path | None = None
        self._start_ms = 0
        self._size = 0
        self._must_rotate = False
        self._rules: RuleSet | None = None

    @property
    def segment(self) -> str:
        return self._path.name if self._path is not None else ""

    def write_from(self, line: deque[bytes | RuleSet]) -> None:
        """Write one batch, confirmed; what stays in hand on an error is the first of the next."""
        if not self.in_hand:
            self._take(line)
        if self.in_hand:
            self._write()
        if self._rules is not None and not self.in_hand:
            self._header = msgspec.structs.replace(self._header, rules=self._rules)
            self._rules = None

    def _take(self, line: deque[bytes | RuleSet]) -> None:
        """Take a batch; it ends where the rules change, so that the next segment's header knows them."""
        size = 0
        while line and size < TURN_BYTES_MAX:
            found = line.popleft()
            if isinstance(found, RuleSet):
                self._rules = found
                return
            self.in_hand.append(found)
            size += len(found)

    def _write(self) -> None:
        now_ms = _MOMENT.decode(self.in_hand[0]).now_ms
        if self._file is None or self._is_over(now_ms):
            self._begin(now_ms)
        assert self._file is not None
        data = frame(batch_of(self.in_hand))
        try:
            _write_all(self._file, data)
            os.fsync(self._file)
        except OSError:
            self._cut()
            raise
        self._size += len(data)
        self.facts += len(self.in_hand)
        self.taken_bytes += sum(map(len, self.in_hand))
        self.in_hand = []
        if self.why_not:
            log.warning("journal.written_again")
            self.why_not = ""

    def _is_over(self, now_ms: int) -> bool:
        old = now_ms - self._start_ms >= self._segment_ms
        return self._must_rotate or old or self._size >= self._segment_bytes

    def _cut(self) -> None:
        """Take back what the disk did not confirm; where that fails, go on in another file."""
        assert self._file is not None
        try:
            os.ftruncate(self._file, self._size)
            os.lseek(self._file, self._size, os.SEEK_SET)
        except OSError:
            self._must_rotate = True

    # ── segments ─────────────────────────────────────────────────────────────────────────────

    def _begin(self, now_ms: int) -> None:
        """Begin a new segment; the one before stays open until this one is there."""
        first = self.facts + self._skipped
        header = msgspec.structs.replace(self._header, run_ms=self._header.run_ms or now_ms, first=first)
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        path, file = _new_file(self._folder, now_ms)
        try:
            data = frame(msgspec.msgpack.encode(header))
            _write_all(file, data)
            os.fsync(file)
            _sync_folder(self._folder)
        except OSError:
            os.close(file)
            with contextlib.suppress(OSError):
                path.unlink()
            raise
        before = self._path
        if self._file is not None:
            os.close(self._file)
        self._file, self._path, self._start_ms, self._size = file, path, now_ms, len(data)
        self._must_rotate = False
        self._header = msgspec.structs.replace(header, opens=Opening.GOING_ON, roster=None)
        if before is not None:
            self._paint(before, path)
        forget(self._folder, now_ms - self.keep_ms)
        starts = (start_of(file) for file in self._folder.iterdir())
        self.oldest_ms = min(start for start in starts if start is not None)

    def _paint(self, before: Path, path: Path) -> None:
        if self.painter is not None and not self.has_gap and not self.painter.differs:
            self.painter.order(before, path)

    def skip(self, lost: int) -> None:
        """So many facts of the run were not kept, in all: the next segment says so."""
        if lost == self._skipped:
            return
        self._skipped = lost
        self.has_gap = True
        self._must_rotate = True
        self._header = msgspec.structs.replace(self._header, opens=Opening.AFTER_GAP)
        log.error("journal.gap", lost=lost)

    def complain(self, error: OSError) -> None:
        """Say why the disk will not, once."""
        full = error.errno in {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}
        why = (
            f"the disk of {self._folder} is full; free space there, the rest happens by itself"
            if full
            else f"{self._folder} cannot be written: {error.strerror}"
        )
        if why != self.why_not:
            log.error("journal.cannot_write", why=why)
        self.why_not = why

    def look(self) -> None:
        """See how the pictures do."""
        if self.painter is not None:
            self.painter.look()

    def close(self) -> None:
        """Close what is open."""
        if self.painter is not None:
            self.painter.close()
        if self._file is not None:
            os.close(self._file)
            self._file = None


def forget(folder: Path, before_ms: int) -> int:
    """Remove segments that ended before this moment, with their pictures; how many.

    A segment ends where the next one begins; the last is never removed.
    """
    starts = sorted((start, file) for file in folder.iterdir() if (start := start_of(file)) is not None)
    removed = 0
    for (_, file), (ended_ms, _) in pairwise(starts):
        if ended_ms > before_ms:
            break
        picture_beside(file).unlink(missing_ok=True)
        file.unlink(missing_ok=True)
        removed += 1
    return removed


def _new_file(folder: Path, start_ms: int) -> tuple[Path, int]:
    """A file that was not there, mode 0600; after a clock that stood still the next free millisecond."""
    for moment in range(start_ms, start_ms + 1000):
        path = folder / segment_name(moment)
        with contextlib.suppress(FileExistsError):
            return path, os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY | os.O_CLOEXEC, 0o600)
    raise JournalError(f"{folder} has a thousand segments of one second; another ACD writes there too")


def _write_all(file: int, data: bytes) -> None:
    view = memoryview(data)
    while view:
        view = view[os.write(file, view) :]


def _sync_folder(folder: Path) -> None:
    opened = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(opened)
    finally:
        os.close(opened)
