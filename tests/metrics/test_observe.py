"""What happens to calls is counted once, where it belongs, and quickly."""

from __future__ import annotations

import time

import msgspec
import pytest

from acd.core.facts import CallEnded, OfferEnd, OfferEnded, OrderFailed
from acd.core.ids import AttemptId, CalendarId, NodeId, OfficeId, OutcomeCodeId, QueueId, SiteId
from acd.core.notes import (
    AgentMoved,
    AgentState,
    Anomaly,
    CallAnswered,
    CallJudged,
    CallOffered,
    Corrected,
    Decision,
    Late,
    MenuLeft,
    Outcome,
    Path,
    ServiceLevel,
    ServiceLevelCounted,
)
from acd.core.orders import TargetKind
from acd.core.policy import Calendar, OutcomeCode
from acd.core.views import OfficeView
from acd.metrics.instruments import wait_buckets
from acd.metrics.labels import Origin, Reload
from acd.metrics.observe import MetricsObserver
from acd.metrics.picture import ProcessGauges, StoreGauges, SwitchGauges
from tests.metrics.samples import (
    CALL,
    GENERAL,
    NODE,
    closed,
    finished,
    node,
    observer,
    queue_view,
    rules,
    summary,
    value,
)

FACT = CallEnded(call=CALL)
ATTEMPT = AttemptId("0000000001-00000001")
DECISION = Decision(
    call=CALL, queue=GENERAL, attempt=ATTEMPT, kind=TargetKind.AGENT, target="a0001", wait_ms=5, idle_ms=9
)


def tell(seen, *notes, fact=FACT, took_s=0.0001):
    seen.observe(fact, (), notes, took_s)


def test_every_label_set_exists_at_zero():
    """An alert on a ratio finds its series before the first call."""
    seen = observer()
    assert value(seen, "acd_calls_offered_total", queue="coda1") == 0
    assert value(seen, "acd_calls_finished_total", queue="coda1", outcome="lost", path="fallback") == 0
    assert value(seen, "acd_service_level_events_total", queue="coda1", result="missed") == 0
    assert value(seen, "acd_agent_offers_total", queue="coda1", result="no_answer") == 0
    assert value(seen, "acd_call_wait_seconds_count", queue="coda1", outcome="abandoned") == 0
    assert value(seen, "acd_queue_calls", queue="coda1") == 0
    assert value(seen, "acd_ami_connected", server="ast1") == 0
    assert value(seen, "acd_ami_events_total", server="ast1", kind="ACDEnter") == 0
    assert value(seen, "acd_routing_failures_total", reason="anomaly") == 0


def test_a_call_is_counted_from_entry_to_end():
    """Offered, answered within the threshold, finished: one each, with its wait and its length."""
    seen = observer()
    tell(seen, CallOffered(call=CALL, queue=GENERAL))
    tell(seen, CallAnswered(call=CALL, queue=GENERAL, wait_ms=12_000, path=Path.PRIMARY))
    tell(seen, ServiceLevelCounted(call=CALL, queue=GENERAL, result=ServiceLevel.MET))
    tell(seen, finished(Outcome.ANSWERED))
    assert value(seen, "acd_calls_offered_total", queue="generale") == 1
    assert value(seen, "acd_calls_finished_total", queue="generale", outcome="answered", path="primary") == 1
    assert value(seen, "acd_service_level_events_total", queue="generale", result="met") == 1
    assert value(seen, "acd_call_wait_seconds_sum", queue="generale", outcome="answered") == 12
    assert value(seen, "acd_call_handle_seconds_sum", queue="generale") == 90


@pytest.mark.parametrize("outcome", [Outcome.ABANDONED, Outcome.SHORT_ABANDONED])
def test_abandoned_calls_have_their_wait_and_no_length(outcome):
    """A caller who hangs up has waited, and was handled by nobody."""
    seen = observer()
    tell(seen, finished(outcome))
    assert value(seen, "acd_call_wait_seconds_count", queue="generale", outcome="abandoned") == 1
    assert value(seen, "acd_call_handle_seconds_count", queue="generale") == 0


