"""The phones of one test: callers, agents and an office, all in this process.

They trust nothing to time: each step is told to a phone and waited for. What is left when the test
is over is hung up, politely, before the floor is cleared.
"""

from __future__ import annotations

import asyncio
import contextlib
from typing import Self

from acd.core.facts import CallEntered
from acd.core.notes import AgentState
from asterisk_lab.user_agent import Call, UserAgent
from tests.real.floor import Floor


class Phones:
    """Opens phones and keeps them until the test is over."""

    def __init__(self, floor: Floor) -> None:
        self.floor = floor
        self.lab = floor.lab
        self.callers: list[Call] = []
        self._agents: dict[str, UserAgent] = {}
        self._open = contextlib.AsyncExitStack()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        for call in self.callers:
            await call.bye()
        with contextlib.suppress(AssertionError):
            await self.floor.settled(2.0)
        await self._open.aclose()

    async def open(self, phone: UserAgent) -> UserAgent:
        """Open a phone of the test's own making, until the test is over."""
        return await self._open.enter_async_context(phone)

    async def agent(self, name: str, *, auto: bool = False, login: bool = True) -> UserAgent:
        """Open an agent's phone and log the agent in. ``auto`` answers each ring at once."""
        port = self.lab.settings.contact_ports.get(name, 0)
        phone = UserAgent(self.lab, name, port, secret=self.lab.phone_secret, auto=auto)
        await self._open.enter_async_context(phone)
        self._agents[name] = phone
        if login:
            await self.floor.login(name)
        return phone

    def agent_of(self, name: str) -> UserAgent:
        """The open phone of this agent."""
        return self._agents[name]

    async def office(self, *, auto: bool = False) -> UserAgent:
        """Open the phone behind the trunk, where every office's number arrives."""
        phone = UserAgent(self.lab, "office", 6000, ip=self.lab.trunk_ip, auto=auto)
        return await self._open.enter_async_context(phone)

    async def caller(self, number: str = "803164", *, display: str = "") -> Call:
        """Call, and wait until the call has entered: the nth caller is the nth ``CallEntered``."""
        before = len(self.floor.of(CallEntered))
        own = f"061{len(self.callers) + 1:07}"
        phone = UserAgent(self.lab, own, ip=self.lab.caller_ip)
        await self._open.enter_async_context(phone)
        call = await phone.invite(number, display)
        self.callers.append(call)
        assert call.final == 200, call.final
        await self.floor.entered(before + 1)
        return call

    async def answered(self, phone: UserAgent) -> Call:
        """Answer the next ring of an agent's phone and wait until the agent talks."""
        call = await phone.ringing()
        call.answer()
        await self.floor.until(
            lambda: self.floor.state(phone.name) is AgentState.TALKING, f"{phone.name} talks"
        )
        return call


async def tone(phone: UserAgent, code: str) -> str:
    """Dial a feature code, hear it to the end, and return the sound: beep is yes, beeperr is no."""
    call = await phone.invite(code)
    assert call.final == 200, code
    heard = ""
    while not call.ended.is_set():
        for line in phone.lab.rx("core show channels concise").splitlines():
            name, _, _, _, _, application, data, *_ = line.split("!")
            if name.startswith(f"PJSIP/{phone.name}-") and application == "Playback":
                heard = data
        await asyncio.sleep(0.01)
    return heard
