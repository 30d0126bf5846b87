"""The shape of ``routing_rules/`` and ``config/`` files: loading, checks, compiling to core policy.

`load_rules` reads a rule folder, `load_settings` the process settings. Both tell everything
that is wrong at once, each as ``file:line:col: sentence``, or return something complete.
"""

from acd.rules.load import load_rules
from acd.rules.settings import Settings, load_settings

__all__ = ["Settings", "load_rules", "load_settings"]
