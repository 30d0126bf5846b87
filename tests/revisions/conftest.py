"""A folder of files for each test."""

from __future__ import annotations

import pytest

from tests.revisions.made import Places


@pytest.fixture
def places(tmp_path):
    return Places(tmp_path)
