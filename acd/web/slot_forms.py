"""The form of what is asked and answered about volunteers' slots and hours."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from acd.store.records import SlotKind, SlotPlace
from acd.web.models import Id, Language, Model, Ms, MsInBody

Month = Annotated[str, Field(pattern=r"^20[0-9]{2}-(0[1-9]|1[0-2])$")]


class SlotsQuery(Model):
    """Slots of a time."""

    since_ms: Annotated[Ms, Field(description="That end after this.")] = 0
    until_ms: Annotated[Ms | None, Field(description="That begin before this.")] = None


class CheckQuery(Model):
    """A slot that might be accepted."""

    office: Annotated[Id, Field(description="The office whose volunteer the person is.")]
    from_ms: Ms
    until_ms: Ms
    kind: Literal["ordinary", "overtime", "holiday"]
    place: Literal["office", "home"]
    lang: Language = "it"


class SlotRequest(Model):
    """A slot that is accepted: from its begin to its end its person may be rung."""

    office: Id
    """The office whose volunteer the person is."""
    from_ms: MsInBody
    until_ms: MsInBody
    kind: SlotKind
    place: SlotPlace


class LanguageQuery(Model):
    """In which language sentences are told."""

    lang: Language = "it"


class MonthQuery(Model):
    """A month on Rome's clock."""

    month: Annotated[Month, Field(description="Such as 2026-11.")]


class SlotAnswer(Model):
    """One of the person's own slots."""

    id: int
    office: str
    from_ms: int
    until_ms: int
    kind: SlotKind
    place: SlotPlace
    accepted_ms: int
    withdrawn_ms: int | None
    """The opt-out; what was worked of it until then stays."""
    confirmed_ms: int | None
    """The person said that the time is right."""


class SlotsAnswer(Model):
    """The person's own slots, by begin."""

    items: tuple[SlotAnswer, ...]


class FlagAnswer(Model):
    """One thing that is odd about a slot."""

    rule: str
    """``times``, ``length``, ``past``, ``ahead``, ``office``, ``overlap``, or a rule of volunteering.yaml."""
    refuses: bool
    """Else the slot may be accepted all the same."""
    sentence: str


class CheckAnswer(Model):
    """What is odd about a slot, before it is accepted."""

    acceptable: bool
    flags: tuple[FlagAnswer, ...]


class AcceptedAnswer(Model):
    """A slot that was accepted, and what is odd about it all the same."""

    slot: SlotAnswer
    flags: tuple[FlagAnswer, ...]


class TotalAnswer(Model):
    """Slots of one kind and place."""

    kind: SlotKind
    place: SlotPlace
    slots: int
    counted_ms: int
    confirmed_ms: int
    """Of these, what the person has confirmed."""


class TotalsAnswer(Model):
    """The person's own totals of a month."""

    month: str
    items: tuple[TotalAnswer, ...]


class OfficeHoursAnswer(Model):
    """Hours lent by one office; ``other``: by those with few volunteers, together."""

    office: str
    counted_ms: int


class KindHoursAnswer(Model):
    """Hours of one kind and place, of all offices; null: kinds of few people, together."""

    kind: SlotKind | None
    place: SlotPlace | None
    counted_ms: int
    confirmed_ms: int


class HoursAnswer(Model):
    """Sums of a month that is over. Nobody is named, and no group is of fewer people than ``k``."""

    month: str
    k: int
    offices: tuple[OfficeHoursAnswer, ...]
    """To correct what is expected of the offices: hours, never calls."""
    kinds: tuple[KindHoursAnswer, ...]
    """For payroll."""
