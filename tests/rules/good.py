"""The smallest rule folder and settings that are right, as text; tests break them one line at a time."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

RULES = {
    "skills.yaml": """\
skills:
  generale: Informazioni
  tedesco: Tedesco
""",
    "sites.yaml": """\
sites:
  roma: {name: Roma, phones: [t01-t20]}
  terni: {name: Terni}
""",
    "offices.yaml": """\
offices:
  roma:
    name: Sede di Roma
    province: RM
    number: "0612345"
    trunk: trunk
    capacity: 2
  bolzano:
    name: Sede di Bolzano
    province: BZ
    number: "+390471"
    trunk: trunk
    capacity: 1
""",
    "pause_reasons.yaml": """\
pause_reasons:
  pausa: {name: Pausa, digit: "1"}
  riunione: {name: Riunione, digit: "2"}
  mancate: {name: Mancate risposte}
missed_reason: mancate
""",
    "priority_classes.yaml": """\
priority_classes:
  fragile: {name: Utenza fragile, credit_s: 600}
""",
    "outcome_codes.yaml": """\
outcome_codes:
  risolta: {name: Risolta, digit: "1"}
  in-sede: {name: Da lavorare in sede, digit: "2"}
""",
    "queues.yaml": """\
queues:
  generale:
    name: Informazioni
    language: it
    needs: {generale: 1}
    ring_s: 15
    ladder:
      - {step: uffici, after_s: 60, offices: [roma]}
  tedesco:
    name: Deutsch
    language: de
    needs: {tedesco: 5}
  esperti:
    name: Esperti
    language: it
    needs: {generale: 9}
    kind: second_level
    return_s: 45
    targets: [{from_day: "2026-01-01", ratio: 0.932}, {from_day: "2027-01-01", ratio: 0.945}]
""",
    "entry.yaml": """\
entry:
  "803164": generale
queue_by_default: generale
""",
    "timings.yaml": """\
timings:
  withdraw_s: 1.5
""",
}

ROUTING = {
    **RULES,
    "skills.yaml": RULES["skills.yaml"] + "  pensioni: Pensioni\n  esperto: Esperto\n",
    "sites.yaml": RULES["sites.yaml"] + "  bari: {name: Bari}\n",
    "offices.yaml": RULES["offices.yaml"] + "    calendar: uffici\n",
    "timings.yaml": RULES["timings.yaml"] + "affinity: {within_s: 7200, worth_s: 45}\n",
    "bands.yaml": """\
bands:
  - {level_min: 9, handicap_s: {fair: 0, sl20: 0}}
  - {level_min: 1, handicap_s: {fair: 20, sl20: 90.5}}
""",
    "holidays.yaml": """\
patrons:
  RG: {day: "08-29", name: San Giovanni}
  FC: {city: Forli}
added: {"2026-09-01": Festa nuova}
dropped: ["2026-10-04"]
""",
    "calendars.yaml": """\
calendars:
  sempre:
    hours: {mon-sun: ["00:00-24:00"]}
    holidays: false
  nazionale:
    hours:
      mon-fri: ["08:00-20:00"]
      sat: ["08:00-14:00"]
    half_days: {"12-24": "13:00"}
    closings:
      - {from: "2026-09-10 14:00", until: "2026-09-10", reason: Assemblea, say: assemblea}
    openings:
      - {from: "2026-11-01 08:00", until: "2026-11-01 12:00", reason: Scadenza}
  uffici:
    hours: {mon-fri: ["08:30-12:30"], holiday: ["09:00-10:00"]}
    patron_saint: office
""",
    "prompts.yaml": """\
prompts:
  closed: {texts: {it: Chiuso fino a, de: Geschlossen bis}}
  closed-holiday: {texts: {it: Festa, de: Feiertag}}
  assemblea: {texts: {it: Assemblea, de: Versammlung}}
  in-italiano: {texts: {de: Auf Italienisch}}
""",
    "queues.yaml": """\
queues:
  generale:
    name: Informazioni
    language: it
    needs: {generale: 5}
    prefers: {pensioni: 3}
    excludes: [esperto]
    sites: [roma]
    discipline: sl20
    credit_s: 60
    calendar: nazionale
    ladder:
      - step: livelli
        after_s: 30
        waiting_min: 10
        idle_max: 0
        levels: {generale: 2}
      - {step: sedi, after_s: 60, at_risk: true, sites: [terni], drop_preferences: true}
      - {step: aiuto, after_s: 90, volunteers: true, offices: [bolzano]}
  tedesco:
    name: Deutsch
    language: de
    needs: {pensioni: 3, tedesco: 5}
    calendar: nazionale
    ladder:
      - {step: italiano, after_s: 120, consent: in-italiano, waives: [tedesco]}
""",
}
"""The same with everything that rules of routing can say."""

SETTINGS = """\
nodes:
  - id: ast1
    host: 127.0.0.1
    secret_env: ACD_AMI_SECRET
rules: rules
api:
  tokens:
    - name: ops
      role: admin
      token_env: ACD_API_TOKEN
timings:
  lease_s: 5
"""

ENV = {"ACD_AMI_SECRET": "ami-secret", "ACD_API_TOKEN": "0123456789abcdef"}


def write_good_rules(folder: Path, files: Mapping[str, str] = RULES, **changed: str | bytes | None) -> Path:
    """Write good rules into ``folder``; ``queues=…`` replaces queues.yaml, None leaves it out."""
    folder.mkdir(exist_ok=True)
    for name, text in files.items():
        content = changed.get(name.removesuffix(".yaml"), text)
        if isinstance(content, str):
            content = content.encode()
        if content is not None:
            (folder / name).write_bytes(content)
    return folder
