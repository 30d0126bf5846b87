"""Keeps the file, in a thread of its own: nothing that the disk does is waited for by a call.

Before each batch it looks whether the file still lies where it was: after ``logrotate`` has moved it, or
somebody has removed it, the next line begins a new one. No signal is needed for that.

The disk may be full or gone. What could not be written is tried again, after 0.5 s and then ever more, up to
15 s, and what is told meanwhile waits in memory: ``BEHIND_MAX`` lines, an hour and more at 10 calls a
second. Beyond that lines are left out and counted; when the disk is back, the members are told whole, so
that every pair closes again. A line is on the disk when the system writes it: the file is for reports, a
power cut may cost its last seconds.
"""

from __future__ import annotations

import contextlib
import os
import threading
from collections import deque
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Final

import structlog

from acd.queue_log.lines import Line, text
from acd.queue_log.sessions import Book, Members, Session
from acd.queue_log.state import QueueLogState

__all__ = ["BEHIND_MAX", "Told", "Writer"]

BEHIND_MAX: Final = 200_000
AT_ONCE: Final = 500
GATHER_S: Final = 0.2
BACK_OFF_S: Final = (0.5, 1.0, 2.0, 4.0, 8.0, 15.0)
READ_BACK_BYTES: Final = 32 * 1024 * 1024
"""So much of the file's end is read at a start: more than a day of the whole country."""
CLOSE_S_MAX: Final = 5.0
MODE: Final = 0o640
HOW: Final = os.O_APPEND | os.O_WRONLY | os.O_CLOEXEC

Told = Line | Session | Members

log = structlog.get_logger(__name__)


class Writer:
    """Takes what is told in order, and has it in the file a moment later."""

    def __init__(self, path: Path, everybody: Callable[[], Members], *, behind_max: int = BEHIND_MAX) -> None:
        """Nothing is opened yet.

        Args:
            path: The file; its folder must exist.
            everybody: All members as they are now; asked on the thread that tells, after lines were left out.
            behind_max: So many things told are held in memory while the disk will not.
        """
        self.lost = 0
        """Things told that were left out, in all."""
        self._path = path
        self._everybody = everybody
        self._behind_max = behind_max
        self._line: deque[Told] = deque()
        self._dropping = False
        self._book = Book()
        self._file: int | None = None
        self._begun = False
        self._in_hand = b""
        self._why_not = ""
        self._wake = threading.Event()
        self._stopping = False
        self._thread = threading.Thread(target=self._run, name="queue_log", daemon=True)

    def start(self) -> None:
        """Begin to write what is told."""
        self._thread.start()

    # ── on the loop ──────────────────────────────────────────────────────────────────────────

    def tell(self, told: Iterable[Told]) -> None:
        """Put these in line; never blocks."""
        for one in told:
            if self._dropping and len(self._line) < self._behind_max // 2:
                self._dropping = False
                self._line.append(self._everybody())
            if self._dropping or len(self._line) >= self._behind_max:
                self._dropping = True
                self.lost += 1
            else:
                self._line.append(one)

    # ── from any thread ──────────────────────────────────────────────────────────────────────────

    def state(self) -> QueueLogState:
        """How it does now."""
        why_not = self._why_not
        return QueueLogState(
            file=str(self._path),
            writable=not why_not,
            why_not=why_not,
            behind=len(self._line),
            behind_max=self._behind_max,
            lost=self.lost,
        )

    # ── from any other thread ────────────────────────────────────────────────────────────────

    def close(self) -> None:
        """Write what is in line, close every session in the file, and end; not for long on a bad disk."""
        self._stopping = True
        self._wake.set()
        if self._thread.ident is not None:
            self._thread.join(CLOSE_S_MAX)

    # ── the thread ───────────────────────────────────────────────────────────────────────────

    def _run(self) -> None:
        failures = 0
        try:
            while True:
                self._wake.wait(BACK_OFF_S[min(failures, len(BACK_OFF_S)) - 1] if failures else GATHER_S)
                stopping = self._stopping
                try:
                    self._catch_up()
                    if stopping:
                        self._hold(self._book.close())
                        self._write()
                    failures = 0
                except OSError as error:
                    failures += 1
                    self._complain(error)
                if stopping:
                    break
        except Exception:
            self._why_not = f"the writer of {self._path} failed, a defect of ours; the log has it"
            log.exception("queue_log.failed")
        finally:
            if self._file is not None:
                os.close(self._file)

    def _catch_up(self) -> None:
        self._write()
        while self._line:
            self._follow()
            for _ in range(min(AT_ONCE, len(self._line))):
                self._hold(self._book.take(self._line.popleft()))
            self._write()
        if not self._begun:  # whoever reads finds the sessions of a crashed process closed
            self._follow()
            self._write()

    def _hold(self, lines: Iterable[Line]) -> None:
        self._in_hand += "".join(map(text, lines)).encode()

    def _write(self) -> None:
        while self._in_hand:
            if self._file is None:
                self._file = self._open()
            self._in_hand = self._in_hand[os.write(self._file, self._in_hand) :]
        if self._why_not:
            log.warning("queue_log.written_again", lost=self.lost)
            self._why_not = ""

    def _complain(self, error: OSError) -> None:
        why = f"{self._path} cannot be written: {error.strerror}"
        if why != self._why_not:
            log.error("queue_log.cannot_write", why=why)
        self._why_not = why

    # ── the file ─────────────────────────────────────────────────────────────────────────────

    def _follow(self) -> None:
        """See that the file in the hand is the one that lies there."""
        if not self._begun:
            self._read_back()
            self._begun = True
        if self._file is None:
            self._file = self._open()
            return
        if self._is_there(self._file):
            return
        ends, heads = self._book.open_anew()
        with contextlib.suppress(OSError):  # the one that was moved away; the new one matters more
            os.write(self._file, "".join(map(text, ends)).encode())
        os.close(self._file)
        self._file = None
        self._hold(heads)
        self._write()

    def _is_there(self, file: int) -> bool:
        mine = os.fstat(file)
        try:
            there = self._path.stat()
        except FileNotFoundError:
            return False
        return (mine.st_dev, mine.st_ino) == (there.st_dev, there.st_ino)

    def _open(self) -> int:
        try:
            file = os.open(self._path, HOW | os.O_CREAT | os.O_EXCL, MODE)
        except FileExistsError:
            return os.open(self._path, HOW)
        os.fchmod(file, MODE)  # whatever the service's mask: who reads it is in its group
        return file

    def _read_back(self) -> None:
        """Close what the process before us left open, and the line it was writing."""
        try:
            with self._path.open("rb") as file:
                size = os.fstat(file.fileno()).st_size
                file.seek(max(0, size - READ_BACK_BYTES))
                said = file.read()
        except FileNotFoundError:
            return
        self._book.read(said.decode(errors="replace").splitlines())
        if said and not said.endswith(b"\n"):
            self._in_hand += b"\n"
        self._hold(self._book.close())
