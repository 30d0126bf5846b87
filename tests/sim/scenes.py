"""The scenes: played once on a real Asterisk and for ever on the simulated one."""

from __future__ import annotations

from tests.sim import scenes_calls, scenes_wire
from tests.sim.stage import SCENES

__all__ = ["SCENES", "scenes_calls", "scenes_wire"]
