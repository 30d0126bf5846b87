"""The dialplan files that the rules decide: what a caller meets first, and the offices that help last.

``acd_entry.conf`` holds the called numbers, the menus, the area prefixes and the global
``ACD_ENTRY`` (revision of the plan); ``acd_offices.conf`` holds the offices of each province for the
safety net. Everything else of the dialplan is the same for everybody and stands in
``extensions_acd.conf``, which includes the two.

Whatever comes from the rules passes `acd.ami.export.safe` on its way into a line: the rules were
checked before, and are checked again here, because a line of a dialplan can do anything.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from acd.ami.export.entry_file import entry_file
from acd.ami.export.offices_file import offices_file
from acd.core.policy import RuleSet
from acd.rules.entry import EntryPlan
from acd.rules.entry_prefixes import AreaPrefix

__all__ = ["ENTRY_FILE", "OFFICES_FILE", "export_dialplan"]

ENTRY_FILE: Final = "acd_entry.conf"
OFFICES_FILE: Final = "acd_offices.conf"


def export_dialplan(plan: EntryPlan, rules: RuleSet, prefixes: Mapping[str, AreaPrefix]) -> Mapping[str, str]:
    """Return the text of each file by its name, in the order they are to be written.

    The entry comes last and changes whenever anything does (it holds the revision): who watches it
    sees all files whole.

    Raises:
        UnsafeValue: Something would break out of its line; nothing was written.
    """
    return {OFFICES_FILE: offices_file(plan, rules), ENTRY_FILE: entry_file(plan, rules, prefixes)}
