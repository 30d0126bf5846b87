"""Routes of privacy and transparency."""

from __future__ import annotations

from typing import Final

from acd.runtime.retention import ACTION
from acd.store.records import Role
from acd.web import privacy
from acd.web.models import NoBody, NoQuery
from acd.web.privacy_forms import PrivacyAnswer, PurgeAnswer, PurgeRequest, SheetAnswer, SheetQuery
from acd.web.routes import AnyRoute, Route

PRIVACY: Final[tuple[AnyRoute, ...]] = (
    Route(
        method="GET",
        path="/transparency",
        role=Role.AGENT,
        query=SheetQuery,
        body=NoBody,
        answer=SheetAnswer,
        handler=privacy.sheet,
        summary="The transparency sheet of the rules in force, in Italian.",
    ),
    Route(
        method="GET",
        path="/privacy",
        role=Role.ADMIN,
        query=NoQuery,
        body=NoBody,
        answer=PrivacyAnswer,
        handler=privacy.show,
        summary="The privacy profile in force: small groups, retention, agreement.",
    ),
    Route(
        method="POST",
        path="/privacy/purge",
        role=Role.ADMIN,
        query=NoQuery,
        body=PurgeRequest,
        answer=PurgeAnswer,
        handler=privacy.remove,
        summary="Remove what is older than the profile allows, or than is said, for good.",
        action=ACTION,
        problems=("store-unavailable",),
    ),
)
