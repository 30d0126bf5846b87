"""Serving a scrape without holding up a call.

Writing the text of some ten thousand series takes tens of milliseconds of pure Python. On the
event loop every caller would wait for it; so the picture is taken on the loop, the text is
written in a thread, one at a time, and whoever asks again within ``keep_s`` gets the text already
there: an eager or a second Prometheus, or a browser held on F5, costs nothing.

A thread alone is not enough: the interpreter hands its lock over only every 5 ms, so each turn of
the loop would take that long. So the writer pauses for half a millisecond every hundred samples and lets
the loop in, and whoever builds this runs it where the lock changes hands more often meanwhile
(``acd.runtime.beside``). docs/observability.md has the figures.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable

from prometheus_client import CollectorRegistry
from prometheus_client.core import Metric, Sample
from prometheus_client.utils import floatToGoString

BREATH_SAMPLES = 100
"""Samples written between two pauses: less than half a millisecond of work …"""
BREATH_S = 0.0005
"""… and a pause in which whoever waits for the interpreter's lock has it at once."""


class Exposition:
    """The text for ``/metrics``.

    Args:
        refresh: takes the picture of now, on the loop.
        render: writes the text, in a thread.
        keep_s: for how long a text is good.
        now_s: a monotonic clock in seconds.
        beside: does work in a thread.
    """

    def __init__(
        self,
        refresh: Callable[[], None],
        render: Callable[[], bytes],
        *,
        keep_s: float = 5.0,
        now_s: Callable[[], float] = time.monotonic,
        beside: Callable[[Callable[[], bytes]], Awaitable[bytes]] = asyncio.to_thread,
    ) -> None:
        self.took_s = 0.0
        """How long the last text took to write …"""
        self.series = 0
        """… and how many series are in it."""
        self._refresh = refresh
        self._render = render
        self._keep_s = keep_s
        self._now_s = now_s
        self._beside = beside
        self._text = b""
        self._good_until_s = float("-inf")
        self._under_way: asyncio.Task[bytes] | None = None

    async def text(self) -> bytes:
        """The exposition, at most ``keep_s`` old. Raises whatever writing it raised."""
        if self._now_s() < self._good_until_s:
            return self._text
        if self._under_way is None:
            self._under_way = asyncio.create_task(self._write(), name="metrics exposition")
        # Shielded: a scraper that goes away must not stop the text the others wait for.
        return await asyncio.shield(self._under_way)

    async def _write(self) -> bytes:
        try:
            self._refresh()
            taken_s, began_s = self._now_s(), time.monotonic()
            self._text = await self._beside(self._render)
            self.took_s = time.monotonic() - began_s
            self.series = self._text.count(b"\n") - self._text.count(b"# ")
            self._good_until_s = taken_s + self._keep_s
            return self._text
        finally:
            self._under_way = None


class TextWriter:
    """Writes the exposition of one registry as text (Prometheus' text format 0.0.4); not for the loop.

    Byte for byte what ``prometheus_client.generate_latest`` writes of our metrics, in half its time: the head
    of a line never changes, so it is made once. Lets other threads in every hundred samples.
    """

    def __init__(self, registry: CollectorRegistry) -> None:
        self._registry = registry
        self._heads: dict[tuple[str, ...], str] = {}
        """What a sample's line begins with, by its name and the values of its labels."""

    def text(self) -> bytes:
        """The whole exposition."""
        lines: list[str] = []
        for family in self._registry.collect():
            lines.append(_heading(family))
            for index, sample in enumerate(family.samples):
                if index % BREATH_SAMPLES == 0:
                    time.sleep(BREATH_S)
                number = floatToGoString(sample.value)  # type: ignore[no-untyped-call]  # untyped in its library
                lines.append(f"{self._head(sample)} {number}\n")
        return "".join(lines).encode()

    def _head(self, sample: Sample) -> str:
        key = (sample.name, *sample.labels.values())
        head = self._heads.get(key)
        if head is None:
            labels = ",".join(f'{name}="{_escaped(value)}"' for name, value in sorted(sample.labels.items()))
            head = self._heads[key] = f"{sample.name}{{{labels}}}" if labels else sample.name
        return head


def _heading(family: Metric) -> str:
    name = f"{family.name}_total" if family.type == "counter" else family.name
    return f"# HELP {name} {family.documentation}\n# TYPE {name} {family.type}\n"


def _escaped(value: str) -> str:
    return value.replace("\\", "\\\\").replace("\n", "\\n").replace('"', '\\"')
