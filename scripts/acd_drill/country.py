"""The country of the drill: twenty real offices, three sites, twelve agents, and the rules they work by.

The rules are written anew for each drill, beside its settings, so that a change can be applied and rolled
back there. Provinces, names and (placeholder) numbers of the offices are those of the national rules; hours,
capacities and waits are the drill's. The days are those of the switch-off: Thursday, the first of December
2022, is Siena's patron saint; on the Saturday and the Sunday the offices open out of turn.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from acd.core.ids import OfficeId
from acd.core.policy import Office
from acd.rules.load import load_rules

__all__ = [
    "AGENTS",
    "CLOSED_BY_SAINT",
    "OFFICES",
    "SITES",
    "TRUNK_CAPACITY",
    "VOICEMAIL",
    "VOLUNTEER",
    "Place",
    "roster",
    "write_rules",
]

RULES: Final = Path(__file__).resolve().parents[2] / "routing_rules"
TRUNK_CAPACITY: Final = 24
CLOSED_BY_SAINT: Final = "siena"
"""Sant'Ansano, the first of December."""
VOICEMAIL: Final = "pescara"
"""Its line is answered by a machine that presses nothing."""


@dataclass(frozen=True)
class Place:
    """An office, the prefix its callers call from, and how many calls it takes at once."""

    office: str
    prefix: str
    capacity: int
    weight: int
    """Of its callers among all."""


OFFICES: Final = (
    Place("torino", "011", 2, 6),
    Place("milano", "02", 2, 9),
    Place("bergamo", "035", 1, 4),
    Place("verona", "045", 1, 7),
    Place("venezia", "041", 1, 4),
    Place("bolzano", "0471", 1, 3),
    Place("bologna", "051", 2, 5),
    Place("firenze", "055", 1, 4),
    Place("siena", "0577", 1, 4),
    Place("ancona", "071", 1, 3),
    Place("perugia", "075", 1, 4),
    Place("roma", "06", 2, 9),
    Place("pescara", "085", 1, 4),
    Place("napoli", "081", 2, 8),
    Place("salerno", "089", 1, 4),
    Place("bari", "080", 1, 8),
    Place("lecce", "0832", 1, 4),
    Place("cosenza", "0984", 1, 3),
    Place("palermo", "091", 2, 5),
    Place("catania", "095", 1, 4),
)
SITES: Final = {"roma": (1, 2, 3, 4), "lecce": (5, 6, 7, 8), "bolzano": (9, 10, 11, 12)}
"""Each site and the numbers of its agents' phones."""
AGENTS: Final = sum(map(len, SITES.values()))
VOLUNTEER: Final = "a0008"
"""Works at an office, and answers for the country as long as they wish."""