def test_unknown_values_are_counted_under_other():
    """Nothing that is not in the rules or in our own lists makes a new series."""
    seen = observer()
    before = len(seen.render().splitlines())
    tell(seen, CallOffered(call=CALL, queue=QueueId("mai vista")))
    tell(seen, Late(fact="Nonsense", key=CALL), Corrected(kind="a surprise", key=CALL))
    seen.event_lag(NodeId("who"))(0.1)
    assert value(seen, "acd_calls_offered_total", queue="other") == 1
    assert value(seen, "acd_late_facts_total", fact="other") == 1
    assert value(seen, "acd_reconcile_corrections_total", kind="other") == 1
    assert value(seen, "acd_ami_event_lag_seconds_count", server="other") == 1
    assert len(seen.render().splitlines()) == before


def test_unknown_queues_and_events_at_scrape_time_are_other_too():
    """Two unknown queues make one series, never one series twice (Prometheus would drop the scrape)."""
    seen = observer()
    views = [
        queue_view("x", waiting=1, longest_wait_ms=9000),
        queue_view("y", waiting=2, longest_wait_ms=4000),
    ]
    seen.refresh(summary(), views, [node(Strange=4, Odd=1)])
    assert value(seen, "acd_queue_calls", queue="other") == 3
    assert value(seen, "acd_queue_longest_wait_seconds", queue="other") == 9
    assert value(seen, "acd_ami_events_total", server="ast1", kind="other") == 5


@pytest.mark.parametrize(
    ("end", "result"),
    [(OfferEnd.TALKED, "answered"), (OfferEnd.NO_ANSWER, "no_answer"), (OfferEnd.UNREACHABLE, "unreachable"),
     (None, "caller_left")],
)  # fmt: skip
def test_offers_to_agents_are_counted_by_their_end(end, result):
    """RONA is counted per queue, never per person."""
    seen = observer()
    tell(seen, closed(end))
    assert value(seen, "acd_agent_offers_total", queue="generale", result=result) == 1


def test_what_became_of_a_question_is_counted_once_by_its_code():
    """Said before the call's end or after it: one count; a code nobody knows is ``other``."""
    seen = observer()
    tell(seen, CallJudged(call=CALL, queue=GENERAL, code=OutcomeCodeId("risolta")))
    tell(seen, msgspec.structs.replace(finished(Outcome.ANSWERED), code="risolta"))
    tell(seen, CallJudged(call=CALL, queue=GENERAL, code=OutcomeCodeId("mai vista")))
    assert value(seen, "acd_calls_judged_total", queue="generale", code="risolta") == 2
    assert value(seen, "acd_calls_judged_total", queue="generale", code="other") == 1


def test_a_caller_who_leaves_in_the_menu_is_counted_and_is_no_offered_call():
    """No call leaves no trace, and the service level's denominator holds queued calls alone."""
    seen = observer()
    tell(seen, MenuLeft(call=CALL, node=NodeId("ast1"), called="803164", arrived_ms=0, left_ms=9))
    assert value(seen, "acd_calls_left_in_menu_total") == 1
    assert value(seen, "acd_calls_offered_total", queue="generale") == 0


def test_the_store_the_offices_and_the_menus_are_part_of_the_picture():
    """A disk that takes no writes, a line in use and old menus are each a number."""
    seen = observer()
    office = OfficeView(id=OfficeId("roma"), name="Roma", province="RM", capacity=2, in_use=1)
    links = [msgspec.structs.replace(node(), dialplan_current=True)]
    store = StoreGauges(writable=False, behind=7, dropped=2, queue_log_writable=False, queue_log_lost=3)
    seen.refresh(summary(), [queue_view()], links, offices=[office], store=store)
    assert value(seen, "acd_office_calls", office="roma") == 1
    assert value(seen, "acd_dialplan_current", server="ast1") == 1
    assert value(seen, "acd_store_writable") == 0
    assert value(seen, "acd_journal_writable") == 1
    assert value(seen, "acd_queue_log_writable") == 0
    assert value(seen, "acd_queue_log_lost_total") == 3
    assert value(seen, "acd_store_behind") == 7
    assert value(seen, "acd_store_dropped_total") == 2


