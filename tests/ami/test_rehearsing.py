"""What the dialplan's report of a synthetic call means."""

from __future__ import annotations

import pytest

from acd.ami.rehearsing import tried_of
from acd.ami.wire import Message
from acd.transition.rehearsing import LineResult

REPORTS = [
    ({"Status": "ANSWER", "Cause": "16", "Up": "1", "Key": "1", "Ring": "1200"}, LineResult.PRESSED, ""),
    ({"Status": "CANCEL", "Cause": "0", "Up": "1", "Key": "1", "Ring": "5"}, LineResult.PRESSED, ""),
    ({"Status": "ANSWER", "Cause": "16", "Up": "1", "Key": "2"}, LineResult.WRONG, "no office"),
    ({"Status": "ANSWER", "Cause": "16", "Up": "1", "Key": "5"}, LineResult.ANSWERED, "key 5"),
    ({"Status": "ANSWER", "Cause": "16", "Up": "1", "Key": ""}, LineResult.ANSWERED, "no key"),
    ({"Status": "ANSWER", "Cause": "16", "Up": ""}, LineResult.ANSWERED, "no key"),
    ({"Status": "CHANUNAVAIL", "Cause": "1"}, LineResult.WRONG, "no such number"),
    ({"Status": "CONGESTION", "Cause": "28"}, LineResult.WRONG, "no such number"),
    ({"Status": "BUSY", "Cause": "17"}, LineResult.BUSY, ""),
    ({"Status": "CHANUNAVAIL", "Cause": "17"}, LineResult.BUSY, ""),
    ({"Status": "NOANSWER", "Cause": "0", "Ring": "30000"}, LineResult.NO_ANSWER, ""),
    ({"Status": "CHANUNAVAIL", "Cause": "18"}, LineResult.NO_ANSWER, ""),
    ({"Status": "CONGESTION", "Cause": "34"}, LineResult.FAILED, "cause 34"),
    ({"Status": "CHANUNAVAIL", "Cause": "20"}, LineResult.FAILED, "cause 20"),
    ({"Status": "REFUSED", "Cause": "0"}, LineResult.FAILED, "refused"),
    ({"Status": "FULL", "Cause": "0", "Key": ""}, None, "in use"),
    ({}, LineResult.FAILED, "cause 0"),
]


@pytest.mark.parametrize(("report", "result", "detail"), REPORTS)
def test_each_report_means_one_thing(report: dict[str, str], result: LineResult | None, detail: str):
    tried = tried_of(Message(report))
    assert tried.result is result
    assert detail in tried.detail


def test_a_ring_that_is_no_number_is_none():
    assert tried_of(Message({"Status": "NOANSWER", "Ring": "-3"})).ring_ms == 0
