"""Where the store lies: its file, who may read it, and that one process has it at a time.

SQLite itself lets two processes write in turn. We do not: sessions held in the memory of one would
overwrite the other's. So whoever opens the store locks ``<file>.lock`` with flock(2). The kernel
drops such a lock when its process ends, however it ends, so there is no stale lock to remove and no
pid to believe; the pid in the lock file only serves the sentence. The database file itself is not the
one locked: closing any descriptor of it would take SQLite's own locks away.

The folder belongs to the user of the ACD, and root opens the store too (the command, while no ACD runs):
a link laid there would have root truncate, chmod and give away a file of somebody else's. So no link is
followed.

A file that is removed or replaced under an open SQLite goes on being written where nobody finds it
again, so `Place.why_not` compares the file with the one that was opened.
"""

from __future__ import annotations

import contextlib
import errno
import fcntl
import os
import stat
from pathlib import Path
from typing import Final

from acd.errors import ConfigError, StoreUnavailable

__all__ = ["Place"]

MODE: Final = 0o600
BESIDE: Final = ("-wal", "-shm")


class Place:
    """A file that is ours until ``leave``."""

    def __init__(self, file: Path, lock: int) -> None:
        self.file = file
        self._lock: int | None = lock
        self._known = _identity(file)

    @classmethod
    def take(cls, file: Path) -> Place:
        """Make the file if it is absent, see that nobody else reads it, and lock it.

        Raises:
            ConfigError: There is no such folder, or the file cannot be ours.
            StoreUnavailable: Another process has it, or the disk is full.
        """
        if not file.parent.is_dir():
            raise ConfigError(
                (f"{file}: there is no folder {file.parent}; make it, the file comes by itself.",)
            )
        try:
            lock = _lock(file)
        except OSError as error:
            raise _cannot(file, error) from error
        try:
            _make(file)
            return cls(file, lock)
        except OSError as error:
            os.close(lock)
            raise _cannot(file, error) from error
        except ConfigError:
            os.close(lock)
            raise

    def why_not(self) -> str:
        """Tell why this is no longer the file that was opened; empty while it is."""
        try:
            if _identity(self.file) == self._known:
                return ""
        except OSError as error:
            if error.errno not in {errno.ENOENT, errno.ENOTDIR}:
                return f"{self.file} cannot be looked at ({error.strerror}); look at its folder and disk."
        return (
            f"{self.file} was removed or replaced under the running ACD; put it (or its last backup) "
            "back and start the ACD again."
        )

    def leave(self) -> None:
        """Let others have it. The database must be closed before."""
        if self._lock is not None:
            os.close(self._lock)
            self._lock = None


def _lock(file: Path) -> int:
    handle = os.open(f"{file}.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, MODE)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        holder = os.pread(handle, 20, 0).decode(errors="replace").strip() or "unknown"
        os.close(handle)
        raise StoreUnavailable(
            f"{file} is in use by process {holder}, and only one may have it open; while the ACD runs, "
            "ask it through its API."
        ) from None
    except OSError:
        os.close(handle)
        raise
    with contextlib.suppress(OSError):  # a full disk: the lock holds without its text
        os.ftruncate(handle, 0)
        os.pwrite(handle, f"{os.getpid()}\n".encode(), 0)
    return handle


def _make(file: Path) -> None:
    with contextlib.suppress(FileExistsError):
        os.close(os.open(file, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, MODE))
    if not file.is_file():
        raise ConfigError((f"{file} is not a file; name one, which may be absent.",))
    for each in (file, *(file.with_name(file.name + beside) for beside in BESIDE)):
        if each.is_symlink():
            raise ConfigError((f"{each} is a link, and none is followed; name the file itself.",))
        with contextlib.suppress(FileNotFoundError):
            if stat.S_IMODE(each.stat().st_mode) & ~MODE:
                each.chmod(MODE)


def _identity(file: Path) -> tuple[int, int]:
    seen = file.stat()
    return seen.st_dev, seen.st_ino


def _cannot(file: Path, error: OSError) -> ConfigError | StoreUnavailable:
    if error.errno in {errno.ENOSPC, errno.EDQUOT, errno.EIO}:
        return StoreUnavailable(
            f"{file} cannot be opened ({error.strerror}); free space on its disk, try again."
        )
    return ConfigError(
        (f"{file} cannot be opened for writing ({error.strerror}); give it and its folder to this user.",)
    )
