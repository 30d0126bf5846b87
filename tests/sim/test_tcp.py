"""The same server behind a real socket (the only test here in real time)."""

from __future__ import annotations

import asyncio

from acd.sim.asterisk import SimulatedAsterisk


async def test_a_socket_client_logs_in_and_is_let_go() -> None:
    """Banner, login, ping, log-off and the end of the stream."""
    sim = SimulatedAsterisk()
    server = await sim.listen()
    host, port = server.sockets[0].getsockname()
    reader, writer = await asyncio.open_connection(host, port)
    login = "Action: Login\r\nActionID: 1\r\nUsername: acd\r\nSecret: simulated\r\n\r\n"
    writer.write(f"{login}Action: Ping\r\nActionID: 2\r\n\r\nAction: Logoff\r\nActionID: 3\r\n\r\n".encode())
    said = (await asyncio.wait_for(reader.read(), 5)).decode()
    assert said.startswith("Asterisk Call Manager/11.0.0\r\nResponse: Success\r\nActionID: 1\r\n")
    assert "Event: FullyBooted\r\n" in said
    assert "ActionID: 2\r\nPing: Pong\r\n" in said
    assert said.endswith("Response: Goodbye\r\nActionID: 3\r\nMessage: Thanks for all the fish.\r\n\r\n")
    writer.close()
    server.close()
    await server.wait_closed()
