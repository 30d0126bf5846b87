"""What the migrations make is what the program sees; what is not ours is left alone."""

from __future__ import annotations

import contextlib
import os
import sqlite3
import stat

import msgspec
import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import create_engine

from acd.core.facts import Session
from acd.core.ids import AgentId
from acd.core.policy import Agent, RosterChange
from acd.errors import ConfigError, StoreUnavailable
from acd.store import migrate, schema
from acd.store.records import (
    CountedCall,
    LedgerRow,
    LineCheck,
    Override,
    PersonalCode,
    Revision,
    Slot,
    TokenRecord,
    TransitionRecord,
)
from tests.store.made import opened, people


async def test_the_tables_are_what_the_migrations_make(store, file):
    """Neither can be changed without the other."""
    engine = create_engine(f"sqlite:///{file}")
    with engine.connect() as connection:
        context = MigrationContext.configure(
            connection, opts={"compare_type": True, "compare_server_default": True}
        )
        assert compare_metadata(context, schema.metadata) == []
    engine.dispose()


@pytest.mark.parametrize(
    ("table", "record"),
    [
        (schema.agents, Agent),
        (schema.sessions, Session),
        (schema.tokens, TokenRecord),
        (schema.codes, PersonalCode),
        (schema.ledger, LedgerRow),
        (schema.revisions, Revision),
        (schema.overrides, Override),
        (schema.transitions, TransitionRecord),
        (schema.line_checks, LineCheck),
        (schema.slots, Slot),
        (schema.intraday_calls, CountedCall),
    ],
)
def test_a_column_stands_for_each_field(table, record):
    """A field added to a record and forgotten in its table is found here, not on a busy day."""
    assert [column.name for column in table.columns] == [
        field.name for field in msgspec.structs.fields(record)
    ]


def test_the_ledger_knows_no_agent():
    """Privacy by design: there is no column to put one in."""
    assert not [column.name for column in schema.ledger.columns if "agent" in column.name]


async def test_a_new_file_is_ours_alone(store, file):
    """Whatever the umask: nobody else reads it, nor what SQLite lays beside it."""
    store.tell_session(AgentId("a0001"), None)
    await store.flush()
    for each in file.parent.iterdir():
        assert stat.S_IMODE(each.stat().st_mode) == 0o600, each
    assert {each.name for each in file.parent.iterdir()} >= {"acd.db", "acd.db-wal", "acd.db.lock"}


async def test_a_file_others_may_read_is_closed_to_them(file):
    """A restored backup has the mode the backup had."""
    await (await opened(file)).close()
    file.chmod(0o644)
    await (await opened(file)).close()
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


async def test_the_folder_must_be_there(tmp_path):
    """A typing error in a path does not make a second store."""
    with pytest.raises(ConfigError, match=r"there is no folder .*nowhere; make it"):
        await opened(tmp_path / "nowhere" / "acd.db")
    (tmp_path / "folder").mkdir()
    with pytest.raises(ConfigError, match=r"cannot be opened|is not a file"):
        await opened(tmp_path / "folder")


async def test_the_schema_of_a_newer_version_is_refused_with_both_names(file):
    """An older program must not write what the newer cannot believe, and it says which is which."""
    await (await opened(file)).close()
    with contextlib.closing(sqlite3.connect(file)) as other, other:
        other.execute("update alembic_version set version_num = '9999'")
        other.execute("update meta set value = '7.1' where key = 'version'")
    before = file.read_bytes()
    with pytest.raises(ConfigError, match=r"written by ACD 7\.1, whose schema \(9999\) this version"):
        await opened(file)
    assert file.read_bytes() == before


async def test_a_database_of_something_else_is_left_alone(file):
    """The path of another program's database in our settings costs that program nothing."""
    with contextlib.closing(sqlite3.connect(file)) as other, other:
        other.execute("create table theirs (x)")
    with pytest.raises(ConfigError, match="is a database of something else"):
        await opened(file)
    with contextlib.closing(sqlite3.connect(file)) as other:
        assert other.execute("select name from sqlite_master").fetchall() == [("theirs",)]


async def test_a_damaged_file_is_refused_with_what_to_do(file):
    """Both kinds: no database at all, and one that was overwritten in the middle."""
    file.write_bytes(b"this is no database, " * 500)
    with pytest.raises(
        ConfigError, match="damaged or no database; stop the ACD, keep the file, put the last"
    ):
        await opened(file)
    file.unlink()
    store = await opened(file)
    await store.change_roster(RosterChange(upserts=people(2_000)))
    await store.close()
    with file.open("r+b") as handle:
        handle.seek(4_096)
        handle.write(b"\xff" * 4_096 * 3)
    with pytest.raises((ConfigError, StoreUnavailable), match="damaged"):
        await (await opened(file)).roster()


async def test_an_upgrade_that_fails_leaves_nothing_half_done(file, monkeypatch):
    """CREATE TABLE is in the transaction too: the next start begins where this one did."""

    def fails(connection):
        upgrade(connection)
        raise sqlite3.OperationalError("the machine is tired")

    upgrade = migrate.upgrade
    with monkeypatch.context() as patched:
        patched.setattr(migrate, "upgrade", fails)
        with pytest.raises(StoreUnavailable):
            await opened(file)
    with contextlib.closing(sqlite3.connect(file)) as other:
        assert other.execute("select name from sqlite_master").fetchall() == []
    await (await opened(file)).close()


async def test_one_process_has_it_at_a_time(store, file):
    """A second is told who has it; when the first has closed, the next is welcome."""
    with pytest.raises(StoreUnavailable, match=f"in use by process {os.getpid()}, and only one"):
        await opened(file)
    await store.close()
    await (await opened(file)).close()


async def test_a_closed_store_says_so(store):
    """Nothing is opened again behind the lock's back; closing twice is once."""
    await store.close()
    await store.close()
    with pytest.raises(StoreUnavailable, match="was closed"):
        await store.roster()
    with pytest.raises(StoreUnavailable, match="was closed"):
        await store.change_roster(RosterChange())


async def test_people_of_the_first_schema_are_no_volunteers(file):
    """A store of the version before keeps its people, and nobody has volunteered by that."""
    store = await opened(file)
    await store.change_roster(RosterChange(upserts=people(2)))
    await store.close()
    with contextlib.closing(sqlite3.connect(file)) as raw, raw:
        raw.execute("ALTER TABLE agents DROP COLUMN volunteer")
        raw.execute("ALTER TABLE sessions DROP COLUMN worked_since_ms")
        raw.execute("ALTER TABLE ledger DROP COLUMN level")
        later_tables = ("revisions", "overrides", "transitions", "line_checks", "slots")
        for later in (*later_tables, "intraday", "intraday_calls"):
            raw.execute(f"DROP TABLE {later}")
        raw.execute("UPDATE alembic_version SET version_num = '0001'")
    again = await opened(file)
    roster = (await again.roster()).roster
    await again.close()
    assert [agent.volunteer for agent in roster.agents.values()] == [False, False]


@pytest.mark.parametrize("beside", ["", ".lock", "-wal", "-shm"])
async def test_a_link_is_not_followed(file, beside):
    """Root opens stores in folders of others: a link there would have it cut and give away any file."""
    precious = file.with_name("precious")
    precious.write_text("of root")
    precious.chmod(0o644)
    file.with_name(file.name + beside).symlink_to(precious)
    with pytest.raises(ConfigError, match="link"):
        await opened(file)
    assert (precious.read_text(), stat.S_IMODE(precious.stat().st_mode)) == ("of root", 0o644)