def test_every_end_of_an_offer_has_a_result():
    """No end that Asterisk may report is without a series."""
    seen = observer()
    ends = (*OfferEnd, None)
    for end in ends:
        tell(seen, closed(end))
    families = [family for family in seen.registry.collect() if family.name == "acd_agent_offers"]
    counted = [sample for family in families for sample in family.samples]
    assert sum(sample.value for sample in counted) == len(ends)
    assert not [sample for sample in counted if sample.value and sample.labels["result"] == "other"]


def test_offers_to_lines_are_no_offers_to_agents():
    """An office's line is not counted among the agents."""
    seen = observer()
    tell(seen, closed(OfferEnd.TALKED, TargetKind.LINE))
    assert value(seen, "acd_agent_offers_total", queue="generale", result="answered") == 0


def test_only_facts_with_a_decision_are_timed_as_decisions():
    """The decision histogram is not thinned out by facts that decide nothing."""
    seen = observer()
    tell(seen, took_s=1)
    tell(seen, DECISION, DECISION, took_s=0.25)
    assert value(seen, "acd_routing_decision_seconds_count") == 1
    assert value(seen, "acd_routing_decision_seconds_sum") == 0.25


def test_failures_of_the_machine_are_counted_by_reason():
    """Orders that did not get through, anomalies and lost calls are the platform's failures."""
    seen = observer()
    tell(seen, fact=OrderFailed(call=CALL, attempt=ATTEMPT, unknown=True, why="no answer"))
    tell(seen, fact=OrderFailed(call=CALL, attempt=ATTEMPT, unknown=False, why="refused"))
    tell(seen, fact=OfferEnded(call=CALL, attempt=ATTEMPT, end=OfferEnd.REFUSED))
    tell(seen, fact=OfferEnded(call=CALL, attempt=ATTEMPT, end=OfferEnd.BUSY))
    tell(seen, Anomaly(fact="CallEnded", key=CALL, state="waiting"))
    tell(seen, finished(Outcome.LOST))
    for reason in ("order_unknown", "order_failed", "order_refused", "anomaly", "call_lost"):
        assert value(seen, "acd_routing_failures_total", reason=reason) == 1, reason


def test_gauges_tell_the_picture_of_the_last_refresh():
    """Queues, agents, links and the identity of calls are as they were when the picture was taken."""
    seen = observer()
    agents = {AgentState.READY: 12, AgentState.TALKING: 5, AgentState.LOGGED_OUT: 30}
    seen.refresh(
        summary(roma=agents),
        [queue_view(waiting=4, offered_now=2, longest_wait_ms=31_500)],
        [node(ACDEnter=7)],
    )
    assert value(seen, "acd_queue_calls", queue="generale") == 6
    assert value(seen, "acd_queue_longest_wait_seconds", queue="generale") == 31.5
    assert value(seen, "acd_queue_threshold_seconds", queue="generale") == 20
    assert value(seen, "acd_queue_target_ratio", queue="generale") == 0.8
    assert value(seen, "acd_agents", site="roma", state="ready") == 12
    assert value(seen, "acd_agents", site="roma", state="wrap_up") == 0
    assert value(seen, "acd_agents", site="roma", state="logged_out") is None
    assert value(seen, "acd_calls_unaccounted") == 0
    assert value(seen, "acd_ami_connected", server=NODE) == 1
    assert value(seen, "acd_ami_reconnects_total", server=NODE) == 3
    assert value(seen, "acd_ami_events_total", server=NODE, kind="ACDEnter") == 7
    assert value(seen, "acd_build_info", version="0.1.0") == 1
    assert value(seen, "acd_config_info", revision="0123abcd") == 1


