"""Write every dashboard as JSON, or say which file is not what the code makes."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

from grafana_dashboards import configurazione, dettaglio, motore, panoramica, uffici
from grafana_dashboards.sdk import JSONEncoder, model

FOLDER = Path(__file__).resolve().parents[2] / "config" / "grafana" / "dashboards"

DASHBOARDS: Mapping[str, Callable[[], model.Dashboard]] = {
    "panoramica-nazionale.json": panoramica.dashboard,
    "dettaglio-coda.json": dettaglio.dashboard,
    "uffici-e-fallback.json": uffici.dashboard,
    "motore.json": motore.dashboard,
    "configurazione.json": configurazione.dashboard,
}
"""File name to the function that makes it."""


def text(dashboard: model.Dashboard) -> str:
    """The dashboard as it is committed: sorted keys, so that a change reads well in a diff."""
    return json.dumps(dashboard, cls=JSONEncoder, indent=2, sort_keys=True, ensure_ascii=False) + "\n"


def main(arguments: list[str]) -> int:
    """Write the files, or compare them; the exit status."""
    stale = []
    for name, make in DASHBOARDS.items():
        file, wanted = FOLDER / name, text(make())
        if "--check" not in arguments:
            file.write_text(wanted, encoding="utf-8")
            print(f"wrote {file}")
        elif not file.exists() or file.read_text(encoding="utf-8") != wanted:
            stale.append(file)
    for file in stale:
        print(f"{file} is not what scripts/dashboards makes; run it and commit", file=sys.stderr)
    return 1 if stale else 0
