"""What three hundred walls cost."""

from __future__ import annotations

import asyncio
import os
import sys
import time
from pathlib import Path

from tests.web.conftest import SECRET

READERS = 300
LASTS_S = 6
SHARE_MAX = 0.05
FRAMES_MIN = 5
TICKS_S = os.sysconf("SC_CLK_TCK")


def cpu_s(pid: int) -> float:
    """Seconds of a core that a process has used (proc(5): utime, stime)."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(") ")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICKS_S


async def open_board(port: int) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    """A browser that looks, packed as browsers ask for it."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(
        f"GET /api/v1/board/stream HTTP/1.1\r\nHost: acd\r\nAuthorization: Bearer {SECRET}\r\n"
        "Accept-Encoding: gzip\r\n\r\n".encode()
    )
    assert b"200" in await reader.readline()
    return reader, writer


async def pictures(reader: asyncio.StreamReader) -> int:
    """How many pictures come until the connection ends; each comes in a chunk of its own."""
    count = 0
    try:
        await reader.readuntil(b"\r\n\r\n")
        while size := int(await reader.readline(), 16):
            await reader.readexactly(size + 2)
            count += size > 500
    except (OSError, ValueError, asyncio.IncompleteReadError):
        pass
    return count


async def test_three_hundred_readers_of_sixty_queues_take_a_twentieth_of_a_core():
    """Each gets every picture of the time, and the process that serves them hardly notices."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.web.boards_process", stdout=asyncio.subprocess.PIPE
    )
    assert process.stdout is not None
    port = int((await process.stdout.readline()).rpartition(b":")[2])
    open_now = [await open_board(port) for _ in range(READERS)]
    counting = [asyncio.create_task(pictures(reader)) for reader, _ in open_now]
    await asyncio.sleep(1)
    began, before = time.monotonic(), cpu_s(process.pid)
    await asyncio.sleep(LASTS_S)
    share = (cpu_s(process.pid) - before) / (time.monotonic() - began)
    process.terminate()
    assert await process.wait() == 0
    counts = await asyncio.gather(*counting)
    for _, writer in open_now:
        writer.close()
    assert min(counts) >= FRAMES_MIN
    assert share <= SHARE_MAX, f"{share:.1%} of a core"
