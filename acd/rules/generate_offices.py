"""One office for each province: the ``offices.yaml`` a public body starts from.

``python -m acd.rules.generate_offices --out routing_rules/offices.yaml`` was run once; since then the
file is edited by hand, and nothing runs this again unless it is asked to. The provinces, and how many
people live in them, are those of `acd.rules.provinces`.

**No number here is anybody's.** Each is ``99``, the ISTAT code of the province, ``001``: the Italian
numbering plan gives nobody numbers that begin with 9, so a call to one fails at the carrier.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from acd.rules.provinces import office_id, provinces

__all__ = ["generate_offices", "main"]

PEOPLE_PER_LINE: Final = 100_000
METROPOLITAN: Final = frozenset({"MI", "NA", "RM"})

_HEAD: Final = """\
# yaml-language-server: $schema=../docs/schema/offices.schema.json
# Uffici provinciali: uno per provincia (107). Un operatore può passare loro una chiamata; una coda può
# chiederne l'aiuto (queues.yaml, offices); la rete di sicurezza li chiama quando il distributore manca.
#
#   number        il numero della linea, sempre tra virgolette
#   more_numbers  gli altri suoi numeri: le chiamate si alternano fra tutti
#   trunk         il collegamento da cui si chiama, come in pjsip.conf
#   capacity      quante chiamate l'ufficio regge insieme, su tutti i suoi numeri
#   calendar      quando l'ufficio risponde (calendars.yaml), con il santo patrono della sua provincia
#   provinces     le province di cui serve i chiamanti; se manca, la sua
#   languages     le lingue che vi si parlano; se manca, l'italiano
#   weight        la sua parte fra uffici ugualmente vicini: il doppio del peso, il doppio delle chiamate
#   confirm       numero pubblico: chi risponde deve premere 1, o la chiamata torna in attesa
#
# In fondo possono stare "trunks" (quante chiamate regge un collegamento) e "health" (quando un ufficio che
# non risponde è lasciato in pace per un po'); senza, valgono i valori di fabbrica.
#
# ATTENZIONE: i numeri qui sono segnaposto da sostituire. Iniziano con 99, che in Italia non è assegnato
# a nessuno: una chiamata verso di essi fallisce. Sono formati da 99, codice ISTAT della provincia, 001.
# Anche la capienza è una stima: una linea ogni 100.000 residenti, almeno una.
#
# Generato una volta da: python -m acd.rules.generate_offices --trunk {trunk}
# Contiene dati derivati da ISTAT (CC BY) e Wikidata (CC0) tramite Comuni-ITA (MIT).

offices:
"""


def generate_offices(trunk: str) -> str:
    """Return the text of an ``offices.yaml``; every office is reached by ``trunk``."""
    parts = [_HEAD.format(trunk=trunk)]
    for province in provinces():
        kind = "Coordinamento metropolitano" if province.sigla in METROPOLITAN else "Direzione provinciale"
        parts.append(
            f"  {office_id(province)}:\n"
            f'    name: "{kind} {province.name}"\n'
            f'    province: "{province.sigla}"\n'
            f'    number: "99{province.istat_code}001"\n'
            f"    trunk: {trunk}\n"
            f"    capacity: {max(1, round(province.population / PEOPLE_PER_LINE))}\n"
            "    calendar: uffici\n"
            f"{_languages(province.sigla)}"
            "    confirm: true\n"
        )
    return "\n".join(parts[:1]) + "\n".join(parts[1:])


def _languages(sigla: str) -> str:
    """Both languages where both have the same rank."""
    return "    languages: [de, it]\n" if sigla == "BZ" else ""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; return its exit status."""
    parser = argparse.ArgumentParser(
        prog="python -m acd.rules.generate_offices", description="Write an offices.yaml."
    )
    parser.add_argument("--trunk", default="trunk", help="endpoint of pjsip.conf that reaches the offices")
    parser.add_argument("--out", type=Path, required=True, help="the file to write")
    options = parser.parse_args(arguments)
    try:
        options.out.write_text(generate_offices(options.trunk), encoding="utf-8")
    except OSError as error:
        sys.stderr.write(f"{options.out}: cannot be written: {error.strerror}.\n")
        return 2
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
