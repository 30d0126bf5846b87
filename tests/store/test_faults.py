"""Disks that are full, locked, gone; processes that are killed; values that cannot be."""

from __future__ import annotations

import asyncio
import contextlib
import signal
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from acd.core.facts import Session
from acd.core.ids import AgentId
from acd.core.policy import RosterChange
from acd.errors import ConfigError, StoreUnavailable
from acd.store import database, sqlite, writer
from tests.store.killed import ROUND
from tests.store.made import agent, call, entry, opened, people, token

ONE = AgentId("a0001")


@pytest.fixture
def small_disk(tmp_path):
    """A disk of 1 MB that a test can fill: a real one, where this process may mount it."""
    folder = tmp_path / "disk"
    folder.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=1m", "acd-test", folder], capture_output=True, check=False
    )
    if mounted.returncode:
        pytest.skip("no disk of its own for this test: this process may not mount one")
    yield folder
    subprocess.run(["umount", "-l", folder], check=True)


def fill(folder: Path) -> Path:
    """Write until nothing goes any more."""
    junk = folder / "junk"
    with junk.open("wb", buffering=0) as out, contextlib.suppress(OSError):
        while out.write(b"x" * 4_096):
            pass
    return junk


@pytest.fixture
def impatient(monkeypatch):
    """The store waits for a lock, and between two tries, for next to nothing."""
    monkeypatch.setattr(sqlite, "BUSY_S", 0.02)
    monkeypatch.setattr(writer, "BACK_OFF_S", (0.01,))
    monkeypatch.setattr(writer, "LOOK_EVERY_S", 0.01)


@contextlib.contextmanager
def locked(file: Path):
    """Another program has the file."""
    with contextlib.closing(sqlite3.connect(file, isolation_level=None)) as other:
        other.execute("begin exclusive")
        yield
        other.execute("rollback")


async def until(is_so) -> None:
    """Let other tasks run until it is so; the test's time limit is the other end."""
    while not is_so():  # noqa: ASYNC110  # the state is asked for, as metrics do; it tells nobody
        await asyncio.sleep(0.002)


# ── full ─────────────────────────────────────────────────────────────────────────────────────


async def test_on_a_full_disk_nothing_is_lost_and_all_is_written_when_there_is_room(small_disk, impatient):
    """Visible at once, whole afterwards; reading goes on meanwhile; asked writes are refused in words."""
    store = await opened(small_disk / "acd.db")
    await store.change_roster(RosterChange(upserts=people(20)))
    junk = fill(small_disk)
    for number in range(1_200):
        store.tell_call(call(number))
        store.tell_audit(entry(number))
    store.tell_session(ONE, Session(agent=ONE, phone="p1"))
    await until(lambda: not store.state().writable)
    assert store.state().behind == 2_401
    assert store.state().why_not.endswith("is full; free space there, the rest happens by itself.")
    with pytest.raises(StoreUnavailable, match="is full; free space"):
        await store.change_roster(RosterChange(upserts=people(2_000)))
    with pytest.raises(StoreUnavailable, match="is full; free space"):
        await store.audit()
    assert len((await store.roster()).roster.agents) == 20
    junk.unlink()
    await until(lambda: not store.state().behind)
    assert store.state().writable
    assert store.state().dropped == 0
    assert (await store.verify_audit()).entries == 1_200
    assert len(await store.ledger(limit=5_000)) == 1_200
    assert (await store.roster()).revision == 1
    await store.close()


async def test_a_process_that_starts_on_a_full_disk_reads_what_is_there_or_says_why_not(
    small_disk, impatient
):
    """After a kill the roster is there; after a clean end SQLite needs a little room, and it is said."""
    file = small_disk / "acd.db"
    store = await opened(file)
    await store.change_roster(RosterChange(upserts=people(20)))
    await store.close()
    junk = fill(small_disk)
    try:
        store = await opened(file)
    except StoreUnavailable as error:
        assert f"the disk of {file} is full; free space there" in str(error)  # noqa: PT017
        junk.unlink()
        store = await opened(file)
    assert len((await store.roster()).roster.agents) == 20
    await store.close()


async def test_a_file_that_may_not_grow_is_a_full_disk_too(store, file, impatient):
    """SQLite's own bound gives the same error where no disk can be mounted."""
    await store.change_roster(RosterChange(upserts=people(5)))
    async with store._database.writing() as connection:
        await connection.exec_driver_sql("PRAGMA max_page_count = 1")
    with pytest.raises(StoreUnavailable, match="is full; free space"):
        await store.change_roster(RosterChange(upserts=people(900)))
    assert not store.state().writable
    assert (await store.roster()).revision == 1
    async with store._database.writing() as connection:
        await connection.exec_driver_sql("PRAGMA max_page_count = 1000000")
    assert await store.change_roster(RosterChange(upserts=people(900))) == 2
    assert store.state().writable


