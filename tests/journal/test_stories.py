"""A call's story: what is told, in order, in both languages, and of whom."""

from __future__ import annotations

import re
import string
from collections.abc import Callable, Iterator
from pathlib import Path

import msgspec
import pytest

from acd.core.facts import (
    CallEntered,
    CallerPressed,
    CallInSafetyNet,
    CallLeftMenu,
    NodeLost,
    NodeResynced,
    OfferEnd,
    RulesChanged,
)
from acd.core.grounds import NAMES
from acd.core.ids import CallId, NodeId, SkillId
from acd.core.notes import Outcome, Reason
from acd.core.policy import SkillNeed, Timings
from acd.errors import NotFound
from acd.journal.stories import Event, Kind, Story, story_of
from acd.journal.telling import LANGUAGES, REASONS, TEXTS, joined, length, sentence
from tests.core.builders import (
    CREDIT_MS,
    FRAGILE,
    NODE,
    START_MS,
    agent,
    office,
    queue,
    seen,
    step,
    to_offices,
)
from tests.journal.made import RecordedCentre

Make = Callable[..., RecordedCentre]
CALL = CallId("milano-1700000000.7")


@pytest.fixture
def recorded(tmp_path: Path) -> Iterator[Make]:
    """Makes small centres with a journal."""
    made: list[RecordedCentre] = []

    def make(*story: object, **settings: object) -> RecordedCentre:
        made.append(RecordedCentre(tmp_path, *story, **settings))
        return made[-1]

    yield make
    for centre in made:
        centre.close()


def told(
    centre: RecordedCentre, language: str = "en", call: str = CALL, *, agents: bool = False
) -> list[str]:
    """The sentences of a call's story."""
    return [
        sentence(event, language) for event in story_of(centre.journal(), CallId(call), agents=agents).events
    ]


def kinds(centre: RecordedCentre, call: str = CALL) -> list[str]:
    """What happened, in words for programs."""
    return [event.kind.value for event in story_of(centre.journal(), CallId(call)).events]


# ── whole stories ────────────────────────────────────────────────────────────────────────────


def test_the_usual_story(recorded: Make) -> None:
    """Entered, rung, answered, over; nobody is named."""
    centre = recorded(agents=[agent("anna"), agent("bruno", "bari")])
    centre.later(5_000)
    centre.enters(CALL, called="803164", language="it", province="RM")
    centre.talks(CALL)
    centre.later(65_000)
    centre.agent_hangs_up(CALL)
    assert told(centre) == [
        "The caller entered the queue Generale (number called 803164; language it; province RM).",
        (
            "After a wait of 0 s an agent of site roma was chosen and rung "
            "(free for 5 s; 1 more could have had it)."
        ),
        "The phone of an agent of site roma rings.",
        "An agent of site roma answered after a wait of 0 s.",
        "The talk with an agent of site roma is over.",
        "The call ended, answered by an agent of site roma after 0 s, 1 min 05 s long.",
    ]
    assert told(centre, "it")[3] == "Un operatore della sede roma ha risposto dopo un'attesa di 0 s."
    assert story_of(centre.journal(), CALL).ended


def test_a_story_names_agents_only_when_asked(recorded: Make) -> None:
    """Ids of the one who was rung and of those who came second."""
    centre = recorded(
        agents=[agent("anna"), agent("bruno", "bari", generale=5, pensioni=5)],
        queues=[queue(), queue("pensioni")],
    )
    centre.enters(CALL)
    centre.rings(CALL)
    for language in LANGUAGES:
        assert not re.search("anna|bruno", " ".join(told(centre, language)))
    plain = msgspec.json.encode(story_of(centre.journal(), CALL))
    assert b"anna" not in plain
    assert b"bruno" not in plain
    named = " ".join(told(centre, agents=True))
    assert "agent anna of site roma was chosen" in named
    assert "1 more could have had it, first of them bruno" in named