def test_small_sites_are_merged_before_they_are_exposed():
    """A site of three has no series of its own, and the number merged is told."""
    seen = observer()
    seen.refresh(
        summary(roma={AgentState.READY: 40}, bari={AgentState.READY: 20}, lecce={AgentState.TALKING: 3}),
        (),
        (),
    )
    assert value(seen, "acd_agents", site="lecce", state="talking") is None
    assert value(seen, "acd_agents", site="other", state="talking") == 3
    assert value(seen, "acd_agents", site="other", state="ready") == 20
    assert value(seen, "acd_suppressed_groups") == 2


def test_no_agent_is_named_in_the_exposition():
    """Notes that name an agent leave no trace of the name."""
    seen = observer()
    moved = AgentMoved(agent="a0001", site=SiteId("roma"), before=AgentState.READY, after=AgentState.RINGING)
    tell(seen, DECISION, moved, closed(OfferEnd.NO_ANSWER), Late(fact="LegEnded", key="a0001"))
    text = seen.render().decode()
    assert "a0001" not in text
    assert str(CALL) not in text


def test_buckets_hold_every_configured_threshold():
    """The share within any queue's threshold can be read off exactly."""
    assert {20.0, 45.0, 7.5} <= set(wait_buckets([20_000, 45_000, 7_500]))
    assert (
        value(observer(), "acd_call_wait_seconds_bucket", queue="coda1", outcome="answered", le="45.0") == 0
    )


def test_a_note_costs_microseconds():
    """Counting never weighs on routing: the bound is wide so that a busy machine passes, the goal is 5 µs."""
    seen = observer(queues=60)
    notes = (
        CallOffered(call=CALL, queue=GENERAL),
        CallAnswered(call=CALL, queue=GENERAL, wait_ms=12_000, path=Path.PRIMARY),
        finished(Outcome.ANSWERED),
        closed(OfferEnd.TALKED),
        DECISION,
    )
    rounds = 2000
    best_s = float("inf")
    for _ in range(5):
        began_s = time.perf_counter()
        for _ in range(rounds):
            seen.observe(FACT, (), notes, 0.0001)
        best_s = min(best_s, time.perf_counter() - began_s)
    assert best_s / (rounds * len(notes)) < 25e-6


def test_new_rules_give_new_queues_their_series_and_lose_no_count():
    """What was counted of a queue that is gone stays; the pictures are of the queues there are."""
    seen = observer()
    gone = CallOffered(call=CALL, queue=QueueId("coda1"))
    tell(seen, gone)
    fewer = rules(queues=1)
    newer = QueueId("nuova")
    added = msgspec.structs.replace(fewer.queues[GENERAL], id=newer, threshold_ms=33_000)
    code = OutcomeCode(id=OutcomeCodeId("rinviata"), name="Rinviata")
    changed = msgspec.structs.replace(
        fewer,
        revision="fedcba98",
        queues={**fewer.queues, newer: added},
        outcome_codes={**fewer.outcome_codes, code.id: code},
    )
    seen.rules_changed(changed)
    assert value(seen, "acd_calls_offered_total", queue="nuova") == 0
    tell(seen, gone, CallOffered(call=CALL, queue=newer), CallJudged(call=CALL, queue=newer, code=code.id))
    seen.refresh(summary(), [queue_view("nuova")], [node()])
    assert value(seen, "acd_calls_offered_total", queue="coda1") == 2
    assert value(seen, "acd_calls_offered_total", queue="nuova") == 1
    assert value(seen, "acd_calls_judged_total", queue="nuova", code="rinviata") == 1
    assert value(seen, "acd_config_info", revision="fedcba98") == 1
    assert value(seen, "acd_queue_threshold_seconds", queue="nuova") == 33
    assert value(seen, "acd_queue_calls", queue="coda1") is None