SKILLS = "skills:\n  generale: Informazioni generali\n  tedesco: Lingua tedesca\n"
SITES_FILE = """\
sites:
  roma: {name: Roma, phones: [a0001-a0004]}
  lecce: {name: Lecce, phones: [a0005-a0008]}
  bolzano: {name: Bolzano, phones: [a0009-a0012]}
"""
QUEUES = """\
queues:
  generale:
    name: Informazioni generali
    language: it
    needs: {generale: 1}
    calendar: nazionale
    ring_s: 8
    wrap_up_s: 2
    ladder:
      - {step: volontari, after_s: 0, volunteers: true}

  tedesco:
    name: Auskunft auf Deutsch
    language: de
    needs: {tedesco: 5}
    calendar: nazionale
    ring_s: 8
    wrap_up_s: 2
"""
ENTRY = """\
entry:
  "803164": generale
  "06164164": {language: de, queue: tedesco}
queue_by_default: generale
"""
CALENDARS = """\
calendars:
  nazionale:
    hours:
      mon-fri: ["08:00-20:00"]
      sat: ["08:00-14:00"]
    closings:
      - {from: "2022-12-01 18:00", until: "2022-12-01 20:00", reason: Rispondono solo gli uffici}
    openings:
      - {from: "2022-12-04 08:00", until: "2022-12-04 14:00", reason: Apertura straordinaria}

  uffici:
    hours:
      mon-fri: ["08:00-18:00"]
    patron_saint: office
    openings:
      - {from: "2022-11-30 18:00", until: "2022-12-01 07:00", reason: Prova delle linee}
      - {from: "2022-12-03 08:00", until: "2022-12-03 14:00", reason: Apertura straordinaria}
      - {from: "2022-12-04 08:00", until: "2022-12-04 14:00", reason: Apertura straordinaria}
"""
TRANSITION = """\
phases:
  - phase: uffici
    name: Rispondono gli uffici provinciali
    others: [0]

  - phase: rientro
    name: Rientrano gli operatori
    ramp:
      roma: [10, 25, 50, 100]
      lecce: [0, 25, 50, 100]
      bolzano: [0, 0, 50, 100]

readiness: {hours_max: 24, ready_min: 0.8}

rehearsal: {at_once_per_trunk: 20, trunk_share_max: 1.0, ring_s: 5, key_s: 2, asks: 1}

stand_in:
  own_after_s: 4
  region_after_s: 3
  neighbours_after_s: 6
  national_after_s: 10
  anywhere_after_s: 14
"""
VOLUNTEERING = """\
rules:
  night: {then: warn}           # the drill may be held at any hour
"""
HEALTH = """\
trunks:
  trunk: {capacity: %d}

health:
  in_a_row: 3
  open_s: 8
  open_s_max: 30
  carrier_s: 8
  carrier_offices_min: 3
  carrier_probe_s: 2
"""
PROMPTS = """
  closed:
    texts:
      it: Il servizio è chiuso.
      de: Der Dienst ist geschlossen.

  closed-holiday:
    texts:
      it: Oggi è festa.
      de: Heute ist Feiertag.
"""


def write_rules(folder: Path) -> dict[str, str]:
    """Write the rule folder; returns the number of each office."""
    folder.mkdir()
    demo = RULES / "demo"
    shutil.copy(demo / "pause_reasons.yaml", folder)
    shutil.copy(RULES / "holidays.yaml", folder)
    known = load_rules(RULES).rules.offices
    offices = "\n".join(_offices(known)) + "\n" + HEALTH % TRUNK_CAPACITY
    prompts = (demo / "prompts.yaml").read_text().rstrip() + "\n" + PROMPTS
    for name, text in {
        "skills.yaml": SKILLS,
        "sites.yaml": SITES_FILE,
        "offices.yaml": offices,
        "queues.yaml": QUEUES,
        "entry.yaml": ENTRY,
        "calendars.yaml": CALENDARS,
        "transition.yaml": TRANSITION,
        "volunteering.yaml": VOLUNTEERING,
        "prompts.yaml": prompts,
    }.items():
        (folder / name).write_text(text)
    return {place.office: known[OfficeId(place.office)].number for place in OFFICES}


def _offices(known: Mapping[OfficeId, Office]) -> Iterator[str]:
    yield "offices:"
    for place in OFFICES:
        office = known[OfficeId(place.office)]
        languages = "[it, de]" if office.province == "BZ" else "[it]"
        yield (
            f'  {place.office}: {{name: "{office.name}", province: "{office.province}",'
            f' number: "{office.number}", trunk: trunk, capacity: {place.capacity},'
            f" calendar: uffici, languages: {languages}, confirm: true}}"
        )


def roster() -> str:
    """Everybody as CSV; the volunteer is one of Lecce's."""
    rows = ["agent,site,skills,volunteer"]
    for site, phones in SITES.items():
        for number in phones:
            name = f"a{number:04}"
            skills = "generale:8 tedesco:8" if site == "bolzano" else "generale:8"
            rows.append(f"{name},{site},{skills},{'si' if name == VOLUNTEER else 'no'}")
    return "\n".join(rows) + "\n"
