"""For whom a change is one: calls that wait, groups of agents, never a person."""

from __future__ import annotations

from acd.core.ids import QueueId
from acd.revisions.touching import touched, touched_in_words
from tests.revisions.made import many, nobody, together

WAITING = {QueueId("generale"): 7}


def test_only_the_queues_that_are_handled_otherwise_are_touched(places):
    """With the calls that wait there now."""
    before = places.read()
    places.change("queues.yaml", "ring_s: 15", "ring_s: 20")
    (one,) = touched(before, places.read(), nobody(), WAITING, 10)
    assert (one.queue, one.waiting) == ("generale", 7)
    assert touched_in_words(one, "en") == ("queue 'generale': 7 waiting now",)
    assert touched_in_words(one, "it") == ("coda 'generale': 7 in attesa ora",)


def test_an_office_touches_the_queues_whose_ladder_names_it(places):
    """Bolzano helps two of three."""
    before = places.read()
    places.change("offices.yaml", "capacity: 1", "capacity: 9")
    assert [one.queue for one in touched(before, places.read(), nobody(), {}, 10)] == ["generale", "tedesco"]


def test_a_toggle_touches_every_queue(places):
    """Whoever waits is looked at again."""
    before = places.read()
    places.change("fallback.yaml", "{mode: auto}", '{mode: forced_on, reason: "nobody is there"}')
    assert len(touched(before, places.read(like=before), nobody(), {}, 10)) == 3


def test_groups_gained_and_lost_are_told_by_site(places):
    """As many as the roster has, whoever is logged in."""
    before = places.read()
    roster = together(
        many(20, "roma", pensioni=2), many(12, "lecce", pensioni=2), many(15, "roma2", pensioni=9)
    )
    places.change("queues.yaml", "needs: {pensioni: 3}", "needs: {pensioni: 2}")
    (one,) = touched(before, places.read(), roster, {}, 10)
    assert one.gained == {"roma": 20, "lecce": 12}, "roma2 is no site of the rules"
    assert one.lost == {}
    assert touched_in_words(one, "en") == ("queue 'pensioni': newly reaches 20 of roma, 12 of lecce",)
    (back,) = touched(places.read(), before, roster, {}, 10)
    assert back.lost == {"roma": 20, "lecce": 12}


def test_a_small_group_is_never_told_by_itself_nor_found_by_subtraction(places):
    """It is merged with the next, or nothing is told at all."""
    before = places.read()
    places.change("queues.yaml", "needs: {pensioni: 3}", "needs: {pensioni: 2}")
    after = places.read()
    few = together(
        many(20, "roma", pensioni=2), many(12, "lecce", pensioni=2), many(2, "bolzano", pensioni=2)
    )
    (one,) = touched(before, after, few, {}, 10)
    assert one.gained == {"roma": 20, "other": 14}
    (alone,) = touched(before, after, many(3, "bolzano", pensioni=2), {}, 10)
    assert (alone.gained, alone.some_not_told) == ({}, True)
    assert touched_in_words(alone, "en") == ("queue 'pensioni': reaches others, too few for a number",)


def test_a_queue_that_goes_is_touched_with_its_calls(places):
    """They go on in the queue by default, with their age."""
    before = places.read()
    text = places.file("queues.yaml").read_text()
    places.file("queues.yaml").write_text(text[: text.index("  # Il servizio in tedesco")])
    for name, old, new in (("entry.yaml", "tedesco", "generale"),):
        file = places.file(name)
        file.write_text(
            file.read_text().replace(f"queue: {old}", f"queue: {new}").replace(f"de: {old}", f"de: {new}")
        )
    after = places.read()
    touches = {one.queue: one for one in touched(before, after, nobody(), {QueueId("tedesco"): 3}, 10)}
    assert touches["tedesco"].waiting == 3
