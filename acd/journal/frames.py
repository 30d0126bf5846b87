"""How bytes stand in a file of the journal: frames, each with its length and two checksums.

A frame is a head of 16 bytes and a payload. The head is a mark, the payload's length, the CRC32 of these
two, and the CRC32 of the payload. That the head has its own is what tells a torn tail from damage: a length
that lies would otherwise look like a file that ends too soon.

A process that is killed, or a power cut, leaves a frame that is not whole at the end of a file: too short,
or with blocks of zeros that the disk never got. That is forgiven; the tail is no part of the file. Anything
else that is not as it was written is an error that names file and byte.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from struct import Struct
from typing import Final
from zlib import crc32

from acd.errors import JournalError

__all__ = ["HEAD_BYTES", "frame", "frame_size", "payloads"]

MARK: Final = b"acdj"
_HEAD: Final = Struct("<4sII")
_CRC: Final = Struct("<I")
HEAD_BYTES: Final = _HEAD.size + _CRC.size
ZEROS_MIN: Final = 512
"""A payload that ends in so many zeros, at the end of a file, was never wholly on the disk."""


def frame(payload: bytes) -> bytes:
    """One frame, head and payload."""
    size = len(payload)
    head = crc32(_CRC.pack(size), crc32(MARK))
    return _HEAD.pack(MARK, size, head) + _CRC.pack(crc32(payload)) + payload


def frame_size(head: bytes) -> int:
    """How long the payload behind a head says it is; 0 for a head that is not whole."""
    return int(_HEAD.unpack_from(head)[1]) if len(head) >= HEAD_BYTES else 0


def payloads(content: bytes | memoryview, file: Path) -> Iterator[tuple[int, memoryview]]:
    """Each whole frame of a file: where it begins, and its payload.

    Raises:
        JournalError: something in the middle is not as it was written.
    """
    view = memoryview(content)
    at, end = 0, len(view)
    while at < end:
        if end - at < HEAD_BYTES or not any(view[at:]):
            return
        mark, size, head = _HEAD.unpack_from(view, at)
        (body,) = _CRC.unpack_from(view, at + _HEAD.size)
        if mark != MARK or head != crc32(_CRC.pack(size), crc32(MARK)):
            raise _damaged(file, at, "no frame begins there")
        start, after = at + HEAD_BYTES, at + HEAD_BYTES + size
        if after > end:
            return
        payload = view[start:after]
        if crc32(payload) != body:
            if after == end and not any(payload[-min(size, ZEROS_MIN) :]):
                return
            raise _damaged(file, at, "the checksum of this frame is wrong")
        yield at, payload
        at = after


def _damaged(file: Path, at: int, why: str) -> JournalError:
    return JournalError(
        f"{file} is damaged at byte {at}: {why}. What stands before it can be read; put back a copy, or "
        "leave this file out."
    )
