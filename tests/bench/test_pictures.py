"""The pictures of the documents are what the engine and the figures say, and anybody can read them."""

import re
from xml.etree import ElementTree as ET

import pytest

from routing_pictures.album import FOLDER, PICTURES, main, stale
from routing_pictures.scenes import Unexpected, happens
from tests.bench import DOCS

SVG = "{http://www.w3.org/2000/svg}"


def test_they_are_current(capsys):
    """``scripts/draw_routing`` would write what is there."""
    assert stale() == []
    assert main(["--check"]) == 0
    assert not capsys.readouterr().err


def test_a_picture_that_is_not_current_is_named(tmp_path, monkeypatch, capsys):
    """Missing or changed, it is told which one and what to do; drawing mends it."""
    monkeypatch.setattr("routing_pictures.album.FOLDER", tmp_path / "pictures")
    assert main([]) == 0
    name = next(iter(PICTURES))
    (tmp_path / "pictures" / name).write_text("<svg/>")
    assert main(["--check"]) == 1
    told = capsys.readouterr().err
    assert name in told
    assert "run scripts/draw_routing" in told


@pytest.mark.parametrize("name", PICTURES)
def test_who_cannot_see_it_is_told(name):
    """Each has a title and a description, a light ground, and no words outside its frame."""
    root = ET.fromstring((FOLDER / name).read_text(encoding="utf-8"))
    assert root.get("role") == "img"
    ids = {each.get("id"): each.text for each in root if each.tag in {f"{SVG}title", f"{SVG}desc"}}
    assert all(len(ids[each]) > 20 for each in root.get("aria-labelledby").split())
    ground = root.find(f"{SVG}rect")
    assert (ground.get("fill"), ground.get("width")) == ("#ffffff", root.get("width"))
    width, height = float(root.get("width")), float(root.get("height"))
    for each in root.iter(f"{SVG}text"):
        assert 0 < float(each.get("x")) < width
        assert 0 < float(each.get("y")) < height


def test_every_picture_stands_in_a_page_and_says_what_it_shows():
    """None is orphaned, none is missing, none is without words in its place."""
    found = {}
    for page in DOCS.glob("*.md"):
        found |= {
            name: words for words, name in re.findall(r"!\[([^\]]*)\]\(pictures/([^)]+)\)", page.read_text())
        }
    assert found.keys() == {each.name for each in FOLDER.iterdir()}
    assert found.keys() >= PICTURES.keys()
    assert all(len(words) > 20 for words in found.values())


def test_a_scene_is_played_on_the_shipped_rules():
    """What a picture is about happens, or nothing is drawn."""
    found = happens({"anna": {"site": "roma", "skills": {"generale": 9}}}, {"c": {"queue": "generale"}}, 1)
    assert [(each.kind, each.what) for each in found] == [("to", ("anna",))]
    assert issubclass(Unexpected, Exception)
