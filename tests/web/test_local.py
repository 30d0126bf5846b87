"""The Unix socket: who asks is told by the kernel, and its file harms nobody."""

from __future__ import annotations

import os
import socket
import stat
from pathlib import Path

import aiohttp
import pytest

from acd.errors import ConfigError, Forbidden
from acd.store.records import Role
from acd.web import door
from acd.web.app import build_api
from acd.web.bearers import Bearers, local_bearer
from acd.web.serve import serve

UID = os.geteuid()


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Where the socket lies."""
    return tmp_path / "acd.sock"


def over(path: Path) -> aiohttp.ClientSession:
    return aiohttp.ClientSession("http://acd", connector=aiohttp.UnixConnector(str(path)))


async def test_over_the_socket_the_own_user_is_admin_without_a_token(centre, clock, path):
    """No token, the role admin, and the audit names the uid."""
    server = await serve(build_api(centre, Bearers(), clock=clock), "127.0.0.1", 0, socket_path=path)
    async with over(path) as session:
        me = await (await session.get("/api/v1/me")).json()
        assert (me["who"], me["role"], me["expires_ms"]) == (f"uid:{UID}", "admin", None)
        assert (await session.post("/api/v1/agents/a0001/login")).status == 200
    assert [entry.who for entry in centre.small_store.entries] == [f"uid:{UID}"]
    async with aiohttp.ClientSession() as session, session.get(f"{server.url}/api/v1/me") as answer:
        assert answer.status == 401  # the address beside it still wants a token
    await server.stop()


async def test_other_users_are_refused_over_the_socket(centre, clock, path, monkeypatch):
    """Whoever may open the file by its group is still not admin; health is open to all."""

    def somebody_else(peer: socket.socket, own_uid: int) -> object:
        return local_bearer(peer, own_uid + 1) if own_uid else refuse(peer)

    def refuse(_: socket.socket) -> object:
        raise Forbidden("The local socket is for root and the user of the ACD, not for uid 1234.")

    monkeypatch.setattr(door, "local_bearer", somebody_else)
    server = await serve(build_api(centre, Bearers(), clock=clock), "127.0.0.1", 0, socket_path=path)
    async with over(path) as session:
        answer = await session.get("/api/v1/me")
        assert (answer.status, (await answer.json())["id"]) == (403, "forbidden")
        assert (await session.get("/livez")).status == 200
    await server.stop()


@pytest.mark.parametrize(
    ("uid", "own", "role"),
    [(0, 0, Role.ADMIN), (0, 990, Role.ADMIN), (990, 990, Role.ADMIN), (991, 990, None)],
)
def test_root_and_the_own_user_are_admin_and_nobody_else(monkeypatch, uid, own, role):
    """By the credentials the kernel took when the peer connected."""
    monkeypatch.setattr("acd.web.bearers.peer_uid", lambda _: uid)
    one, two = socket.socketpair(socket.AF_UNIX)
    with one, two:
        if role is None:
            with pytest.raises(Forbidden, match="not for uid 991"):
                local_bearer(one, own)
        else:
            bearer = local_bearer(one, own)
            assert (bearer.who, bearer.role) == (f"uid:{uid}", role)


async def test_the_file_is_for_user_and_group_only_and_goes_with_the_server(centre, clock, path):
    """Mode 0660 from its first moment; after a stop nothing is left."""
    before = os.umask(0)
    os.umask(before)
    server = await serve(build_api(centre, Bearers(), clock=clock), "127.0.0.1", 0, socket_path=path)
    assert stat.S_IMODE(path.stat().st_mode) == 0o660
    after = os.umask(0)
    os.umask(after)
    assert after == before
    await server.stop()
    assert not path.exists()


async def test_a_socket_left_by_a_killed_process_is_replaced(centre, clock, path):
    """Nobody answers there, so it is nobody's."""
    with socket.socket(socket.AF_UNIX) as dead:
        dead.bind(str(path))
    server = await serve(build_api(centre, Bearers(), clock=clock), "127.0.0.1", 0, socket_path=path)
    async with over(path) as session:
        assert (await session.get("/livez")).status == 200
    await server.stop()


async def test_a_socket_that_answers_is_left_alone(centre, clock, path):
    """A second process on the same settings says so and does not steal it; the first one goes on."""
    first = await serve(build_api(centre, Bearers(), clock=clock), "127.0.0.1", 0, socket_path=path)
    with pytest.raises(ConfigError, match="another process answers there"):
        await serve(build_api(centre, Bearers(), clock=clock), "127.0.0.1", 0, socket_path=path)
    async with over(path) as session:
        assert (await session.get("/livez")).status == 200
    await first.stop()


@pytest.mark.parametrize("what", ["file", "folder", "no folder"])
async def test_a_path_that_can_hold_no_socket_is_told(centre, clock, path, what):
    """A file of somebody's is not removed, and a wrong path is a sentence."""
    if what == "file":
        path.write_text("mine")
    elif what == "folder":
        path.mkdir()
    else:
        path = path / "below" / "acd.sock"
    with pytest.raises(
        ConfigError, match=r"Cannot listen on the socket .*choose another path for api\.socket"
    ):
        await serve(build_api(centre, Bearers(), clock=clock), "127.0.0.1", 0, socket_path=path)
    if what == "file":
        assert path.read_text() == "mine"


async def test_a_socket_that_somebody_else_made_since_is_not_removed(centre, clock, path):
    """A new process took the path while we were stopping: its socket stays."""
    server = await serve(build_api(centre, Bearers(), clock=clock), "127.0.0.1", 0, socket_path=path)
    path.rename(path.with_name("ours"))
    path.write_text("another's")
    await server.stop()
    assert path.read_text() == "another's"
