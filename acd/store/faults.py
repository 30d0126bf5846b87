"""Foreign errors become ours here and nowhere else in the store.

There are two kinds. The disk will not (full, locked, gone): `StoreUnavailable`, the same write may
succeed later. The value will not: `ValueRefused`, it would be refused again.
"""

from __future__ import annotations

import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import msgspec
import structlog
from sqlalchemy.exc import StatementError
from sqlalchemy.exc import TimeoutError as NoConnection

from acd.errors import AcdError, StoreUnavailable
from acd.store import sqlite

__all__ = ["Damaged", "ValueRefused", "our_errors"]

ROOM: Final = str(Path(__file__).parent)

log = structlog.get_logger()


class ValueRefused(StoreUnavailable):
    """The database refuses a value for ever: a defect of ours, not the disk's. It was not written."""


class Damaged(StoreUnavailable):
    """The file holds what no ACD wrote; only a backup helps."""


@contextmanager
def our_errors(file: Path) -> Iterator[None]:
    """Whatever the driver throws comes out as a sentence about ``file``."""
    try:
        yield
    except AcdError:
        raise
    except NoConnection as error:
        raise StoreUnavailable(f"too many ask {file} at once; ask again in a moment.") from error
    except msgspec.ValidationError as error:
        raise Damaged(f"{file} holds what no ACD wrote ({error}); put back the last backup.") from error
    except Exception as error:
        sentence = sqlite.sentence(error, file)
        if sentence is None:
            brief = _brief(error)
            log.error("store.value_refused", why=brief, where=_where(error))  # noqa: TRY400
            raise ValueRefused(f"{file} refuses this ({brief}); tell who maintains the ACD.") from error
        if sqlite.is_damage(error):
            raise Damaged(sentence) from error
        raise StoreUnavailable(sentence) from error


def _where(error: Exception) -> str:
    """Give our own line that asked for it; a whole traceback may show values of callers."""
    ours = [frame for frame in traceback.extract_tb(error.__traceback__) if frame.filename.startswith(ROOM)]
    return f"{Path(ours[-1].filename).name}:{ours[-1].lineno}" if ours else ""


def _brief(error: Exception) -> str:
    """Name the error without the values in it."""
    return str(error.orig) if isinstance(error, StatementError) else type(error).__name__
