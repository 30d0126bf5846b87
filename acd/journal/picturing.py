"""Makes the pictures of worlds with which segments begin, in a process of its own at the lowest priority.

To freeze the engine's own world would hold the loop for a second in a large centre, and to freeze it in
slices would show a world that never was. So a second process replays the segment that has just been closed,
from the picture with which *that* began, and freezes what comes of it: a few seconds of a processor in five
minutes, and the loop knows nothing of it. It is also a proof that never ends: had the replay ordered one
byte otherwise than the engine did, no picture is made, and the recorder says so.
"""

from __future__ import annotations

import contextlib
import gc
import os
import subprocess
import sys
import tempfile
from collections import deque
from pathlib import Path
from time import monotonic
from typing import Final
from zlib import compress

import msgspec
import structlog

import acd
from acd import __version__
from acd.core.freezing import freeze
from acd.errors import JournalError
from acd.journal.frames import frame
from acd.journal.records import Picture
from acd.journal.replaying import begin, difference, steps
from acd.journal.segments import Journal, Segment, picture_beside

__all__ = ["DIFFERS", "PictureMaker", "make_picture"]

FAILED: Final = 1
DIFFERS: Final = 3
"""Exit status: the replay ordered something else than the engine."""
NICE: Final = 19
LIMIT_S: Final = 600.0
COMPRESSION: Final = 3

log = structlog.get_logger(__name__)


class PictureMaker:
    """Starts that process, one at a time, and hears how it ended (``acd.journal.recorder.Painter``)."""

    def __init__(self) -> None:
        self.made = 0
        self.failed = 0
        self.differs = False
        self._waiting: deque[tuple[Path, Path]] = deque()
        self._running: subprocess.Popen[str] | None = None
        self._began_s = 0.0

    def order(self, segment: Path, following: Path) -> None:
        """Have the picture made with which ``following`` begins."""
        self._waiting.append((segment, following))

    def look(self) -> None:
        """Take what has ended, start what waits."""
        running = self._running
        if running is not None:
            if running.poll() is None:
                if monotonic() - self._began_s > LIMIT_S:
                    running.kill()
                return
            self._running = None
            self._ended(running)
        if self._waiting and not self.differs:
            self._start(*self._waiting.popleft())

    def close(self) -> None:
        """Stop the one that runs."""
        self._waiting.clear()
        if self._running is not None:
            self._running.kill()
            self._running.communicate()
            self._running = None

    def _start(self, segment: Path, following: Path) -> None:
        home = str(Path(acd.__file__).parent.parent)
        path = os.pathsep.join(filter(None, (home, os.environ.get("PYTHONPATH", ""))))
        self._began_s = monotonic()
        try:
            self._running = subprocess.Popen(  # noqa: S603  # our own interpreter and our own module
                [sys.executable, "-P", "-m", "acd.journal.picturing", str(segment), str(following)],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.PIPE,
                text=True,
                env={**os.environ, "PYTHONPATH": path},
            )
        except OSError as error:
            self.failed += 1
            log.warning("journal.picture_failed", why=str(error))

    def _ended(self, process: subprocess.Popen[str]) -> None:
        said = process.communicate()[1].strip().splitlines()
        if process.returncode == 0:
            self.made += 1
            return
        self.failed += 1
        why = said[-1] if said else f"it ended with status {process.returncode}"
        if process.returncode == DIFFERS:
            self.differs = True
            log.error("journal.replay_differs", why=why)
        else:
            log.warning("journal.picture_failed", why=why)


def make_picture(segment: Path, following: Path) -> None:
    """Replay to the end of a segment and write the picture with which the following one begins.

    Raises:
        JournalError: it cannot be replayed.
        _Differs: the replay ordered otherwise.
    """
    journal = Journal([segment.parent])
    files = [each.file for each in journal.segments]
    if segment not in files:
        raise JournalError(f"{segment} is gone")
    run = journal.chain(files.index(segment))
    header = Segment(following).header
    engine, facts = begin(run.segments[0]), run.segments[0].header.first
    for step in steps(engine, run, before=header.first):
        facts += 1
        found = difference(step)
        if found is not None:
            raise _Differs(
                f"{found.segment}: fact {found.fact_number} at {found.at_ms} ms, order {found.order}: "
                f"the journal has {found.expected or 'nothing'}, the replay {found.got or 'nothing'}"
            )
    if facts != header.first:
        raise JournalError(f"facts {facts} to {header.first - 1} are missing before {following}")
    picture = Picture(version=__version__, run_ms=header.run_ms, facts=facts, world=freeze(engine.world))
    _write(picture_beside(following), compress(msgspec.msgpack.encode(picture), COMPRESSION))


class _Differs(JournalError):
    """The replay ordered something else."""


def _write(file: Path, content: bytes) -> None:
    """Put a file in place whole or not at all; mode 0600 as ``mkstemp`` makes it."""
    descriptor, name = tempfile.mkstemp(dir=file.parent, prefix=f".{file.name}.")
    try:
        with os.fdopen(descriptor, "wb") as opened:
            opened.write(frame(content))
            opened.flush()
            os.fsync(opened.fileno())
        Path(name).replace(file)
    except BaseException:
        with contextlib.suppress(OSError):
            Path(name).unlink()
        raise


def main() -> int:
    """Make one picture: ``python -m acd.journal.picturing SEGMENT FOLLOWING``."""
    with contextlib.suppress(OSError):
        os.nice(NICE)
    gc.disable()
    try:
        make_picture(Path(sys.argv[1]), Path(sys.argv[2]))
    except _Differs as error:
        print(error, file=sys.stderr)  # noqa: T201
        return DIFFERS
    except (JournalError, OSError) as error:
        print(error, file=sys.stderr)  # noqa: T201
        return FAILED
    return 0


if __name__ == "__main__":
    sys.exit(main())
