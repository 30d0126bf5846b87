"""Routes of the configuration and its revisions."""

from __future__ import annotations

from typing import Final

from acd.store.records import Role
from acd.web import revisions
from acd.web.models import NoBody, NoQuery
from acd.web.revision_forms import (
    ApplyRequest,
    ConfigurationAnswer,
    DiffAnswer,
    DiffQuery,
    HistoryAnswer,
    HistoryQuery,
    LanguageQuery,
    RevisionFilesAnswer,
    RollbackRequest,
)
from acd.web.routes import AnyRoute, Route

WRITES: Final = ("conflict", "precondition-failed", "store-unavailable")

REVISING: Final[tuple[AnyRoute, ...]] = (
    Route(
        method="GET",
        path="/config",
        role=Role.SUPERVISOR,
        query=NoQuery,
        body=NoBody,
        answer=ConfigurationAnswer,
        handler=revisions.configuration,
        summary="The configuration in force, its revision, and whether the files on the disk are others.",
        etag=True,
        problems=("store-unavailable",),
    ),
    Route(
        method="GET",
        path="/config/diff",
        role=Role.SUPERVISOR,
        query=DiffQuery,
        body=NoBody,
        answer=DiffAnswer,
        handler=revisions.diff,
        summary="What the files on the disk, or an earlier revision, would change, and for whom.",
        etag=True,
        problems=("not-found", "store-unavailable"),
    ),
    Route(
        method="GET",
        path="/config/revisions",
        role=Role.SUPERVISOR,
        query=HistoryQuery,
        body=NoBody,
        answer=HistoryAnswer,
        handler=revisions.history,
        summary="Revisions, the newest first, without their files.",
        problems=("store-unavailable",),
    ),
    Route(
        method="GET",
        path="/config/revisions/{revision}",
        role=Role.SUPERVISOR,
        query=NoQuery,
        body=NoBody,
        answer=RevisionFilesAnswer,
        handler=revisions.revision,
        summary="One revision with its files.",
        problems=("not-found", "store-unavailable"),
    ),
    Route(
        method="POST",
        path="/config/apply",
        role=Role.ADMIN,
        query=LanguageQuery,
        body=ApplyRequest,
        answer=ConfigurationAnswer,
        handler=revisions.apply,
        summary="Check the files on the disk whole, make them the next revision, put it in force.",
        action="config.apply",
        etag=True,
        if_match=True,
        problems=("config", "guarded", *WRITES),
    ),
    Route(
        method="POST",
        path="/config/confirm",
        role=Role.ADMIN,
        query=LanguageQuery,
        body=NoBody,
        answer=ConfigurationAnswer,
        handler=revisions.confirm,
        summary="Let a revision stay that would undo itself.",
        action="config.confirm",
        etag=True,
        if_match=True,
        problems=WRITES,
    ),
    Route(
        method="POST",
        path="/config/rollback",
        role=Role.ADMIN,
        query=LanguageQuery,
        body=RollbackRequest,
        answer=ConfigurationAnswer,
        handler=revisions.rollback,
        summary="Make a new revision that says what an earlier one said, and put it in force.",
        action="config.rollback",
        etag=True,
        if_match=True,
        problems=("config", "guarded", "not-found", *WRITES),
    ),
)
