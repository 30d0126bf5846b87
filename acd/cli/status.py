"""``acd status``: what the running ACD says of itself, on one screen.

The screen answers, from top to bottom, what somebody asks who was woken: can calls be routed; is each
Asterisk there, and does it run our dialplan; is anything lost that should be kept; which queues are in
trouble; who is there to answer. The picture is the API's own, small groups of people merged there.

*Trouble* of queues: first those where callers wait and nobody is ready or talking, then the longest wait.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import msgspec
from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from acd.cli.answers import Brief, NodeAnswer, Status, SummaryAnswer, TodayTold
from acd.cli.client import Client, path
from acd.cli.terminal import table
from acd.cli.words import clock, count, duration, moment, number
from acd.core.notes import AgentState
from acd.core.views import OfficeView, QueueView, Summary
from acd.journal.state import JournalState
from acd.queue_log.state import QueueLogState
from acd.store.records import StoreState

__all__ = ["by_trouble", "draw", "draw_then", "look", "queue_table"]

QUEUES_MIN: Final = 4
"""So many queues are shown on the smallest screen."""
NUMBERS_COLUMNS: Final = 54
"""What the numbers of a queue take of a line …"""
NAME_MIN: Final = 16
"""… and what is left for its name at least."""

SERIES_MANY: Final = 15_000
"""More than a centre of 110 queues and 110 offices has (tests/metrics/test_series.py)."""
BEHIND_MS: Final = 2_000
"""A journal is told to be behind from then on; a tenth of a second is its pace."""
MEGABYTE: Final = 1024 * 1024

FEW: Final = "too few are logged in; so small a group is not shown"

BY: Final = {"override": "an override", "file": "fallback.yaml", "transition": "the transition"}
"""Who decides for the country."""

STATE_STYLES: Final = {"ready": "green", "down": "bold red", "refused": "bold red"}


def look(client: Client) -> Status:
    """Ask for the whole picture; raises as ``Client.get`` does."""
    summary = client.get(path("summary"), SummaryAnswer)
    queues = tuple(msgspec.json.decode(raw, type=QueueView) for raw in client.items(path("queues")))
    offices = tuple(msgspec.json.decode(raw, type=OfficeView) for raw in client.items(path("offices")))
    return Status(
        url=client.place.name,
        ready=summary.not_ready is None,
        summary=summary,
        queues=queues,
        offices=offices,
    )


def draw(status: Status, *, columns: int, lines: int | None = None) -> RenderableType:
    """The screen.

    Args:
        status: What to show.
        columns: How wide it is.
        lines: How many lines there are; None: everything is shown.
    """
    summary = status.summary
    above: list[RenderableType] = [_head(status), *_exercise(summary), Text(), _nodes(summary)]
    above += [*_refused(summary), *_reload(summary), _kept("Store", _store(summary.store))]
    above.append(_kept("Journal", _journal(summary.journal)))
    above += [*_queue_log(summary.queue_log), *_metrics(summary.series)]
    above += _fallback(summary.fallback)
    above += [_calls(summary.counts), *_today(summary.today)]
    below: list[RenderableType] = [*_offices(status.offices, everyone=lines is None)]
    below.append(_sites(summary.counts) if lines is None else _agents(summary.counts))
    if lines is None:
        shown = len(status.queues)
    else:
        # the second line on calls, blank lines, the heading of the queues, the line on those not shown
        taken = len(above) + len(summary.nodes) + len(below) + 5
        shown = max(QUEUES_MIN, lines - taken)
    ordered = by_trouble(status.queues)
    parts: list[RenderableType] = [*above, Text(), queue_table(ordered[:shown], columns)]
    if shown < len(ordered):
        parts.append(_unshown(ordered[shown:]))
    return Group(*parts, Text(), *below)


def draw_then(
    counts: Summary, queues: Sequence[QueueView], offices: Sequence[OfficeView], *, columns: int
) -> RenderableType:
    """A screen of the past: what was counted, every queue, offices in use, groups of people."""
    queues = by_trouble(queues)
    return Group(
        _calls(counts),
        Text(),
        queue_table(queues, columns),
        Text(),
        *_offices(offices, everyone=True),
        _sites(counts),
    )


def by_trouble(queues: Sequence[QueueView]) -> list[QueueView]:
    """Those in trouble first; those without keep the order of the rules."""
    return sorted(queues, key=lambda queue: (not _unserved(queue), -queue.longest_wait_ms, -queue.waiting))


def queue_table(queues: Sequence[QueueView], columns: int) -> Table:
    """One line per queue, on a screen of so many columns."""
    numbers = ("Wait", "Longest", "Ring", "Talk", "Ready", "Answered", "Gave up")
    shown = table("Queue", *numbers, right=numbers)
    for queue in queues:
        style = "bold red" if _unserved(queue) else "yellow" if queue.waiting else ""
        shown.add_row(
            _short(queue.name, max(NAME_MIN, columns - NUMBERS_COLUMNS)),
            Text(number(queue.waiting), style=style),
            Text(clock(queue.longest_wait_ms) if queue.waiting else "", style=style),
            number(queue.offered_now),
            number(queue.talking),
            Text("nobody", style=style) if _unserved(queue) else _ready(queue),
            number(queue.answered),
            number(queue.abandoned),
        )
    return shown


def _short(name: str, columns: int) -> Text:
    told = Text(name)
    told.truncate(columns, overflow="ellipsis")
    return told


def _ready(queue: QueueView) -> str:
    """How many are free; of a small group that is not told."""
    return "few" if queue.agents_ready is None else number(queue.agents_ready)


def _unserved(queue: QueueView) -> bool:
    """Callers wait, and nobody is there who could take one or will be free after a talk."""
    return queue.waiting > 0 and queue.agents_ready == 0 and queue.talking == 0 and queue.offered_now == 0


def _unshown(queues: Sequence[QueueView]) -> Text:
    waiting = sum(queue.waiting for queue in queues)
    told = f"{number(waiting)} waiting in them" if waiting else "nobody waits in them"
    return Text(f"… and {count(len(queues), 'more queue')}, {told} (--all)", style="dim")


def _head(status: Status) -> Text:
    summary = status.summary
    if summary.not_ready is None:
        number = f"revision {summary.configuration}, " if summary.configuration else ""
        told = f"  {number}rules {summary.revision}, {status.url}"
        return Text.assemble(("ready", "bold green"), told, no_wrap=True, overflow="ellipsis")
    return Text.assemble(("not ready: ", "bold red"), summary.not_ready)


def _exercise(summary: SummaryAnswer) -> list[Text]:
    """What nobody may overlook: the opening hours are not those of the day."""
    told = summary.exercise
    if told is None:
        return []
    sentence = f"EXERCISE: the calendars are at {told.calendar}, and a day of theirs lasts {told.day_s:g} s"
    return [Text(sentence, style="bold white on red")]


def _nodes(summary: SummaryAnswer) -> Table:
    shown = table("Asterisk", "State", "Version", "Dialplan", folds="Dialplan")
    for node in summary.nodes:
        shown.add_row(
            node.id,
            Text(node.state, style=STATE_STYLES.get(node.state, "yellow")),
            node.asterisk_version or "not known yet",
            _dialplan(node, summary.entry_revision),
        )
    return shown


def _dialplan(node: NodeAnswer, ours: str) -> Text:
    if not node.entry_revision or not ours:
        return Text("not known", style="dim")
    if node.entry_revision == ours:
        return Text(f"{ours}, as the rules")
    return Text(f"{node.entry_revision}, not as the rules", style="yellow")


def _refused(summary: SummaryAnswer) -> list[Text]:
    """Why what runs is not what lies on the disk, and whether it stays."""
    told = []
    if summary.rules_refused:
        sentence = f"rules refused, {summary.revision} stays in force: {summary.rules_refused}"
        told.append(Text(sentence, style="bold red"))
    if summary.confirm_by_ms is not None:
        until = moment(summary.confirm_by_ms)
        sentence = f"revision {summary.configuration} undoes itself at {until}: `acd confirm`"
        told.append(Text(sentence, style="bold yellow"))
    return told


def _reload(summary: SummaryAnswer) -> list[Text]:
    """What to do where an Asterisk runs other menus than the rules have."""
    ours = summary.entry_revision
    if not ours or all(node.entry_revision in {"", ours} for node in summary.nodes):
        return []
    return [Text(f"          the rules say {ours}: `acd export dialplan`, then reload it", style="yellow")]


def _fallback(told: Brief | None) -> list[Text]:
    """Who stands in for whom, if anybody does or is kept from it."""
    if told is None or not (told.on or told.offices_on or told.offices_off or told.overrides):
        return []
    until = f" until {moment(told.until_ms)}" if told.until_ms is not None else ""
    parts = [f"{'on' if told.on else 'off'}, by {BY[told.source]}{until}"]
    parts += [f"{count(told.sites_on, 'site')} with a share"] if told.sites_on else []
    parts += [f"offices forced: {number(told.offices_on)} on"] if told.offices_on else []
    parts += [f"offices forced: {number(told.offices_off)} off"] if told.offices_off else []
    parts += [count(told.overrides, "override")] if told.overrides else []
    style = "yellow" if told.on else ""
    return [
        Text.assemble(("Fallback  ", "bold"), (" · ".join(parts), style), no_wrap=True, overflow="ellipsis")
    ]


def _kept(what: str, told: Text) -> Text:
    return Text.assemble((f"{what:10}", "bold"), told)


def _store(store: StoreState | None) -> Text:
    if store is None:
        return Text("none: nothing outlives the process", style="yellow")
    lost = f", {count(store.dropped, 'write')} lost" if store.dropped else ""
    if not store.writable:
        kept = f" {number(store.behind)} of {number(store.behind_max)} held in memory{lost}"
        return Text(f"cannot write: {store.why_not}{kept}", style="bold red")
    if store.dropped:
        return Text(f"writes again{lost}", style="bold red")
    if store.behind:
        return Text(f"writes; {number(store.behind)} in line")
    return Text("writes")


def _journal(journal: JournalState | None) -> Text:
    if journal is None:
        return Text("none: no call can be explained or replayed", style="yellow")
    lost = f"; {count(journal.lost, 'fact')} left out" if journal.lost else ""
    if not journal.writable:
        held = f"{_megabytes(journal.behind_bytes)} of {_megabytes(journal.behind_bytes_max)} MB"
        behind = f"{duration(journal.behind_ms)} behind, {held} in memory"
        return Text(f"cannot write: {journal.why_not}; {behind}{lost}", style="bold red")
    if not journal.replayable:
        why = lost.removeprefix("; ") or "a replay did otherwise than the engine"
        return Text(f"writes; {why}: no replay before the next start", style="bold red")
    told = Text("writes")
    if journal.behind_ms >= BEHIND_MS:
        told.append(f"; {duration(journal.behind_ms)} behind", style="yellow")
    since = f", since {moment(journal.oldest_ms)}" if journal.oldest_ms is not None else ""
    return told.append(f"{since} in {journal.folder}")


def _queue_log(state: QueueLogState | None) -> list[Text]:
    """Where the settings ask for the file."""
    if state is None:
        return []
    lost = f"; {count(state.lost, 'line')} left out" if state.lost else ""
    if not state.writable:
        held = f"{number(state.behind)} of {number(state.behind_max)} lines in memory"
        told = Text(f"cannot write: {state.why_not}; {held}{lost}", style="bold red")
    else:
        told = Text(f"writes {state.file}{lost}", style="bold red" if lost else "")
    return [_kept("queue_log", told)]


def _megabytes(size: int) -> str:
    return f"{size / MEGABYTE:.1f}" if 0 < size < MEGABYTE else f"{size // MEGABYTE}"


def _calls(counts: Summary) -> Text:
    told = Text.assemble(
        ("Calls     ", "bold"),
        f"{number(counts.in_progress)} in progress of {number(counts.entered)}",
    )
    for value, word in ((counts.lost, "lost"), (counts.unaccounted, "unaccounted")):
        told.append(" · ").append(f"{number(value)} {word}", style="bold red" if value else "")
    told.append(
        f"\n          {number(counts.answered)} answered, {number(counts.to_offices)} by offices"
        f" · {number(counts.abandoned)} gave up · {number(counts.safety_net)} to safety net"
    )
    if counts.closed:
        told.append(f" · {number(counts.closed)} told when we open")
    return told


def _today(today: TodayTold | None) -> list[Text]:
    """The service level of the day, with the name of its formula."""
    if today is None:
        return []
    told = "no call counts yet" if today.service_level is None else f"{100 * today.service_level:.1f} %"
    over = f", of {count(today.counted, 'call')}" if today.counted else ""
    return [
        Text.assemble(
            ("Today     ", "bold"),
            f"{told} within the threshold ({today.formula.words('en').title}{over})",
            f"\n          {number(today.offered)} offered · {number(today.answered)} answered",
            f" · {number(today.abandoned)} gave up, {number(today.short_abandoned)} more at once",
            f" · {number(today.left_in_menu)} left in the menu",
        )
    ]


def _metrics(series: int | None) -> list[Text]:
    """How large the exposition is: somebody must notice before Prometheus does."""
    if series is None:
        return []
    style = "yellow" if series > SERIES_MANY else ""
    told = f"{number(series)} series" if series else "not scraped since the start"
    return [Text.assemble(("Metrics   ", "bold"), (told, style))]


def _offices(offices: Sequence[OfficeView], *, everyone: bool) -> list[Text]:
    busy = sorted((o for o in offices if o.in_use), key=lambda o: (o.capacity - o.in_use, -o.in_use))
    if not offices:
        return []
    told = Text.assemble(("Offices   ", "bold"), f"{number(len(busy))} of {number(len(offices))} in use")
    for place, office in enumerate(busy):
        full = office.in_use >= office.capacity
        told.append(", " if place else ": ")
        told.append(
            f"{office.id} {office.in_use}/{office.capacity}{' full' if full else ''}",
            style="yellow" if full else "",
        )
    if not everyone:
        told.no_wrap, told.overflow = True, "ellipsis"
    return [told]


def _agents(counts: Summary) -> Text:
    """Everybody who is logged in, by state; so few that a number would speak of a person are not told."""
    groups = counts.agents
    totals = {state: sum(group.get(state, 0) for group in groups.values()) for state in AgentState}
    present = [f"{number(total)} {_plain(state)}" for state, total in totals.items() if total]
    return Text.assemble(("Agents    ", "bold"), " · ".join(present) or FEW)


def _sites(counts: Summary) -> RenderableType:
    """Sites down, states across."""
    groups = counts.agents
    states = [state for state in AgentState if any(group.get(state) for group in groups.values())]
    if not states:
        return _agents(counts)
    headings = tuple(_plain(state).capitalize() for state in states)
    shown = table("Agents", *headings, right=headings)
    for site, group in groups.items():
        shown.add_row(site, *(number(group.get(state, 0)) for state in states))
    return shown


def _plain(state: AgentState) -> str:
    return state.value.replace("_", "-")
