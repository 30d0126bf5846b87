"""The files of the pages: style sheets, modules, pictures, type; read once, served from memory.

Their address holds a digest of all of them, ``/static/<digest>/board.js``: what a browser has it keeps for
a year, and a new version has new addresses. Modules import each other by relative names, so one digest for
the folder serves where one for each file would need a build step. A page of before an upgrade that asks for
an old digest gets the present file, to be asked for again each time.
"""

from __future__ import annotations

import gzip
import hashlib
from collections.abc import Mapping
from importlib.resources import files
from typing import Final, NamedTuple

from aiohttp import web

__all__ = ["Assets"]

FONT: Final = "font/woff2"
KINDS: Final[Mapping[str, str]] = {
    "css": "text/css",
    "js": "text/javascript",
    "svg": "image/svg+xml",
    "woff2": FONT,
}
FOR_EVER: Final = "public, max-age=31536000, immutable"
ASK_AGAIN: Final = "no-cache"
URL: Final = "/static/{digest}/{name}"
SMALL: Final = 512
"""Bytes not worth packing."""


class Asset(NamedTuple):
    """One file."""

    body: bytes
    packed: bytes | None
    kind: str
    etag: str


class Assets:
    """All files of ``acd/web/static``."""

    def __init__(self) -> None:
        self._assets = dict(_read())
        whole = hashlib.sha256("".join(asset.etag for asset in self._assets.values()).encode())
        self.digest = whole.hexdigest()[:16]
        self.url = f"/static/{self.digest}"
        """Where they are, without a trailing slash."""

    def __contains__(self, name: str) -> bool:
        return name in self._assets

    async def serve(self, request: web.Request) -> web.Response:
        """Answer for one file.

        Raises:
            HTTPNotFound: there is none of this name.
        """
        asset = self._assets.get(request.match_info["name"])
        if asset is None:
            raise web.HTTPNotFound
        known = request.match_info["digest"] == self.digest
        headers = {"Cache-Control": FOR_EVER if known else ASK_AGAIN, "Vary": "Accept-Encoding"}
        if request.if_none_match and any(tag.value == asset.etag for tag in request.if_none_match):
            response = web.Response(status=304, headers=headers)
        else:
            body = asset.body
            if asset.packed is not None and "gzip" in request.headers.get("Accept-Encoding", ""):
                headers["Content-Encoding"] = "gzip"
                body = asset.packed
            charset = None if asset.kind == FONT else "utf-8"
            response = web.Response(body=body, content_type=asset.kind, charset=charset, headers=headers)
        response.etag = asset.etag
        return response


def _read() -> dict[str, Asset]:
    folder = files("acd.web").joinpath("static")
    found: dict[str, Asset] = {}
    for file in sorted(folder.iterdir(), key=lambda file: file.name):
        kind = KINDS.get(file.name.rpartition(".")[2])
        if kind is None:
            continue
        body = file.read_bytes()
        packed = gzip.compress(body, mtime=0) if len(body) > SMALL and kind != FONT else None
        found[file.name] = Asset(body, packed, kind, hashlib.sha256(body).hexdigest()[:32])
    return found
