"""Does Asterisk wait for us when we pause? ``writetimeout``, proved by behaviour.

Asterisk gives each message ``writetimeout`` milliseconds to leave; then it closes the session, and
what happened until the next login is never told. The default is 100: one pause of our process (a
large resync, a swapped page) and the link is gone. There is no action that tells the value, so a
session of its own asks for more answers than the kernels between us can hold, and does not read.
Asterisk's own clock stands in every answer: a gap in it is the time its write was blocked.

* closed: it did not wait;
* all answers there, with a gap: it waited at least that long;
* all answers there, no gap: the buffers held them all, nothing is proved.

Bounded: some 6 MB of answers, a tenth of a second of one core, no lock of Asterisk held meanwhile
(``Getvar`` of a time format; a list would hold one). Source: ``send_string`` in ``main/manager.c``.
"""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import re
from typing import Final

from acd.ami.doctor.findings import Finding, good, unproved, wrong
from acd.ami.doctor.session import READ_BYTES, Streams, action, open_streams
from acd.ami.settings import AmiSettings

__all__ = ["check_writetimeout"]

ANSWERS: Final = 6_000
"""About 1.1 kB each: more than the 4 MB that Linux lets a socket hold."""
VALUE: Final = f"STRFTIME(,UTC,%s.%3q{'%c' * 38})"
RECEIVE_BYTES: Final = 2_048
PAUSE_S: Final = 0.9
PROVED_S: Final = 0.5
READ_S_MAX: Final = 8.0
VALUE_STARTS: Final = b"\r\nValue: "
END: Final = b"\r\n\r\n"
STAMP = re.compile(rb"\r\nValue: (\d+\.\d+)")


async def check_writetimeout(node: AmiSettings) -> list[Finding]:
    """Stop reading for a while and see whether the session lives."""
    streams = await open_streams(node, receive_bytes=RECEIVE_BYTES)
    try:
        stamps = await _pause(node, streams)
    finally:
        streams[1].transport.abort()
        with contextlib.suppress(OSError):
            await streams[1].wait_closed()
    return [_judge(node, stamps)]


def _judge(node: AmiSettings, stamps: list[float]) -> Finding:
    change = f"manager.conf, section [{node.username}]: writetimeout = 5000"
    if len(stamps) < ANSWERS:
        saw = f"Asterisk dropped a session that did not read for {PAUSE_S:g} s; so it will drop a busy ACD."
        return wrong("writetimeout", saw, change)
    waited_s = max(later - earlier for earlier, later in itertools.pairwise(stamps))
    if waited_s < PROVED_S:
        return unproved(
            "writetimeout",
            f"The way to Asterisk held {ANSWERS} answers without making it wait, so nothing is proved.",
            f"See that it says so: {change}",
        )
    return good("writetimeout", f"Asterisk waited {waited_s:.1f} s for a session that did not read.")


async def _pause(node: AmiSettings, streams: Streams) -> list[float]:
    """Ask for everything, wait, read; return Asterisk's time of each answer that came."""
    reader, writer = streams
    login = {"Username": node.username, "Secret": node.secret, "Events": "off"}
    got = bytearray()
    with contextlib.suppress(OSError, TimeoutError):
        async with asyncio.timeout(PAUSE_S + READ_S_MAX):
            writer.write(action("Login", "login", login))
            while b"ActionID: login" not in got:
                data = await reader.read(READ_BYTES)
                if not data:
                    return []
                got += data
            writer.transport.pause_reading()  # type: ignore[attr-defined]  # streams are of read-write transports
            writer.write(b"".join(action("Getvar", str(n), {"Variable": VALUE}) for n in range(ANSWERS)))
            await asyncio.sleep(PAUSE_S)
            writer.transport.resume_reading()  # type: ignore[attr-defined]  # as above
            answers = 0
            while answers < ANSWERS or not got.endswith(END):
                data = await reader.read(READ_BYTES)
                if not data:
                    break
                seam = len(got) - len(VALUE_STARTS) + 1
                got += data
                answers += got.count(VALUE_STARTS, max(seam, 0))
    return [float(stamp) for stamp in STAMP.findall(bytes(got))]
