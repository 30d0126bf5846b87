"""The names of things, as types, so that a queue can never be passed where a call is meant.

All are short strings from our own tables or from Asterisk; none ever comes from a caller.
"""

from __future__ import annotations

from typing import NewType

NodeId = NewType("NodeId", str)
"""One Asterisk, by its name in ``config/acd.yaml``."""

CallId = NewType("CallId", str)
"""A caller end to end: the Uniqueid of the caller's channel (``systemname-epoch.n``)."""

AttemptId = NewType("AttemptId", str)
"""One offer of one call to one target: ``<epoch, 10 digits>-<number, 8 digits>``, fixed length."""

AgentId = NewType("AgentId", str)
QueueId = NewType("QueueId", str)
SkillId = NewType("SkillId", str)
SiteId = NewType("SiteId", str)
OfficeId = NewType("OfficeId", str)
PauseReasonId = NewType("PauseReasonId", str)
PriorityClassId = NewType("PriorityClassId", str)
OutcomeCodeId = NewType("OutcomeCodeId", str)
CalendarId = NewType("CalendarId", str)
