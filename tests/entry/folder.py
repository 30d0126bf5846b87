"""A small rule folder with every kind of entry, to be broken one line at a time."""

from __future__ import annotations

from pathlib import Path

from tests.rules.good import RULES

ENTRY = """\
entry:
  "0471100": tedesco
  "803164": {menu: lingua}
  "06164164": {ask: [province], queue: generale}
menus:
  lingua:
    say: {BZ: saluto, other: lingua}
    wait_s: 4
    default: "1"
    keys:
      "1": {menu: temi}
      "2": {language: de, menu: temi}
      "9": {ask: [personal_code], menu: temi}
  temi:
    say: temi
    default: "0"
    keys:
      "0": {queue: {de: tedesco, other: generale}}
      "1": {language: de, queue: tedesco}
queue_by_default: generale
announce_country: IT
code_class: fragile
"""

PROMPTS = """\
prompts:
  saluto:
    in_turn: [it, de]
    texts:
      it: Per l'italiano 1.
      de: Deutsch 2.
  lingua: {texts: {it: Tedesco 2.}}
  temi: {texts: {it: Tutto 0., de: Alles 0.}}
  wrong-key: {texts: {it: Sbagliato., de: Falsch.}}
  ask-personal-code: {texts: {it: Codice., de: Code.}}
  ask-province: {texts: {it: Prefisso., de: Vorwahl.}}
  operator-country-it: {texts: {it: Dall'Italia., de: Aus Italien.}}
  goodbye: {texts: {it: Richiami., de: Später.}}
"""


def write_folder(folder: Path, **changed: str) -> Path:
    """Write the folder; a file may be replaced by its name without the ending."""
    folder.mkdir(exist_ok=True)
    for name, text in {**RULES, "entry.yaml": ENTRY, "prompts.yaml": PROMPTS}.items():
        (folder / name).write_text(changed.get(name.removesuffix(".yaml"), text))
    return folder
