"""The HTML around every page, in the reader's language: made here, sent whole, so that nothing jumps.

A page is files of one name: ``html/board.html`` (what stands inside ``<main>``), ``texts/board.json`` (every
word of it, Italian and English) and, in ``static``, ``board.css`` and ``board.js``. In HTML ``{{word}}``
stands for a text of ``texts/common.json`` or of the page; the same texts go to the page's modules
(``static/page.js``), so that each sentence is written once. A text that is missing is found when the
application starts, not by a reader.

Language and theme are cookies that the page itself sets (``acd_lang``, ``acd_theme``); ``?lang=`` and
``?theme=`` go before them, so that a screen on a wall has all it needs in its address.
"""

from __future__ import annotations

import html
import json
import re
from collections.abc import Mapping, Sequence
from importlib.resources import files
from typing import Any, Final, NamedTuple

from aiohttp import web

from acd import __version__
from acd.store.records import Role
from acd.web.assets import Assets
from acd.web.bearers import Bearer
from acd.web.routes import LADDER

__all__ = ["LANGUAGES", "PAGES", "Page", "Reader", "Shell", "may_open", "reader_of"]

LANGUAGES: Final = ("it", "en")
THEMES: Final = ("auto", "light", "dark")

CSP: Final = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self';"
    " connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none';"
    " require-trusted-types-for 'script'; trusted-types 'none'"
)
"""Only files of ours, no script or style within the page, no HTML made of text by a script."""
HEADERS: Final = {
    "Content-Security-Policy": CSP,
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=(), payment=(), usb=()",
    "Referrer-Policy": "same-origin",
}
"""Of every page; what they do not name is as everywhere (``acd.web.app``)."""

_PLACE: Final = re.compile(r"\{\{([a-z0-9_.]+)\}\}")

Texts = Mapping[str, Mapping[str, str]]
"""By language, then by name."""


class Page(NamedTuple):
    """One page."""

    name: str
    """Of its files, and of its title ``title`` in its texts."""
    path: str
    role: Role | None
    """The least role; ``agent``: agents alone; None: everybody."""
    in_menu: bool = False


LOGIN: Final = Page("login", "/login", None)
REFUSED: Final = Page("refused", "", None)
PAGES: Final = (
    Page("board", "/board", Role.VIEWER, in_menu=True),
    Page("map", "/map", Role.VIEWER, in_menu=True),
    Page("calls", "/call", Role.SUPERVISOR, in_menu=True),
    Page("call", "/call/{call}", Role.SUPERVISOR),
    Page("agent", "/agent", Role.AGENT, in_menu=True),
)
"""Pages behind a login."""


class Reader(NamedTuple):
    """Who reads, and how."""

    language: str = "it"
    theme: str = "auto"
    bearer: Bearer | None = None
    csrf: str = ""


def reader_of(request: web.Request, bearer: Bearer | None = None, csrf: str = "") -> Reader:
    """Language and theme of a request: of its address, else its cookies, else Italian and the system's."""

    def chosen(name: str, known: Sequence[str]) -> str:
        said = (request.query.get(name, ""), request.cookies.get(f"acd_{name}", ""))
        return next((each for each in said if each in known), known[0])

    return Reader(chosen("lang", LANGUAGES), chosen("theme", THEMES), bearer, csrf)


def may_open(page: Page, bearer: Bearer) -> bool:
    """Whether a page is for this bearer."""
    if page.role is None:
        return True
    if page.role is Role.AGENT:
        return bearer.agent is not None
    return bearer.role in LADDER and LADDER.index(bearer.role) >= LADDER.index(page.role)


