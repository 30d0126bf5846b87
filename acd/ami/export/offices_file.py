"""``acd_offices.conf``: what the safety net tries after its queue.

One extension for each province whose callers are an office's own: the numbers of its offices one after the
other, counted by ``GROUP(acdline)`` under the office like every other call there, with its key where the
office asks for one; then ``none``: an apology, the number to call, goodbye.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from acd.ami.delivery import PRESS_ONE
from acd.ami.export import safe
from acd.core.offering import CONFIRM_PROMPT
from acd.core.policy import Office, RuleSet
from acd.rules.entry import GOODBYE_PROMPT, EntryPlan

__all__ = ["offices_file"]

RING_S: Final = 25

HEAD: Final = """\
; Written by `acd export dialplan` from the rules; what is written here by hand is lost.
; What the safety net tries after its queue: the office of the caller's province, then a goodbye.
; acd-office-line takes office, calls at once, trunk, seconds of ring, what the line hears before it must
; press 1 (- where it need not), numbers; it comes back when nobody took the call.

[acd-office]"""


def offices_file(plan: EntryPlan, rules: RuleSet) -> str:
    """Return the whole file."""
    offices: dict[str, list[Office]] = {}
    for office in rules.offices.values():
        for province in office.provinces or (office.province,):
            offices.setdefault(safe.province(province), []).append(office)
    lines = [HEAD]
    for province in sorted(offices):
        lines += _province(province, offices[province], rules)
    return "\n".join([*lines, "", *_goodbye(plan)]) + "\n"


def _province(province: str, offices: list[Office], rules: RuleSet) -> Iterator[str]:
    start = f"exten => {province},1"
    for office in sorted(offices, key=lambda each: each.province != province):
        numbers = "&".join(safe.number(each) for each in (office.number, *office.more_numbers))
        counted = f"{safe.name(office.id)},{safe.whole(office.capacity)},{safe.endpoint(office.trunk)}"
        yield f"{start},Gosub(acd-office-line,s,1({counted},{RING_S},{_key(office, rules)},{numbers}))"
        start = " same => n"
    yield " same => n,Goto(none,1)"


def _key(office: Office, rules: RuleSet) -> str:
    """Write what the line hears before it presses 1, as an order writes it."""
    if not office.confirm:
        return "-"
    spoken = rules.sounds.get(CONFIRM_PROMPT, {})
    sounds = spoken.get(office.languages[0]) or spoken.get("", ()) or PRESS_ONE
    return "+".join(safe.sound(each).replace("/", ".") for each in sounds)


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
