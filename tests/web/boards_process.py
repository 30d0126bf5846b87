"""A process that serves boards of sixty queues until SIGTERM; prints its address."""

from __future__ import annotations

import asyncio
import signal
import sys

from msgspec.structs import replace

from acd.core.ids import QueueId
from acd.core.policy import RuleSet
from acd.core.views import QueueView
from acd.figures.days import Day
from acd.runtime.clock import SystemClock
from acd.web.app import build_api
from acd.web.bearers import Bearers
from acd.web.serve import serve
from tests.metrics.samples import GENERAL, queue_view
from tests.web.conftest import machines
from tests.web.small_centre import SmallCentre

QUEUES = tuple(QueueId(f"coda-{number:02}") for number in range(60))


class WideCentre(SmallCentre):
    """Sixty queues with long names, a morning in each, and waits that are others every time."""

    seconds = 0

    def rules(self) -> RuleSet:
        """The general queue's rules for each."""
        found = super().rules()
        return replace(found, queues={name: replace(found.queues[GENERAL], id=name) for name in QUEUES})

    def queues(self) -> tuple[QueueView, ...]:
        """All of them, each second another wait."""
        self.seconds += 1
        return tuple(
            replace(
                queue_view(name, waiting=(self.seconds + place) % 7, longest_wait_ms=1_000 * self.seconds),
                name=f"Invalidità, famiglia, disoccupazione {place}",
            )
            for place, name in enumerate(QUEUES)
        )

    def today(self) -> dict[QueueId, Day]:
        """The same morning everywhere."""
        morning = super().today()[GENERAL]
        return dict.fromkeys(QUEUES, morning)


async def main() -> None:
    told = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, told.set)
    app = build_api(WideCentre(), Bearers(machines()), clock=SystemClock())
    server = await serve(app, "127.0.0.1", 0)
    sys.stdout.write(server.url + "\n")
    sys.stdout.flush()
    await told.wait()
    await server.stop()


if __name__ == "__main__":
    asyncio.run(main())
