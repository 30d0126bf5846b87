"""``acd status``: what the running ACD says of itself, on one screen or as JSON.

It asks the API as anybody else would, with a token; the picture is the API's own, small groups of
people merged there. Without a token we admit it shows only whether the ACD is ready.
"""

from __future__ import annotations

from collections.abc import Mapping
from http import HTTPStatus
from typing import Final, TypeVar

import aiohttp
import msgspec
from rich.console import Console
from rich.table import Table
from rich.text import Text

from acd.core.ids import SiteId
from acd.core.notes import AgentState
from acd.core.views import QueueView
from acd.errors import AcdError, ConfigError, Forbidden
from acd.rules.settings import Settings
from acd.web.api import QueuesAnswer, SummaryAnswer

__all__ = ["Status", "alive", "api_token", "api_url", "ask", "show_status"]

ASK_S_MAX: Final = 5.0
ALIVE_S_MAX: Final = 1.0
ANY_ADDRESS: Final = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104  # recognised, not listened on

Answer = TypeVar("Answer")


class Status(msgspec.Struct, frozen=True, kw_only=True):
    """The running ACD now."""

    url: str
    ready: bool
    summary: SummaryAnswer
    queues: tuple[QueueView, ...]


def api_url(settings: Settings) -> str:
    """Where the API of this configuration answers; empty if its port is chosen at each start."""
    host = ANY_ADDRESS.get(settings.api.address, settings.api.address)
    host = f"[{host}]" if ":" in host else host
    return f"http://{host}:{settings.api.port}" if settings.api.port else ""


def api_token(settings: Settings) -> str:
    """The first token of the configuration.

    Raises:
        ConfigError: there is none.
    """
    if not settings.api.tokens:
        raise ConfigError(("The settings name no token, so nobody may ask: add one below api, tokens.",))
    return settings.api.tokens[0].token.get_secret_value()


async def alive(url: str) -> bool:
    """Tell whether an ACD answers there."""
    if not url:
        return False
    limit = aiohttp.ClientTimeout(total=ALIVE_S_MAX)
    try:
        async with aiohttp.ClientSession(timeout=limit) as session, session.get(f"{url}/livez") as answer:
            return answer.status == HTTPStatus.OK and await answer.json() == {"alive": True}
    except (aiohttp.ClientError, TimeoutError, ValueError):
        return False


async def ask(url: str, token: str) -> Status:
    """Ask the API for the whole picture.

    Raises:
        AcdError: nobody answers there, or what answers is no ACD.
        Forbidden: the API does not know the token.
    """
    url = url.rstrip("/")
    limit = aiohttp.ClientTimeout(total=ASK_S_MAX)
    headers = {"Authorization": f"Bearer {token}"}
    try:
        async with aiohttp.ClientSession(timeout=limit, headers=headers) as session:
            summary = await _get(session, f"{url}/api/v1/summary", SummaryAnswer)
            queues = await _get(session, f"{url}/api/v1/queues", QueuesAnswer)
    except TimeoutError:
        raise AcdError(f"{url} did not answer within {ASK_S_MAX:g} s; is it the API's address?") from None
    except (aiohttp.ClientError, ValueError) as error:
        raise AcdError(f"{url} cannot be asked ({error}); start the ACD, or give --url.") from None
    return Status(url=url, ready=summary.not_ready is None, summary=summary, queues=queues.queues)


async def _get(session: aiohttp.ClientSession, url: str, kind: type[Answer]) -> Answer:
    async with session.get(url) as answer:
        body = await answer.read()
        if answer.status == HTTPStatus.UNAUTHORIZED:
            raise Forbidden(f"{url} does not know the token; use one of the running ACD's configuration.")
        if answer.status != HTTPStatus.OK:
            raise AcdError(f"{url} answered {answer.status}; is it the address of an ACD?")
    try:
        return msgspec.json.decode(body, type=kind)
    except msgspec.DecodeError as error:
        raise AcdError(f"{url} did not answer as an ACD of this version does ({error}).") from None


def show_status(status: Status, console: Console) -> None:
    """One screen."""
    summary = status.summary
    if summary.not_ready is None:
        console.print(Text("ready", style="bold green"), Text(f"rules {summary.revision}, {status.url}"))
    else:
        console.print(Text("not ready:", style="bold red"), Text(summary.not_ready))
    nodes = _table("Asterisk", "State", "Version")
    for node in summary.nodes:
        nodes.add_row(node.id, node.state, node.asterisk_version or "not known yet")
    console.print(nodes)
    counts = summary.counts
    console.print(
        Text(
            f"Calls: {counts.in_progress} in progress, {counts.entered} entered, {counts.answered} answered,"
            f" {counts.to_offices} by offices, {counts.abandoned} abandoned,"
            f" {counts.safety_net} to the safety net, {counts.lost} lost, {counts.unaccounted} unaccounted"
        )
    )
    queues = _table("Queue", "Waiting", "Longest", "Offered", "Talking", "Ready", "Answered", "Abandoned")
    for queue in status.queues:
        queues.add_row(
            queue.name,
            str(queue.waiting),
            f"{queue.longest_wait_ms / 1000:.0f} s",
            *(
                str(number)
                for number in (
                    queue.offered_now,
                    queue.talking,
                    queue.agents_ready,
                    queue.answered,
                    queue.abandoned,
                )
            ),
        )
    console.print(queues)
    console.print(_agents(counts.agents))


def _agents(groups: Mapping[SiteId, Mapping[AgentState, int]]) -> Table | Text:
    """Sites down, states across."""
    if not groups:
        return Text("Nobody is logged in.")
    states = [state for state in AgentState if any(state in group for group in groups.values())]
    table = _table("Agents", *(state.value for state in states))
    for site, group in groups.items():
        table.add_row(site, *(str(group.get(state, 0)) for state in states))
    return table


def _table(first: str, *others: str) -> Table:
    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column(first, no_wrap=True)
    for name in others:
        table.add_column(name, justify="left" if first == "Asterisk" else "right")
    return table
