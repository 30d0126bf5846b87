"""``acd_offices.conf``: what the safety net tries after its queue.

One extension for each province that has an office: its lines one after the other, each counted by
``GROUP(acdline)``, then ``none``: an apology, the number to call, goodbye.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from acd.ami.export import safe
from acd.core.policy import Office, RuleSet
from acd.rules.entry import GOODBYE_PROMPT, EntryPlan

__all__ = ["offices_file"]

RING_S: Final = 25

HEAD: Final = """\
; Written by `acd export dialplan` from the rules; what is written here by hand is lost.
; What the safety net tries after its queue: the office of the caller's province, then a goodbye.
; acd-office-line takes number, calls at once, trunk, seconds of ring; it comes back when the line
; did not answer.

[acd-office]"""


def offices_file(plan: EntryPlan, rules: RuleSet) -> str:
    """Return the whole file."""
    offices: dict[str, list[Office]] = {}
    for office in rules.offices.values():
        offices.setdefault(safe.province(office.province), []).append(office)
    lines = [HEAD]
    for province in sorted(offices):
        lines += _province(province, offices[province])
    return "\n".join([*lines, "", *_goodbye(plan)]) + "\n"


def _province(province: str, offices: list[Office]) -> Iterator[str]:
    start = f"exten => {province},1"
    for office in offices:
        number, trunk = safe.number(office.number), safe.endpoint(office.trunk)
        line = f"{number},{safe.whole(office.capacity)},{trunk},{RING_S}"
        yield f"{start},Gosub(acd-office-line,s,1({line}))"
        start = " same => n"
    yield " same => n,Goto(none,1)"


def _goodbye(plan: EntryPlan) -> Iterator[str]:
    """Write ``none``: our own words where the rules have them, Asterisk's where not."""
    prompt = plan.prompts.get(GOODBYE_PROMPT)
    called = next((number for number in plan.doors if number.isdecimal()), "")
    yield "; No office, or none that answered: apologise, say the number to call, goodbye."
    if prompt is None:
        yield "exten => none,1,Playback(im-sorry&please-try-call-later&telephone-number)"
    else:
        languages = [safe.language(each) for each in prompt.texts]
        yield f"exten => none,1,Set(ACD_SAYS=acd/{languages[0]}/{GOODBYE_PROMPT})"
        for each in languages[1:]:
            wanted = f'$["${{ACD_LANG}}" = "{each}"]'
            yield f" same => n,ExecIf({wanted}?Set(ACD_SAYS=acd/{each}/{GOODBYE_PROMPT}))"
        yield " same => n,Playback(${ACD_SAYS})"
    if called:
        # The number that was called: the free one is none for a caller from a mobile.
        yield f' same => n,ExecIf($["${{ACD_CALLED}}" = ""]?Set(ACD_CALLED={safe.number(called)}))'
        yield " same => n,SayDigits(${ACD_CALLED})"
    yield " same => n,Playback(vm-goodbye)"
    yield " same => n,Hangup(16)"
