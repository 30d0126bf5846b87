"""Revisions as ``ETag`` and ``If-Match``: nobody's change is lost between reading and writing."""

from __future__ import annotations

import re
from http import HTTPStatus
from typing import Final

from aiohttp import web
from pydantic import BaseModel

from acd.errors import RequestError
from acd.web.routes import JSON

_TAG: Final = re.compile(r'(W/)?(["]?)([0-9]{1,15})\2')


def if_match(header: str | None, what: str) -> int | None:
    """The revision an ``If-Match`` header wants; None: any. A weak tag matches nothing (RFC 9110, 13.1.1).

    Raises:
        RequestError: It is no tag of a read of ``what``.
    """
    if header is None or header.strip() == "*":
        return None
    found = _TAG.fullmatch(header.strip())
    if found is None:
        raise RequestError(f'If-Match must be the ETag of a read of {what}, such as "7", or *.')
    return -1 if found[1] else int(found[3])


def tagged(body: BaseModel, revision: int) -> web.Response:
    """An answer that says which revision it is of."""
    answer = web.Response(status=HTTPStatus.OK, body=body.model_dump_json().encode(), content_type=JSON)
    answer.headers["ETag"] = f'"{revision}"'
    return answer