def test_a_ring_that_comes_to_nothing_and_an_office(recorded: Make) -> None:
    """Missed, widened, the office, and why nobody else."""
    ladder = to_offices("lecce", after_ms=30_000)
    centre = recorded([queue(ladder=ladder)], ["anna"], [office("lecce")])
    centre.enters(CALL)
    centre.rings(CALL)
    centre.later(20_000)
    centre.ends_offer(CALL, OfferEnd.NO_ANSWER)
    centre.later(12_000)
    centre.talks(CALL)
    centre.later(9_000)
    centre.agent_hangs_up(CALL)
    said = told(centre)
    assert "An agent of site roma did not answer (counted as a missed call)." in said
    assert "Step 1 of the ladder (uffici) opened: the call has waited for it." in said
    assert any(
        each.startswith("After a wait of 30 s the line of office lecce was chosen and rung") for each in said
    )
    assert "The line of office lecce answered after a wait of 32 s." in said
    assert said[-1] == "The call ended, answered by the line of office lecce after 32 s, 9 s long."
    assert kinds(centre).count("threshold") == 1


def test_passed_on_and_back_to_the_queue(recorded: Make) -> None:
    """The second visit is told with the call's age."""
    centre = recorded([queue(), queue("pensioni")], [agent("anna"), agent("bruno", pensioni=5)])
    centre.enters(CALL)
    centre.talks(CALL)
    centre.later(40_000)
    centre.passes_on("anna", "pensioni")
    centre.transferred(CALL)
    centre.tell(
        CallEntered(
            call=CALL,
            node=NODE,
            queue="pensioni",
            entered_ms=centre.now_ms,
            visit=2,
            first_entered_ms=centre.now_ms - 40_000,
        )
    )
    centre.talks(CALL)
    centre.agent_hangs_up(CALL)
    said = told(centre)
    assert "The caller is to be passed on to the queue Pensioni." in said
    assert "The caller was passed on by the agent's phone." in said
    assert any(
        each.startswith("The caller entered the queue Pensioni again, with an age of 40 s") for each in said
    )
    assert sum("answered after a wait of" in each for each in said) == 2


def test_precedence_is_told_with_what_it_counts(recorded: Make) -> None:
    """The credit of the caller's class and that of the queue, as one length."""
    centre = recorded([queue(credit_ms=60_000)], ["anna"])
    centre.enters(CALL, priority_class=FRAGILE)
    credit = length(60_000 + CREDIT_MS)
    told_it, told_en = told(centre, "it")[0], told(centre)[0]
    assert f"classe di precedenza {FRAGILE}; conta come {credit} di attesa in più" in told_it
    assert f"priority class {FRAGILE}; counts as if it had waited {credit} more" in told_en


def test_german_with_consent(recorded: Make) -> None:
    """Asked, the key, what it opened."""
    waives = step("altri", 5_000, consent="offer", waives=(SkillId("tedesco"),))
    needs = (SkillNeed(skill=SkillId("generale")), SkillNeed(skill=SkillId("tedesco")))
    centre = recorded([queue(language="de", needs=needs, ladder=(waives,))], ["anna"])
    centre.enters(CALL, language="de")
    centre.later(6_000)
    centre.tell(CallerPressed(call=CALL, key="1"))
    said = told(centre)
    assert "The caller was played nothing." in said
    assert "The caller pressed 1." in said
    assert "The caller agreed to step 1 of the ladder." in said
    assert "Step 1 of the ladder (altri) opened: the caller agreed." in said


def test_what_concerns_all_calls_stands_in_a_story_while_it_lasts(recorded: Make) -> None:
    """A lost link of the call's own node, new rules; not those before or after it."""
    centre = recorded()
    rules = centre.world.rules

    def change(revision: str) -> None:
        centre.tell(RulesChanged(rules=msgspec.structs.replace(rules, revision=revision)))
        centre.settle()

    change("before")
    centre.enters(CALL)
    centre.later(1_000)
    change("during")
    centre.tell(NodeLost(node=NodeId("elsewhere")))
    centre.tell(NodeLost(node=NODE))
    centre.tell(NodeResynced(node=NODE, calls=(seen(CALL, entered_ms=centre.now_ms - 1_000),)))
    centre.settle()
    centre.hangs_up(CALL)
    change("after")
    said = told(centre)
    assert [each for each in said if "rules" in each] == [
        "New rules (during) are in force; the call keeps its age."
    ]
    assert [each for each in said if "link" in each] == [
        "The link to milano was lost; the call keeps its place and its age.",
        "The link to milano is back.",
    ]
    assert said[-1] == "The caller hung up at once, after 1 s."


