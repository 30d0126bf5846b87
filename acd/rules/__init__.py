"""The shape of ``routing_rules/``, ``config/`` and the roster: loading, checks, compiling to core policy.

`load_rules` reads a rule folder, `read_roster` a table of agents, `load_settings` the process settings.
Each tells everything that is wrong at once, as ``file:line:… sentence``, or returns something complete.
"""

from acd.rules.load import LoadedRules, load_rules
from acd.rules.roster import read_roster
from acd.rules.settings import Settings, load_settings

__all__ = ["LoadedRules", "Settings", "load_rules", "load_settings", "read_roster"]
