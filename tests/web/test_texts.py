"""Every sentence of the pages: in both languages, used, and of the names the modules use."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

WEB = Path(__file__).resolve().parents[2] / "acd" / "web"
PAGES = sorted(path.stem for path in (WEB / "texts").glob("*.json") if path.stem != "common")
NAMES = re.compile(r"\{(\w+)\}")
ASKED = re.compile(r"\btext\(\s*(?:[^\"`),]*\?\s*)?[\"`]([a-z0-9_]+)[\"`](?:\s*:\s*\"([a-z0-9_]+)\")?")
BUILT = re.compile(r"\btext\(\s*(?:[^`),]*[:?]\s*)?`([a-z_]+)\$\{")


def texts(name: str) -> dict[str, dict[str, str]]:
    found: dict[str, dict[str, str]] = json.loads((WEB / "texts" / f"{name}.json").read_text("utf-8"))
    return found


def modules(page: str) -> str:
    """A page's own module and those it imports, as one text."""
    read: dict[str, str] = {}
    wanted = [page, "header"]
    while wanted:
        name = wanted.pop()
        path = WEB / "static" / f"{name}.js"
        if name not in read and path.exists():
            read[name] = path.read_text("utf-8")
            wanted += re.findall(r'from "\./(\w+)\.js"', read[name])
    return re.sub(r"/\*.*?\*/", "", "\n".join(read.values()), flags=re.DOTALL)


@pytest.mark.parametrize("page", ["common", *PAGES])
def test_each_text_has_both_languages_and_the_same_names_in_them(page):
    """Nothing is missing, nothing is empty."""
    for key, text in texts(page).items():
        assert set(text) == {"it", "en"}, key
        assert all(text.values()), key
        assert set(NAMES.findall(text["it"])) == set(NAMES.findall(text["en"])), key


@pytest.mark.parametrize("page", PAGES)
def test_what_a_module_asks_for_is_there_and_nothing_else(page):
    """A text nobody shows is a leftover; one that is missing stops the page."""
    own, common = texts(page), texts("common")
    script = modules(page)
    html = (WEB / "html" / f"{page}.html").read_text("utf-8")
    asked = {key for match in ASKED.findall(script) for key in match if key}
    begun = tuple(BUILT.findall(script))
    """Texts with these beginnings are asked for by a name made of parts."""
    shown = asked | set(re.findall(r"\{\{([a-z0-9_]+)\}\}", html)) | {"title", "menu"}
    assert {key for key in asked if key not in own and key not in common} == set()
    asked_otherwise = {key for key in own if key.startswith(begun) or f'"{key}"' in script or page == "login"}
    assert set(own) - shown - asked_otherwise == set()