def test_a_call_in_transition_mode(recorded: Make) -> None:
    """Each stage, who was rung by it, and the change under a call that waits."""
    offices = (office("roma", "RM"), office("viterbo", "VT"))
    centre = recorded(agents=["anna"], offices=offices, timings=Timings(not_again_ms=900_000))
    centre.pauses("anna")
    centre.enters(CALL, province="VT")
    centre.stands_in(shares={"roma": 0})
    centre.rings(CALL)
    centre.later(20_000)
    centre.ends_offer(CALL, OfferEnd.NO_ANSWER)
    centre.stands_in(on=False)
    said = told(centre)
    assert "Offices stand in for agents from now on (f); the call keeps its age." in said
    assert "The office of the caller's province may answer." in said
    assert "The offices of the region may answer." in said
    assert [each for each in said if "offices of the region stand in" in each]
    assert said[-1] == "Normal mode is in force (f); the call keeps its age."


def test_a_call_that_was_found_and_taken_by_the_net(recorded: Make) -> None:
    """Adopted by a resync, then gone to the safety net."""
    centre = recorded()
    centre.tell(NodeResynced(node=NODE, calls=(seen(CALL),)))
    centre.settle()
    centre.tell(CallInSafetyNet(call=CALL))
    centre.hangs_up(CALL)
    said = told(centre)
    assert "The call was found in the queue Generale when the link to Asterisk came up." in said
    assert "Asterisk's safety net took the caller." in said
    assert said[-1].startswith("The call ended in the safety net")


def test_a_caller_who_left_in_the_menu(recorded: Make) -> None:
    """That is all there is to tell."""
    centre = recorded()
    centre.tell(
        CallLeftMenu(call=CALL, node=NODE, called="803164", arrived_ms=START_MS, left_ms=START_MS + 12_000)
    )
    assert told(centre) == ["The caller hung up in the menu after 12 s, before any queue."]


def test_late_news_is_not_told(recorded: Make) -> None:
    """What the engine ignored did not happen."""
    centre = recorded(agents=["anna"])
    centre.enters(CALL)
    centre.talks(CALL)
    before = kinds(centre)
    attempt = centre.attempt(CALL)
    centre.tell(CallEntered(call=CALL, node=NODE, queue="generale", entered_ms=centre.now_ms))
    centre.ends_offer(CALL, OfferEnd.DROPPED, attempt="0000000007-00000099")  # type: ignore[arg-type]
    assert kinds(centre) == before
    assert attempt == centre.attempt(CALL)


def test_a_call_whose_id_begins_another_is_not_mixed_up(recorded: Make) -> None:
    """``….7`` is not ``….71``."""
    centre = recorded(agents=["anna"])
    centre.enters(CALL)
    centre.enters(f"{CALL}1")
    centre.hangs_up(f"{CALL}1")
    assert kinds(centre) == ["entered", "rung"]
    assert kinds(centre, f"{CALL}1")[-1] == "ended"
    assert not story_of(centre.journal(), CALL).ended


def test_a_call_the_journal_does_not_have(recorded: Make) -> None:
    """A sentence."""
    centre = recorded(agents=["anna"])
    with pytest.raises(NotFound, match=r"has nothing of a call 'milano-1700000000\.9'"):
        story_of(centre.journal(), CallId("milano-1700000000.9"))


