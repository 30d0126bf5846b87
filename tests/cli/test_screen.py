"""The status screen drawn from fixed answers: what is wrong is said in words, and all of it fits."""

from __future__ import annotations

import msgspec
import pytest
from rich.console import Console

from acd.cli.answers import NodeAnswer, Status, SummaryAnswer
from acd.cli.status import by_trouble, draw
from acd.cli.words import moment
from acd.core.notes import AgentState
from acd.core.views import OfficeView
from acd.journal.state import JournalState
from acd.queue_log.state import QueueLogState
from acd.store.records import StoreState
from tests.metrics.samples import queue_view, summary

STORE = StoreState(writable=True, behind=0, behind_max=10_000, dropped=0)
JOURNAL = JournalState(folder="/var/lib/acd/journal", writable=True, behind_bytes_max=2**26, behind_ms=90)
FULL = "the disk of /var/lib/acd/journal is full; free space there, the rest happens by itself"


def status(queues: int = 31, nodes: int = 2, **more: object) -> Status:
    """A centre of the national size."""
    asked = SummaryAnswer(
        counts=summary(roma={AgentState.READY: 1200, AgentState.WRAP_UP: 30}, bari={AgentState.READY: 900}),
        nodes=tuple(
            NodeAnswer(id=f"ast{n}", state="ready", asterisk_version="22.10.1", entry_revision="e" * 16)
            for n in range(nodes)
        ),
        not_ready=None,
        revision="r" * 16,
        entry_revision="e" * 16,
        store=STORE,
        journal=JOURNAL,
    )
    return Status(
        url="http://127.0.0.1:8088",
        ready=True,
        summary=msgspec.structs.replace(asked, **more),
        queues=tuple(
            queue_view(f"una-coda-dal-nome-piuttosto-lungo-{n}", waiting=n, longest_wait_ms=n * 60_000)
            for n in range(queues)
        ),
        offices=tuple(
            OfficeView(id=f"ufficio-{n}", name="x", province="RM", capacity=4, in_use=n % 5)
            for n in range(107)
        ),
    )


def drawn(what: Status, columns: int = 80, lines: int | None = 24) -> list[str]:
    console = Console(width=columns, height=50, no_color=True, highlight=False)
    with console.capture() as captured:
        console.print(draw(what, columns=columns, lines=lines))
    return captured.get().splitlines()


@pytest.mark.parametrize("lines", [24, 40, 60])
@pytest.mark.parametrize("nodes", [1, 4])
@pytest.mark.parametrize("columns", [80, 132])
def test_it_fits_the_screen(lines, nodes, columns):
    """No line wraps, no line is left unused while queues are unshown."""
    told = drawn(status(nodes=nodes), columns, lines)
    assert max(map(len, told)) <= columns
    shown = sum("Una-Coda" in line for line in told)
    assert len(told) <= lines
    assert shown == 31 or len(told) == lines


def test_the_smallest_screen_still_shows_queues():
    """Four of them, and how many wait in those that are not shown."""
    told = drawn(status(), lines=10)
    assert sum("Una-Coda" in line for line in told) == 4
    assert any("… and 27 more queues, 351 waiting in them (--all)" in line for line in told)


def test_everything_is_everything():
    """All queues, all offices in use, all sites."""
    told = drawn(status(), lines=None)
    assert sum("Una-Coda" in line for line in told) == 31
    assert " ".join(told).count("full") == 21
    assert any(line.startswith("bari") for line in told)
    assert not any("more queue" in line for line in told)


def test_queues_without_trouble_keep_the_order_of_the_rules():
    """Nobody looks for a queue in a list that dances."""
    quiet = [queue_view(name) for name in ("c", "a", "b")]
    assert [queue.id for queue in by_trouble(quiet)] == ["c", "a", "b"]
    busy = [*quiet, queue_view("d", waiting=1, longest_wait_ms=1000)]
    assert [queue.id for queue in by_trouble(busy)] == ["d", "c", "a", "b"]