def test_rules_that_were_refused_are_told():
    """1 until newer rules had findings, 0 until a folder without findings was read."""
    seen = observer()
    seen.refresh(summary(), [], [node()])
    assert value(seen, "acd_config_last_reload_successful") == 1
    seen.refresh(summary(), [], [node()], process=ProcessGauges(rules_taken=False))
    assert value(seen, "acd_config_last_reload_successful") == 0


def test_a_queue_is_open_by_its_calendar():
    """1 within its hours; a queue without a calendar never closes."""
    hours = Calendar(id=CalendarId("uffici"), spans=((1_000, 2_000),), known_until_ms=10_000)
    given = rules()
    queues = given.queues | {GENERAL: msgspec.structs.replace(given.queues[GENERAL], calendar=hours.id)}
    seen = MetricsObserver(
        msgspec.structs.replace(given, queues=queues, calendars={hours.id: hours}), (NODE,), version="0.1.0"
    )
    for now_ms, is_open in ((999, 0), (1_000, 1), (1_999, 1), (2_000, 0)):
        seen.refresh(summary(), [], [node()], now_ms=now_ms)
        assert value(seen, "acd_queue_open", queue=GENERAL) == is_open
        assert value(seen, "acd_queue_open", queue="coda1") == 1


@pytest.mark.parametrize(
    ("able", "there", "shown"), [(9, 9, None), (300, 9, None), (300, 0, 0), (300, 10, 10)]
)
def test_a_queue_that_few_can_serve_tells_nobody(able, there, shown):
    """A number under k speaks of persons; nobody of many speaks of none."""
    seen = observer(k=10)
    view = msgspec.structs.replace(
        queue_view(), agents_able=able, agents_there=there, agents_ready=min(there, 4)
    )
    seen.refresh(summary(), [view], [node()])
    assert value(seen, "acd_queue_agents", queue=GENERAL, state="logged_in") == shown
    assert value(seen, "acd_queue_agents", queue=GENERAL, state="ready") == (
        None if shown is None else min(there, 4)
    )


def test_switches_and_reloads_are_told():
    """Gauges of now, counters of what happened; an office nobody knows is counted under other."""
    seen = observer()
    switches = SwitchGauges(
        on=True,
        offices={"aosta": True},
        overrides={"forced_on": 2},
        expiries_ms={"office:aosta": 1_500},
        shares={"roma": 30},
        phases={"uffici": True},
        step=3,
    )
    process = ProcessGauges(reloaded_ms=2_500, sse_clients=7, exposition_s=0.25, series=99)
    seen.refresh(summary(), [], [node()], switches=switches, process=process)
    for name, expected in {
        "acd_fallback_on": 1,
        "acd_transition_step": 3,
        "acd_config_last_reload_success_timestamp_seconds": 2.5,
        "acd_sse_clients": 7,
        "acd_exposition_seconds": 0.25,
        "acd_exposition_series": 99,
    }.items():
        assert value(seen, name) == expected
    assert value(seen, "acd_fallback_active", office="aosta") == 1
    assert value(seen, "acd_fallback_overrides", mode="forced_on") == 2
    assert value(seen, "acd_fallback_overrides", mode="forced_off") == 0
    assert value(seen, "acd_fallback_override_expiry_timestamp_seconds", scope="office:aosta") == 1.5
    assert value(seen, "acd_site_share_ratio", site="roma") == 0.3
    assert value(seen, "acd_transition_phase", phase="uffici") == 1
    seen.switched("aosta", Origin.EXPIRY)
    seen.switched("mai visto", Origin.AUTO)
    assert value(seen, "acd_fallback_transitions_total", office="aosta", origin="expiry") == 1
    assert value(seen, "acd_fallback_transitions_total", office="other", origin="auto") == 1
    assert value(seen, "acd_fallback_transitions_total", office="national", origin="operator") == 0
    seen.reloaded(Reload.REFUSED)
    assert value(seen, "acd_config_reloads_total", result="refused") == 1
    assert value(seen, "acd_config_reloads_total", result="taken") == 0
