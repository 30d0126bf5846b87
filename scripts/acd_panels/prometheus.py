"""A Prometheus of our own: Debian's binary on a loopback port, with its data in a folder that goes away.

It is either given a target to scrape or a folder of blocks that ``promtool`` made. Questions go to its HTTP
API, as Grafana's do.
"""

from __future__ import annotations

import asyncio
import json
import shutil
import socket
import time
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, NamedTuple

import aiohttp

__all__ = ["Prometheus", "PrometheusUnavailableError", "Series", "find", "running"]

START_S_MAX = 20.0
STOP_S_MAX = 10.0
KEEP = "100y"
"""A day of the past must not be thought too old."""


class PrometheusUnavailableError(Exception):
    """There is none, it does not start, or it refuses a query; the sentence says why."""


class Series(NamedTuple):
    """One series of an answer."""

    labels: Mapping[str, str]
    points: tuple[tuple[float, float], ...]
    """Seconds since 1970, and the value; one for an instant query."""


class Prometheus:
    """What answers queries."""

    def __init__(self, session: aiohttp.ClientSession, url: str) -> None:
        self.url = url
        self._session = session

    async def now(self, expr: str, at_s: float | None = None) -> list[Series]:
        """The value at a moment (without: now)."""
        asked = {"query": expr} | ({"time": f"{at_s:.3f}"} if at_s is not None else {})
        result = await self._ask("/api/v1/query", asked)
        if result["resultType"] == "scalar":
            at, value = result["result"]
            return [Series({}, ((float(at), float(value)),))]
        return [
            Series(each["metric"], ((float(each["value"][0]), float(each["value"][1])),))
            for each in result["result"]
        ]

    async def over(self, expr: str, start_s: float, end_s: float, step_s: float) -> list[Series]:
        """The values from one moment to another."""
        asked = {"query": expr, "start": f"{start_s:.3f}", "end": f"{end_s:.3f}", "step": f"{step_s:g}"}
        result = await self._ask("/api/v1/query_range", asked)
        return [
            Series(each["metric"], tuple((float(at), float(value)) for at, value in each["values"]))
            for each in result["result"]
        ]

    async def rules_ill(self) -> list[str]:
        """Rules that could not be evaluated, each with why."""
        result = await self._ask("/api/v1/rules", {})
        rules = [rule for group in result["groups"] for rule in group["rules"]]
        return [f"{rule['name']}: {rule['lastError']}" for rule in rules if rule.get("lastError")]

    async def scrapes(self) -> int:
        """How many scrapes succeeded in the last hour."""
        found = await self.now("sum(sum_over_time(up[1h]))")
        return round(found[0].points[0][1]) if found else 0

    async def _ask(self, path: str, asked: Mapping[str, str]) -> Any:
        async with self._session.get(self.url + path, params=asked) as answer:
            said = await answer.json(content_type=None)
        if said.get("status") != "success":
            raise PrometheusUnavailableError(f"{asked.get('query', path)}: {said.get('error', said)}")
        return said["data"]


def find(program: str) -> str:
    """The path of ``prometheus`` or ``promtool``.

    Raises:
        PrometheusUnavailableError: This machine has none.
    """
    found = shutil.which(program)
    if found is None:
        raise PrometheusUnavailableError(
            f"There is no {program} on the PATH: scripts/promtool fetches both, without starting a service."
        )
    return found


@asynccontextmanager
async def running(
    folder: Path, *, target: str = "", scrape_s: float = 1.0, rules: Sequence[Path] = ()
) -> AsyncIterator[Prometheus]:
    """Run a Prometheus in this folder until the end of the block.

    Args:
        folder: Its settings and data; blocks found in ``data`` are served.
        target: ``host:port`` to scrape, every ``scrape_s``; empty: none.
        scrape_s: Seconds between two scrapes.
        rules: Alerts and recordings to evaluate as often.

    Raises:
        PrometheusUnavailableError: It does not become ready; the end of what it says is in the sentence.
    """
    settings: dict[str, Any] = {
        "global": {"scrape_interval": f"{scrape_s:g}s", "evaluation_interval": f"{scrape_s:g}s"},
        "scrape_configs": [{"job_name": "acd", "static_configs": [{"targets": [target]}]}] if target else [],
        "rule_files": [str(file) for file in rules],
    }
    config = folder / "prometheus.yml"
    config.write_text(json.dumps(settings), encoding="utf-8")  # JSON is YAML too
    port = _free_port()
    log = folder / "prometheus.log"
    with log.open("wb") as said:
        process = await asyncio.create_subprocess_exec(
            find("prometheus"),
            f"--config.file={config}",
            f"--storage.tsdb.path={folder / 'data'}",
            f"--storage.tsdb.retention.time={KEEP}",
            f"--web.listen-address=127.0.0.1:{port}",
            "--log.level=warn",
            stdout=said,
            stderr=said,
            start_new_session=True,
        )
    try:
        timeout = aiohttp.ClientTimeout(total=60)
        async with aiohttp.ClientSession(timeout=timeout) as session:
            prometheus = Prometheus(session, f"http://127.0.0.1:{port}")
            await _until_ready(session, prometheus.url, process, log)
            yield prometheus
    finally:
        if process.returncode is None:
            process.terminate()
            try:
                async with asyncio.timeout(STOP_S_MAX):
                    await process.wait()
            except TimeoutError:
                process.kill()
                await process.wait()


async def _until_ready(
    session: aiohttp.ClientSession, url: str, process: asyncio.subprocess.Process, log: Path
) -> None:
    end = time.monotonic() + START_S_MAX
    while process.returncode is None and time.monotonic() < end:
        try:
            async with session.get(url + "/-/ready") as answer:
                if answer.status == 200:
                    return
        except aiohttp.ClientError:
            pass
        await asyncio.sleep(0.1)
    said = log.read_text(encoding="utf-8", errors="replace")[-2_000:]
    raise PrometheusUnavailableError(f"Prometheus did not become ready; it says:\n{said}")


def _free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port: int = free.getsockname()[1]
        return port