class Shell:
    """Makes pages.

    Args:
        body_name: the public body, as the header names it.
        assets: where style sheets and modules are.
    """

    def __init__(self, body_name: str, assets: Assets) -> None:
        self._body_name = body_name
        self._assets = assets
        self._common = _texts("common")
        self._outer = _html("shell")
        self._pages = {page.name: (page, _html(page.name), _texts(page.name)) for page in _ALL}
        self._menu = {
            page.path: {language: self._pages[page.name][2][language]["menu"] for language in LANGUAGES}
            for page in PAGES
            if page.in_menu
        }
        for page in _ALL:  # a text that is missing is missing now
            for language in LANGUAGES:
                self.render(page, Reader(language=language))

    def render(self, page: Page, reader: Reader, **values: str) -> str:
        """One page as HTML.

        Args:
            page: which.
            reader: for whom.
            values: what else ``{{names}}`` in it stand for.
        """
        _, inner, own = self._pages[page.name]
        texts = {**self._common[reader.language], **own[reader.language]}
        words = {**texts, **self._values(page, reader), **values}
        main = _fill(inner, words)
        head = {
            "static": self._assets.url,
            "page": page.name,
            "menu": self._menu_html(page, reader),
            "data": _data(page, reader, texts),
            "main": main,
            "icons": _html("icons"),
            "style": self._link(page, "css", '<link rel="stylesheet" href="{}">'),
            "module": self._link(page, "js", '<script type="module" src="{}"></script>'),
            "tools": _fill(_html("tools"), words) if reader.bearer is not None else "",
        }
        return _fill(self._outer, words, raw=head)

    def answer(self, page: Page, reader: Reader, *, status: int = 200, **values: str) -> web.Response:
        """One page as an answer."""
        body = self.render(page, reader, **values)
        response = web.Response(text=body, status=status, content_type="text/html", headers=HEADERS)
        response.headers["Content-Language"] = reader.language
        return response

    def text(self, page: Page, language: str, name: str) -> str:
        """One text of a page."""
        return self._pages[page.name][2][language][name]

    def _values(self, page: Page, reader: Reader) -> dict[str, str]:
        bearer = reader.bearer
        other = LANGUAGES[1 - LANGUAGES.index(reader.language)]
        return {
            "body_name": self._body_name,
            "version": __version__,
            "lang": reader.language,
            "other_lang": other,
            "theme": reader.theme,
            "path": page.path,
            "csrf": reader.csrf,
            "who": bearer.who.partition(":")[2] if bearer is not None else "",
            "role": bearer.role if bearer is not None else "",
            "wrong": "",
            "next": "",
            "formula": "",
            "formula_definition": "",
        }

    def _menu_html(self, present: Page, reader: Reader) -> str:
        if reader.bearer is None:
            return ""
        items = []
        for page in PAGES:
            if page.in_menu and may_open(page, reader.bearer):
                current = ' aria-current="page"' if page.name == present.name else ""
                word = html.escape(self._menu[page.path][reader.language])
                items.append(f'<li><a href="{page.path}"{current}>{word}</a></li>')
        if len(items) < 2:
            return ""
        label = html.escape(self._common[reader.language]["menu_label"])
        return f'<nav aria-label="{label}"><ul>{"".join(items)}</ul></nav>'

    def _link(self, page: Page, ending: str, form: str) -> str:
        name = f"{page.name}.{ending}"
        return form.format(f"{self._assets.url}/{name}") if name in self._assets else ""


_ALL: Final = (LOGIN, REFUSED, *PAGES)


def _data(page: Page, reader: Reader, texts: Mapping[str, str]) -> str:
    """What the modules of a page know from the start (``static/page.js``)."""
    bearer = reader.bearer
    data: dict[str, Any] = {
        "page": page.name,
        "lang": reader.language,
        "role": bearer.role if bearer is not None else None,
        "agent": bearer.agent if bearer is not None else None,
        "texts": texts,
    }
    return html.escape(json.dumps(data, ensure_ascii=False), quote=False)


def _fill(template: str, words: Mapping[str, str], *, raw: Mapping[str, str] | None = None) -> str:
    """Put texts where ``{{names}}`` stand: escaped, but for those of ``raw``."""
    whole = raw or {}

    def word(match: re.Match[str]) -> str:
        name = match[1]
        return whole[name] if name in whole else html.escape(words[name])

    return _PLACE.sub(word, template)


def _html(name: str) -> str:
    return files("acd.web").joinpath(f"html/{name}.html").read_text(encoding="utf-8")


def _texts(name: str) -> Texts:
    """The texts of a page, by language."""
    file = files("acd.web").joinpath(f"texts/{name}.json")
    found: dict[str, dict[str, str]] = json.loads(file.read_text(encoding="utf-8"))
    return {language: {key: text[language] for key, text in found.items()} for language in LANGUAGES}