@pytest.mark.parametrize(
    ("store", "said"),
    [
        (None, "none: nothing outlives the process"),
        (STORE, "writes"),
        (msgspec.structs.replace(STORE, behind=12), "writes; 12 in line"),
        (msgspec.structs.replace(STORE, dropped=3), "writes again, 3 writes lost"),
        (
            msgspec.structs.replace(STORE, writable=False, behind=40, why_not="the disk is full."),
            "cannot write: the disk is full. 40 of 10,000 held in memory",
        ),
    ],
)
def test_how_the_store_does(store, said):
    """In words, with the numbers that matter."""
    (line,) = [line for line in drawn(status(store=store)) if line.startswith("Store")]
    assert line == f"Store     {said}"


@pytest.mark.parametrize(
    ("journal", "said"),
    [
        (None, "none: no call can be explained or replayed"),
        (JOURNAL, "writes in /var/lib/acd/journal"),
        (
            msgspec.structs.replace(JOURNAL, oldest_ms=1_700_000_000_000),
            f"writes, since {moment(1_700_000_000_000)} in /var/lib/acd/journal",
        ),
        (
            msgspec.structs.replace(JOURNAL, behind_ms=3_100, behind_bytes=9_000),
            "writes; 3 s behind in /var/lib/acd/journal",
        ),
        (
            msgspec.structs.replace(
                JOURNAL, writable=False, why_not=FULL, behind_ms=65_000, behind_bytes=300_000
            ),
            f"cannot write: {FULL}; 1 min 05 s behind, 0.3 of 64 MB in memory",
        ),
        (
            msgspec.structs.replace(
                JOURNAL, writable=False, why_not=FULL, behind_ms=65_000, behind_bytes=2**26, lost=1_200
            ),
            f"cannot write: {FULL}; 1 min 05 s behind, 64 of 64 MB in memory; 1,200 facts left out",
        ),
        (
            msgspec.structs.replace(JOURNAL, replayable=False, lost=3),
            "writes; 3 facts left out: no replay before the next start",
        ),
        (
            msgspec.structs.replace(JOURNAL, replayable=False),
            "writes; a replay did otherwise than the engine: no replay before the next start",
        ),
    ],
)
def test_how_the_journal_does(journal, said):
    """Folder, since when, how far behind, what is lost."""
    (line,) = [line for line in drawn(status(journal=journal), 240) if line.startswith("Journal")]
    assert line == f"Journal   {said}"


QUEUE_LOG = QueueLogState(file="/var/log/acd/queue_log", writable=True, behind_max=200_000)
GONE = "/var/log/acd/queue_log cannot be written: No space left on device"


@pytest.mark.parametrize(
    ("queue_log", "said"),
    [
        (QUEUE_LOG, "writes /var/log/acd/queue_log"),
        (
            msgspec.structs.replace(QUEUE_LOG, writable=False, why_not=GONE, behind=1_200),
            f"cannot write: {GONE}; 1,200 of 200,000 lines in memory",
        ),
        (msgspec.structs.replace(QUEUE_LOG, lost=1), "writes /var/log/acd/queue_log; 1 line left out"),
    ],
)
def test_how_queue_log_does(queue_log, said):
    """Whether it writes, why not, what waits and what is lost."""
    (line,) = [line for line in drawn(status(queue_log=queue_log), 240) if line.startswith("queue_log")]
    assert line == f"queue_log {said}"


def test_no_queue_log_no_line():
    assert not [line for line in drawn(status(), 240) if line.startswith("queue_log")]


def test_an_asterisk_whose_menus_are_not_known():
    """It has not told yet: nothing is claimed."""
    told = drawn(status(entry_revision=""))
    assert sum("not known" in line for line in told) == 2


def test_what_must_never_be_is_red(monkeypatch):
    """A call unaccounted for catches the eye, and says its word."""
    monkeypatch.delenv("NO_COLOR")
    wrong = status()
    counts = msgspec.structs.replace(wrong.summary.counts, unaccounted=1)
    console = Console(width=80, force_terminal=True, color_system="standard", highlight=False)
    with console.capture() as captured:
        shown = msgspec.structs.replace(wrong.summary, counts=counts)
        console.print(draw(msgspec.structs.replace(wrong, summary=shown), columns=80, lines=24))
    assert "\x1b[1;31m1 unaccounted\x1b[0m" in captured.get()


def test_too_few_are_logged_in_to_be_shown():
    """The API leaves small groups out, so an empty answer is not told as nobody."""
    few = status(counts=summary())
    sentence = "Agents    too few are logged in; so small a group is not shown"
    assert sentence in drawn(few)
    assert sentence in drawn(few, lines=None)
