"""The shape of ``breaks.yaml``: breaks from the screen."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from acd.rules.schema import Id, Shape, Title

__all__ = ["BreaksFile", "BreaksShape"]


class BreaksShape(Shape):
    """The law has 15 minutes for every 120, unless a contract says otherwise (D.Lgs. 81/2008 art. 175)."""

    reason: Id
    """Pause reason of a break that begins by itself."""
    after_s: Annotated[float, Field(ge=900, le=14_400)] = 7_200
    """Work without an interruption, waiting for calls included, after which it begins."""
    early_s: Annotated[float, Field(ge=0, le=7_200)] = 0
    """So much sooner it may begin, so that who came together does not leave together; never later."""
    for_s: Annotated[float, Field(ge=60, le=3_600)] = 900
    """How long it lasts; a pause of any other kind that is as long counts as one."""
    agreement: Title | None = None
    """The contract or agreement, where it is less than the law has."""


class BreaksFile(Shape):
    """``breaks.yaml``: may be absent, then nobody is sent on a break."""

    breaks: BreaksShape | None = None