def test_older_segments_are_not_read_for_a_call_that_says_when_it_began(
    recorded: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Asterisk's own id says the second; an hour of slack is left for clocks."""
    centre = recorded()
    for _ in range(5):
        centre.later(3_600_001)
        centre.phone("anna", "idle")  # type: ignore[arg-type]
        assert centre.written.recorder.flush()
    later = CallId(f"milano-{centre.now_ms // 1000}.1")
    centre.enters(later)
    journal = centre.journal()
    read: list[int] = []
    kind = type(journal.segments[0])
    content = kind.content
    monkeypatch.setattr(kind, "content", lambda segment: read.append(segment.start_ms) or content(segment))
    story = story_of(journal, later)
    assert [event.kind for event in story.events] == [Kind.ENTERED]
    assert len(read) < len(journal.segments)


def test_the_moment_of_the_last_decision_is_known(recorded: Make) -> None:
    """Where ``why-not`` looks when nobody says when."""
    centre = recorded(agents=["anna"])
    centre.enters(CALL)
    assert story_of(centre.journal(), CALL).decided_ms == centre.now_ms
    assert story_of(centre.journal(), CALL).events[-1].what["passed_over"] == {}


# ── the sentences ────────────────────────────────────────────────────────────────────────────


def places(text: str) -> set[str]:
    """The places of a text."""
    found = {name.lower() for _, name, _, _ in string.Formatter().parse(text) if name}
    return {name.removeprefix("di_").removeprefix("a_") for name in found}


def test_both_languages_say_the_same_things() -> None:
    """Same keys, same places."""
    assert TEXTS["it"].keys() == TEXTS["en"].keys()
    for key, text in TEXTS["en"].items():
        assert places(text) == places(TEXTS["it"][key]), key
    for language in LANGUAGES:
        assert set(REASONS[language]) == set(Reason)


def event(kind: Kind, **what: object) -> Event:
    """An event with what any of its kind may tell."""
    given: dict[str, object] = {
        "queue": "generale",
        "queue_name": "Generale",
        "site": "roma",
        "site_name": "Roma",
        "wait_ms": 61_000,
        "handle_ms": 5_000,
        "missed": False,
        "code": "",
        "verified": None,
        "step": 1,
        "stage": "",
        "on": True,
        "id": "uffici",
        "farewell": False,
        "sounds": ("acd/offer",),
        "granted": True,
        "unknown": False,
        "why": "waited",
        "age_ms": 0,
        "called": "",
        "language": "",
        "province": "",
        "priority_class": "",
        "credit_ms": 0,
        "key": "1",
        "opens_ms": None,
        "idle_ms": 0,
        "runners_up": 0,
        "passed_over": {},
        "threshold_ms": 20_000,
        "correction": "ghost_call",
        "fact": "OfferRang",
        "state": "waiting",
        "node": "milano",
        "revision": "abc",
    }
    return Event(at_ms=START_MS, kind=kind, what=given | what)


EVERY = [
    *(event(kind) for kind in Kind if kind not in {Kind.RING_OVER, Kind.TALK_OVER, Kind.ENDED, Kind.STAGE}),
    *(event(kind, stage=stage) for kind in (Kind.STAGE, Kind.RUNG) for stage in NAMES.values()),
    event(Kind.FALLBACK, on=False),
    *(event(Kind.LADDER, why=why) for why in ("waited", "load", "skipped", "consent")),
    event(Kind.SAID, farewell=True),
    event(Kind.SAID, sounds=()),
    event(Kind.CONSENT, granted=False),
    event(Kind.TOLD_CLOSED, opens_ms=START_MS),
    event(Kind.PASSED_ON, office="lecce", office_name="Lecce"),
    event(Kind.ORDER_FAILED, unknown=True, why="timeout"),
    event(
        Kind.ENTERED,
        called="803164",
        language="it",
        province="RM",
        priority_class="fragile",
        credit_ms=600_000,
    ),
    event(Kind.ENTERED_AGAIN, office="lecce", office_name="Lecce"),
    event(Kind.RUNG, step=2, runners_up=2, passed_over={"paused": 3, "talking": 1}),
    event(Kind.RUNG, agent="anna", runners_up=1, runners_up_agents=("bruno",)),
    event(Kind.RUNG, site="", idle_ms=0),
    *(
        event(Kind.TALK_OVER if end in {OfferEnd.TALKED, OfferEnd.DROPPED} else Kind.RING_OVER, end=end.value)
        for end in OfferEnd
    ),
    event(Kind.RING_OVER, end="caller_left"),
    event(Kind.RING_OVER, end="no_answer", missed=True),
    *(event(Kind.ENDED, outcome=outcome.value) for outcome in Outcome),
    event(Kind.ENDED, outcome="answered", code="risolto", verified=True),
    event(Kind.ENDED, outcome="answered", verified=False),
]


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_event_has_a_sentence(language: str) -> None:
    """Whole, with a full stop, and no place left open."""
    for each in EVERY:
        said = sentence(each, language)
        assert said.endswith("."), said
        assert "{" not in said
        assert said[0].isupper()


def test_no_sentence_is_unused() -> None:
    """What no event says is not kept."""
    used: list[str] = []

    class Noting(dict[str, str]):
        def __getitem__(self, key: str) -> str:
            used.append(key)
            return super().__getitem__(key)

    texts = dict(TEXTS)
    noting = Noting(TEXTS["en"])
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("acd.journal.telling.TEXTS", texts | {"en": noting})
        for each in EVERY:
            sentence(each, "en")
    assert set(used) == set(TEXTS["en"])


def test_a_whole_sentence_in_both_languages() -> None:
    """As a supervisor reads it."""
    passed_over = {"paused": 3, "talking": 1, "lower_score": 4}
    rung = event(Kind.RUNG, step=2, idle_ms=75_000, runners_up=2, passed_over=passed_over)
    assert sentence(rung, "en") == (
        "After a wait of 1 min 01 s an agent of site Roma was chosen and rung (free for 1 min 15 s; "
        "the ladder was open to step 2; 4 more could have had it; not possible: 3 paused, 1 in a talk)."
    )
    assert sentence(rung, "it") == (
        "Dopo un'attesa di 1 min 01 s è stato scelto e chiamato un operatore della sede Roma (libero da "
        "1 min 15 s; la scala era aperta al gradino 2; altri che avrebbero potuto: 4; non potevano: 3 in "
        "pausa, 1 in conversazione)."
    )
    told = [
        sentence(event(Kind.RINGS, agent="anna"), "it"),
        sentence(event(Kind.RINGS), "it"),
        sentence(event(Kind.RING_OVER, end="withdrawn", agent="anna", missed=False), "it"),
        sentence(
            event(Kind.RING_OVER, end="busy", office="roma", office_name="INPS Roma", missed=False), "it"
        ),
    ]
    assert told == [
        "Squilla il telefono dell'operatore anna della sede Roma.",
        "Squilla il telefono di un operatore della sede Roma.",
        "La chiamata all'operatore anna della sede Roma è stata ritirata.",
        "Il telefono dell'ufficio INPS Roma era occupato.",
    ]
    closed = event(Kind.TOLD_CLOSED, opens_ms=1_669_881_600_000)
    assert sentence(event(Kind.STAGE, stage="region"), "it") == "Possono rispondere gli uffici della regione."
    assert (
        sentence(closed, "it")
        == "La coda Generale era chiusa; a chi chiama è stato detto quando apre: 2022-12-01 09:00."
    )


@pytest.mark.parametrize(
    ("preposition", "name", "told"),
    [
        ("di", "l'operatore", "dell'operatore"),
        ("di", "la linea", "della linea"),
        ("di", "il centro", "del centro"),
        ("di", "lo sportello", "dello sportello"),
        ("di", "un operatore", "di un operatore"),
        ("di", "qualcuno", "di qualcuno"),
        ("a", "l'operatore", "all'operatore"),
        ("a", "la linea", "alla linea"),
        ("a", "qualcuno", "a qualcuno"),
    ],
)
def test_italian_joins_preposition_and_article(preposition: str, name: str, told: str) -> None:
    assert joined(preposition, name) == told


def test_no_italian_sentence_has_a_preposition_before_an_article() -> None:
    """Of all events with an agent, an agent of a site, an office, nobody known."""
    targets = ({"agent": "anna"}, {}, {"office": "roma", "office_name": "Roma"}, {"site": ""})
    for key in TEXTS["it"]:
        if key.startswith(("ring", "talk_over", "answered", "rung")):
            kind, _, end = key.partition(".")
            for target in targets:
                text = sentence(event(Kind(kind), end=end, missed=False, **target), "it")
                assert not re.search(r"\b(di|a) (il|lo|la|i|gli|le) |\b(di|a) l'", text), text


def test_a_story_is_one_json_object(recorded: Make) -> None:
    """For ``--json`` and the API."""
    centre = recorded(agents=["anna"])
    centre.enters(CALL)
    story = story_of(centre.journal(), CALL)
    assert msgspec.json.decode(msgspec.json.encode(story), type=Story).call == CALL
