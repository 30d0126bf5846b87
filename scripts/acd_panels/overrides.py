"""What the dashboard says of single series: a name to show, a colour, dashes."""

from __future__ import annotations

from typing import NamedTuple

from acd_panels.canvas import colour
from acd_panels.dashboards import Panel

__all__ = ["Look", "looks"]


class Look(NamedTuple):
    """How one series is shown."""

    name: str
    paint: str = ""
    """Empty: the next free colour."""
    dashed: bool = False


def looks(panel: Panel) -> dict[str, Look]:
    """By the name that the legend gives."""
    found: dict[str, Look] = {}
    for override in panel.raw.get("fieldConfig", {}).get("overrides", []):
        if override["matcher"]["id"] != "byName":
            continue
        name = override["matcher"]["options"]
        look = found.get(name, Look(name))
        for each in override["properties"]:
            match each["id"]:
                case "displayName":
                    look = look._replace(name=each["value"])
                case "color":
                    look = look._replace(paint=colour(each["value"]["fixedColor"]))
                case "custom.lineStyle":
                    look = look._replace(dashed=True)
                case _:
                    pass
        found[name] = look
    return found
