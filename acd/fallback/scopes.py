"""What a toggle is for: the country, one site or one office.

As text ``national``, ``site:bari``, ``office:aosta``.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from typing import Final

from acd.errors import NotFound, RequestError
from acd.rules.sentences import did_you_mean, shown

__all__ = ["NATIONAL", "OFFICE", "SCOPE", "SITE", "check_scope", "office_scope", "site_scope", "split_scope"]

NATIONAL: Final = "national"
SITE: Final = "site"
OFFICE: Final = "office"
SCOPE: Final = r"national|(?:site|office):[a-z0-9][a-z0-9-]{0,39}"
"""The form of a scope …"""
_SCOPE: Final = re.compile(SCOPE)


def site_scope(site: str) -> str:
    """The scope of one site."""
    return f"{SITE}:{site}"


def office_scope(office: str) -> str:
    """The scope of one office."""
    return f"{OFFICE}:{office}"


def split_scope(scope: str) -> tuple[str, str]:
    """Its kind (``national``, ``site``, ``office``) and the name, which the country has none of.

    Raises:
        RequestError: It has not the form of one.
    """
    if _SCOPE.fullmatch(scope) is None:
        kinds = did_you_mean(scope.partition(":")[0], (NATIONAL, SITE, OFFICE))
        raise RequestError(
            f"'{shown(scope)}' is no scope;{kinds} Write national, site:<name> or office:<name>."
        )
    kind, _, name = scope.partition(":")
    return kind, name


def check_scope(scope: str, sites: Collection[str], offices: Collection[str]) -> None:
    """See that the rules know what the scope names.

    Raises:
        RequestError: It has not the form of a scope.
        NotFound: There is no such site or office.
    """
    kind, name = split_scope(scope)
    known = {SITE: sites, OFFICE: offices}.get(kind)
    if known is not None and name not in known:
        raise NotFound(f"There is no {kind} '{name}' in the rules;{did_you_mean(name, known)}")
