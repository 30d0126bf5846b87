"""The smallest rule folder and settings that are right, as text; tests break them one line at a time."""

from __future__ import annotations

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
    offices: [roma]
    offices_after_s: 60
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


def write_good_rules(folder: Path, **changed: str | bytes | None) -> Path:
    """Write the good rules into ``folder``; ``queues=…`` replaces queues.yaml, None leaves it out."""
    folder.mkdir(exist_ok=True)
    for name, text in RULES.items():
        content = changed.get(name.removesuffix(".yaml"), text)
        if isinstance(content, str):
            content = content.encode()
        if content is not None:
            (folder / name).write_bytes(content)
    return folder
