"""Play the scenes on a real Asterisk and write the transcripts: ``python -m tests.sim.record``.

Needs a lab that runs (``scripts/lab up --port-offset K``) with agents ``a0001`` and ``a0002`` at
127.0.0.3 and the trunk at 127.0.0.4. Written files are read by ``test_transcripts.py``.
"""

from __future__ import annotations

import argparse
import asyncio
import time
from pathlib import Path

from tests.sim.scenes import SCENES
from tests.sim.sip_phones import Dialog, Phone, SipHost
from tests.sim.stage import Probe, Stage

FOLDER = Path(__file__).parent / "transcripts"


class SipActor:
    """Callers and phones on the wire."""

    def __init__(self, callers: SipHost, phones: SipHost, trunk: SipHost, number: str) -> None:
        self.callers, self.phones, self.trunk, self.number = callers, phones, trunk, number
        self.caller: Dialog | None = None
        self.consulting: Dialog | None = None

    def call(self) -> None:
        """A caller dials the contact centre."""
        self.caller = self.callers.call("0699887766", self.number)

    def caller_leaves(self) -> None:
        """The last caller hangs up (or cancels)."""
        assert self.caller is not None
        if self.caller.answered:
            self.caller.bye()
        else:
            self.callers.cancel(self.caller)

    def press(self, digit: str) -> None:
        """The last caller presses a key."""
        assert self.caller is not None
        self.callers.press(self.caller, digit)

    def phone(self, endpoint: str, **does: int | None) -> None:
        """Set what a phone does when it is rung."""
        self.phones.phones[endpoint] = Phone(**does)  # type: ignore[arg-type]

    def talking(self, endpoint: str) -> Dialog:
        """The talk this phone is in."""
        hosts = (*self.phones.dialogs.values(), *self.trunk.dialogs.values())
        return next(one for one in hosts if one.user == endpoint and one.answered and not one.ended)

    def presses(self, endpoint: str) -> None:
        """Somebody there presses 1, a while after the answer."""
        asyncio.get_running_loop().call_later(1.3, lambda: self.trunk.press(self.talking(endpoint), "1"))

    def presses_nothing(self, endpoint: str) -> None:
        """A voicemail answers there; phones press nothing by themselves."""

    def agent_leaves(self, endpoint: str) -> None:
        """The agent hangs up the talk."""
        self.talking(endpoint).bye()

    def blind(self, endpoint: str, to: str) -> None:
        """REFER without asking; the phone hangs up as soon as it is told."""
        talk = self.talking(endpoint)
        talk.refer(to)
        asyncio.get_running_loop().call_later(0.1, talk.bye)

    def consult(self, endpoint: str, to: str) -> None:
        """A second call of the same phone."""
        self.consulting = self.phones.call(endpoint, to)

    def attended(self, endpoint: str) -> None:
        """REFER with Replaces."""
        talk = next(d for d in self.phones.dialogs.values() if d.user == endpoint and d is not self.consulting
                    and d.answered and not d.ended)  # fmt: skip
        talk.refer("a0002", self.consulting)

    def dial(self, endpoint: str, number: str) -> None:
        """The agent's own phone dials a number."""
        self.phones.call(endpoint, number)


async def record(name: str, offset: int, number: str, secret: str, attempt: int) -> None:
    """Play one scene with fresh phones and write its transcript."""
    asterisk = ("127.0.0.1", 5060 + offset)
    hosts = [
        await SipHost.open("127.0.0.2", 0, asterisk),
        await SipHost.open("127.0.0.3", 6000 + offset, asterisk),
        await SipHost.open("127.0.0.4", 6000 + offset, asterisk),
    ]
    loop = asyncio.get_running_loop()
    _, probe = await loop.create_connection(Probe, "127.0.0.1", 5038 + offset)
    stage = Stage(probe, SipActor(hosts[0], hosts[1], hosts[2], number), time.time, secret, attempt)
    try:
        async with asyncio.timeout(40):
            await SCENES[name](stage)
        FOLDER.joinpath(f"{name}.txt").write_text("\n".join(probe.log), encoding="utf-8")
        print(f"{name}: {len(probe.messages)} messages")  # noqa: T201
    except (TimeoutError, AssertionError, StopIteration) as error:
        print(f"{name}: FAILED {error!r}\n" + "\n".join(probe.log[-3:]))  # noqa: T201
    for host in hosts:
        for dialog in host.dialogs.values():
            if dialog.answered:
                dialog.bye()
    await asyncio.sleep(0.2)
    for host in hosts:
        assert host.transport is not None
        host.transport.close()
    if probe.transport:
        probe.transport.close()


def main() -> None:
    """Record the named scenes, or all."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--port-offset", type=int, default=0)
    parser.add_argument("--number", default="803164")
    parser.add_argument(
        "--secret", required=True, help="the manager user's, as the lab's configuration has it"
    )
    parser.add_argument("scenes", nargs="*")
    options = parser.parse_args()
    for index, name in enumerate(options.scenes or SCENES):
        asyncio.run(record(name, options.port_offset, options.number, options.secret, 1 + 10 * index))


if __name__ == "__main__":
    main()
