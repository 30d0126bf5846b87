"""How long the machines search: ``ci`` is the same every time, ``deep`` is for a campaign.

ACD_SEARCH=deep .venv/bin/python -m pytest tests/core/test_machine.py --timeout 0
"""

from __future__ import annotations

import os
from typing import Final

from hypothesis import HealthCheck, settings

SLOW_IS_FINE: Final = (HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much)

settings.register_profile(
    "ci",
    derandomize=True,
    max_examples=300,
    stateful_step_count=50,
    deadline=None,
    database=None,
    suppress_health_check=SLOW_IS_FINE,
)
settings.register_profile(
    "deep",
    max_examples=5_000,
    stateful_step_count=120,
    deadline=None,
    print_blob=True,
    suppress_health_check=SLOW_IS_FINE,
)

SEARCH: Final = settings.get_profile(os.environ.get("ACD_SEARCH", "ci"))
