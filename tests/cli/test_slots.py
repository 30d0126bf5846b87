"""``acd slots`` as a volunteer types it, and as an operator does."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable

import msgspec
import pytest
from typer.testing import Result

from acd.core.ids import AgentId
from acd.core.policy import Roster
from acd.volunteering.rome import day_of

Mine = Callable[..., Result]


def in_two_days(clock: str) -> str:
    """A moment the day after tomorrow."""
    today = day_of(round(dt.datetime.now(tz=dt.UTC).timestamp() * 1000))
    return f"{today + dt.timedelta(days=2)}T{clock}"


@pytest.fixture
def mine(run, living, monkeypatch: pytest.MonkeyPatch) -> Mine:
    """Call ``acd slots`` with the token of a volunteer."""
    state = living.centre._roster
    vera = msgspec.structs.replace(state.roster.agents[AgentId("a0012")], volunteer=True)
    people = Roster(agents={**state.roster.agents, vera.id: vera})
    living.centre._roster = msgspec.structs.replace(state, roster=people)
    made = run("token", "create", "--name", "vera", "--role", "agent", "--agent", "a0012", "--json")
    secret = json.loads(made.stdout)["secret"]

    def call(*arguments: str) -> Result:
        with monkeypatch.context() as patch:
            patch.setenv("ACD_TOKEN", secret)
            return run("slots", *arguments, "--url", f"http://127.0.0.1:{living.port}")

    return call


def test_a_slot_from_check_to_withdrawal(mine: Mine):
    """Each step says what it did; the list shows it."""
    times = (in_two_days("09:00"), "13:00")
    assert mine("check", "roma", *times).stdout == "Nothing stands against it.\n"
    accepted = mine("accept", "roma", *times)
    assert accepted.exit_code == 0, accepted.output
    assert accepted.stdout.startswith(f"Accepted: slot 1, {times[0].replace('T', ' ')} to 13:00.")
    assert f"{times[0].replace('T', ' ')} to 13:00" in mine().stdout
    assert mine("withdraw", "1").stdout.startswith("Withdrawn: slot 1,")
    assert "withdrawn" in mine().stdout
    assert mine("withdraw", "7").exit_code == 1


def test_what_would_be_refused_is_said_before(mine: Mine):
    """Exit status 1 and the sentences, in either language."""
    times = (in_two_days("20:00"), "23:00", "--kind", "overtime", "--place", "home")
    checked = mine("check", "roma", *times)
    assert checked.exit_code == 1
    assert "refused (home_overtime): Straordinario e lavoro da casa" in checked.stderr
    assert "refused (night): Il turno tocca" in checked.stderr
    refused = mine("accept", "roma", *times, "--lang", "en")
    assert refused.exit_code == 1
    assert "Overtime and work from home" in refused.stderr


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("check", "roma", "tomorrow", "13:00"), "'tomorrow' is no moment"),
        (("check", "roma", "now", "13:00", "--kind", "nap"), "'nap' is none of: ordinary, overtime, holiday"),
        (("totals", "november"), "month"),
    ],
)
def test_what_is_mistyped_is_told(mine: Mine, arguments: tuple[str, ...], told: str):
    answer = mine(*arguments)
    assert answer.exit_code == 1
    assert told in answer.stderr


def test_totals_of_what_was_worked(mine: Mine, living):
    """As a screen, and as a table for a spreadsheet."""
    mine("accept", "roma", in_two_days("09:00"), "13:00")
    month = in_two_days("09:00")[:7]
    assert "4.00" in mine("totals", month).stdout
    table = mine("totals", month, "--csv").stdout
    assert table.splitlines()[0] == "begin,end,office,kind,place,hours,confirmed"
    assert "total,,,ordinary,office,4.00,no" in table


def test_slots_are_their_own_agents_alone(run, living):
    """Whoever has no agent's token is told so, root too; sums are for operators."""
    refused = run("slots")
    assert refused.exit_code == 1
    assert "told to their own agent alone" in refused.stderr
    assert "Fewer than 10 people in all" in run("slots", "sums", "2026-01").stdout
    assert run("slots", "sums", "2026-01", "--csv").stdout.startswith("month,office,kind,place,hours,")
    assert "is not over" in run("slots", "sums", in_two_days("09:00")[:7]).stderr
