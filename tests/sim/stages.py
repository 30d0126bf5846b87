"""The simulated actors of a scene, and how to play one without real time."""

from __future__ import annotations

from acd.sim.agents import Behaviour
from acd.sim.asterisk import SimulatedAsterisk
from acd.sim.channels import Channel
from tests.sim.scenes import SCENES
from tests.sim.stage import Probe, Stage

SECRET = "simulated"


class SimActor:
    """Callers and phones of the simulated Asterisk."""

    def __init__(self, sim: SimulatedAsterisk) -> None:
        self.sim = sim
        self.caller: Channel | None = None

    def call(self) -> None:
        """A caller dials the contact centre."""
        self.caller = self.sim.call()

    def caller_leaves(self) -> None:
        """The last caller hangs up."""
        assert self.caller is not None
        self.sim.hang_up(self.caller, 16)

    def press(self, digit: str) -> None:
        """The last caller presses a key."""
        assert self.caller is not None
        self.sim.press(self.caller, digit)

    def phone(self, endpoint: str, **does: int | None) -> None:
        """Set what a phone does."""
        self.sim.phone(endpoint).behaviour = Behaviour(**does)  # type: ignore[arg-type]

    def presses(self, endpoint: str) -> None:
        """The line's people press 1 when they are asked, as they do unless told otherwise."""

    def presses_nothing(self, endpoint: str) -> None:
        """A voicemail answers there."""
        self.phone(endpoint, key_ms=None)

    def agent_leaves(self, endpoint: str) -> None:
        """The agent hangs up."""
        self.sim.phone(endpoint).hang_up()

    def blind(self, endpoint: str, to: str) -> None:
        """Transfer without asking."""
        self.sim.phone(endpoint).transfer(to)

    def consult(self, endpoint: str, to: str) -> None:
        """Call a colleague."""
        self.sim.phone(endpoint).dial(to)

    def attended(self, endpoint: str) -> None:
        """Join caller and colleague."""
        self.sim.phone(endpoint).attended()

    def dial(self, endpoint: str, number: str) -> None:
        """Dial a number."""
        self.sim.phone(endpoint).dial(number)


async def play(name: str, seed: int = 1, attempt: int = 1) -> list[str]:
    """Play one scene on a fresh simulated Asterisk; the conversation."""
    sim = SimulatedAsterisk(seed)
    _, probe = await sim.open(Probe)
    assert isinstance(probe, Probe)
    stage = Stage(probe, SimActor(sim), lambda: sim.clock.now_ms() / 1000, SECRET, attempt)
    await SCENES[name](stage)
    return probe.log