# ── locked, gone, read-only ──────────────────────────────────────────────────────────────────


async def test_while_another_program_locks_it_what_is_told_waits(file, impatient):
    """The caller is never held up, the state says why, and afterwards all comes by itself."""
    store = await opened(file)
    with locked(file):
        store.tell_session(ONE, Session(agent=ONE, phone="p1"))
        await until(lambda: not store.state().writable)
        store.tell_session(ONE, Session(agent=ONE, phone="p2"))
        store.tell_audit(entry(1))
        assert "is locked by another program; end it" in store.state().why_not
        with pytest.raises(StoreUnavailable, match="is locked by another program"):
            await store.add_token(token())
        assert await store.tokens() == ()
    await until(lambda: not store.state().behind)
    assert store.state().writable
    assert [session.phone for session in await store.sessions()] == ["p2"]
    await store.close()


async def test_trouble_of_an_asked_write_is_over_by_itself(file, impatient):
    """Nothing is in line, yet the state looks whether the disk is back."""
    store = await opened(file)
    with locked(file), pytest.raises(StoreUnavailable):
        await store.add_token(token())
    assert not store.state().writable
    await until(lambda: store.state().writable)
    await store.close()


async def test_beyond_its_bound_memory_drops_the_oldest_calls_and_the_audit_tells(file, impatient):
    """Counted in the state, and told in the chain itself where the lost would have stood."""
    store = await opened(file, behind_max=20)
    with locked(file):
        store.tell_audit(entry(1))
        await until(lambda: not store.state().writable)
        for number in range(30):
            store.tell_call(call(number))
        for number in range(2, 6):
            store.tell_audit(entry(number))
        assert store.state().behind <= 20
        assert store.state().dropped == 15
    await until(lambda: not store.state().behind)
    rows = await store.audit()
    assert [row.entry.at_ms for row in rows if row.entry.who != "system"] == [1, 2, 3, 4, 5]
    told = [row.entry for row in rows if row.entry.action == "store.lose"]
    assert [one.detail for one in told] == [
        "the disk was away longer than memory could hold; lost audit entries: 0, calls of the ledger: 15"
    ]
    assert [row.call for row in await store.ledger()] == [call(number).call for number in range(15, 30)]
    await store.close()


async def test_a_file_that_was_removed_or_replaced_is_noticed_before_it_is_written(store, file, impatient):
    """SQLite would write on into nothing; put back, it goes on."""
    store.tell_audit(entry(1))
    await store.flush()
    aside = file.rename(file.with_name("aside.db"))
    store.tell_audit(entry(2))
    with pytest.raises(StoreUnavailable, match="was removed or replaced under the running ACD; put it"):
        await store.flush()
    file.write_bytes(b"another")
    with pytest.raises(StoreUnavailable, match="was removed or replaced"):
        await store.add_token(token())
    assert not store.state().writable
    aside.rename(file)
    assert (await store.verify_audit()).entries == 2
    assert store.state().writable


async def test_a_disk_that_is_mounted_read_only_is_refused_at_the_start(small_disk):
    """In words, before anything is read."""
    await (await opened(small_disk / "acd.db")).close()
    await asyncio.to_thread(subprocess.run, ["mount", "-o", "remount,ro", small_disk], check=True)
    with pytest.raises(ConfigError, match=r"cannot be opened for writing \(Read-only file system\)"):
        await opened(small_disk / "acd.db")


def test_errors_of_a_read_only_file_say_where_to_look(tmp_path):
    """What a remount under a running ACD gives."""
    file = tmp_path / "acd.db"
    with contextlib.closing(sqlite3.connect(file)) as other:
        other.execute("create table x (y)")
    with (
        contextlib.closing(sqlite3.connect(f"file:{file}?mode=ro", uri=True)) as other,
        pytest.raises(sqlite3.OperationalError) as caught,
    ):
        other.execute("insert into x values (1)")
    assert sqlite.sentence(caught.value, file) == (
        f"{file} cannot be written; look at its owner, its mode and how its disk is mounted."
    )


async def test_a_disk_that_does_not_answer_holds_nobody_up(file, monkeypatch):
    """Whoever asked is told that it may still happen; the state tells how long it has been."""
    monkeypatch.setattr(sqlite, "BUSY_S", 0.5)
    monkeypatch.setattr(database, "SLOW_S", 0.05)
    monkeypatch.setattr(database.Database.unbroken, "__kwdefaults__", {"limit_s": 0.1})
    store = await opened(file)
    with locked(file):
        with pytest.raises(StoreUnavailable, match="look before you ask again"):
            await store.add_token(token())
        assert "has taken no write for" in store.state().why_not
    await store.close()
    again = await opened(file)
    assert await again.tokens() == (token(),)
    await again.close()


