"""A process that serves the small centre until SIGTERM; prints its address."""

from __future__ import annotations

import asyncio
import signal
import sys

from acd.web.app import build_api
from acd.web.bearers import Bearers
from acd.web.serve import serve
from tests.web.conftest import RECORDS, machines
from tests.web.small_centre import HandClock, SmallCentre


async def main() -> None:
    told = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, told.set)
    centre = SmallCentre()
    centre.small_store.records.update({one.id: one for one in RECORDS})
    server = await serve(build_api(centre, Bearers(machines()), clock=HandClock()), "127.0.0.1", 0)
    sys.stdout.write(server.url + "\n")
    sys.stdout.flush()
    await told.wait()
    await server.stop()


if __name__ == "__main__":
    asyncio.run(main())