async def test_closing_takes_no_longer_than_allowed_and_says_what_is_lost(file, impatient, capsys):
    """A restart is not held up by a disk that will not."""
    store = await opened(file)
    with locked(file):
        store.tell_audit(entry(1))
        await store.close(limit_s=0.1)
    assert "store.lost_at_close" in capsys.readouterr().out
    assert store.state().behind == 1


# ── cancelled, refused, killed ───────────────────────────────────────────────────────────────


async def test_a_write_whose_asker_goes_away_is_done_or_not_done(store):
    """A browser that was closed in the middle: the store goes on, nothing is half."""
    for number in range(1, 40):
        asking = asyncio.create_task(
            store.change_roster(RosterChange(upserts=(agent(number), agent(1_000 + number))))
        )
        for _ in range(number):
            await asyncio.sleep(0)
        asking.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await asking
    await store.add_token(token())
    state = await store.roster()
    assert len(state.roster.agents) == 2 * state.revision


async def test_a_read_whose_asker_goes_away_costs_no_connection(store):
    """More cancelled reads than there are connections."""
    await store.change_roster(RosterChange(upserts=people(600)))
    for number in range(30):
        asking = asyncio.create_task(store.roster())
        for _ in range(number):
            await asyncio.sleep(0)
        asking.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await asking
    assert len((await store.roster()).roster.agents) == 600


async def test_a_value_no_database_takes_holds_up_nobody_behind_it(store):
    """A defect of ours costs the one row, is counted and logged; the disk is not blamed."""
    for number in range(40):
        store.tell_call(call(number, wait_ms=2**70 if number == 17 else 1))
        store.tell_audit(entry(number))
    await store.flush()
    assert store.state().dropped == 1
    assert store.state().writable
    rows = await store.audit()
    assert [row.entry.at_ms for row in rows if row.entry.who != "system"] == list(range(40))
    assert {row.call for row in await store.ledger()} == {call(n).call for n in range(40) if n != 17}
    with pytest.raises(StoreUnavailable, match="refuses this"):
        await store.add_token(token(created_ms=2**70))
    assert store.state().writable


async def test_text_that_is_no_text_is_kept_as_far_as_it_goes(store):
    """Bytes that were no UTF-8, and a NUL: made fit, not lost."""
    store.tell_call(call(1, called="06\udcff\x004", language="de"))
    await store.flush()
    assert [row.called for row in await store.ledger()] == ["06?4"]


async def test_a_writer_that_fails_is_a_visible_state(store, monkeypatch):
    """A defect of ours is not silence; what was told is written by whoever asks, and at the end."""

    def fails(self, failures):
        raise RuntimeError("no such thing")

    with monkeypatch.context() as patched:
        patched.setattr(writer.Writer, "_wait", fails)
        store.tell_audit(entry(1))
        await until(lambda: not store.state().writable)
    assert store.state().why_not == "the task that writes has failed, a defect of ours; restart the ACD."
    assert len(await store.audit()) == 1


async def test_a_backup_beside_a_running_acd_is_whole(store, file, tmp_path):
    """As the operations page says it: SQLite's own backup while the ACD writes, then opened as a store."""
    await store.change_roster(RosterChange(upserts=people(50)))
    for number in range(3_000):
        store.tell_audit(entry(number))
    saved = tmp_path / "saved.db"
    writing = asyncio.create_task(store.flush())
    program = "import sqlite3, sys; sqlite3.connect(sys.argv[1]).backup(sqlite3.connect(sys.argv[2]))"
    saving = await asyncio.create_subprocess_exec(sys.executable, "-c", program, str(file), str(saved))
    assert await saving.wait() == 0
    await writing
    again = await opened(saved)
    verdict = await again.verify_audit()
    assert verdict.broken_at is None
    assert verdict.entries % 500 == 0
    assert len((await again.roster()).roster.agents) == 50
    await again.close()


@pytest.mark.parametrize("rounds", [1, 6])
async def test_killed_in_the_middle_of_writing_it_is_whole(file, rounds):
    """Kill -9, then open: the chain is whole, no batch is half there, all that was said to be done is."""
    child = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.store.killed", str(file), stdout=subprocess.PIPE
    )
    for _ in range(rounds):
        said = int(await child.stdout.readline())
    child.send_signal(signal.SIGKILL)
    while line := await child.stdout.readline():
        said = int(line)
    await child.wait()
    store = await opened(file)
    verdict = await store.verify_audit()
    calls = await store.ledger(limit=1_000_000)
    state = await store.roster()
    logins = await store.sessions()
    await store.close()
    assert verdict.broken_at is None
    assert verdict.entries == len(calls)
    assert verdict.entries in {ROUND * said, ROUND * (said + 1)}
    assert [login.phone for login in logins] == [str(verdict.entries // ROUND)]
    assert state.revision in {said, said + 1}
    assert len(state.roster.agents) == 2 * state.revision
