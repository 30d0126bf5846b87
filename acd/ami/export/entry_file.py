"""``acd_entry.conf``: called numbers, menus, area prefixes.

A caller may be in a menu while a changed file is loaded, and Asterisk goes on at the same context,
extension and priority, now of the new file. So whatever waits for a person (`ENGINE`) is the same
text in every file, and what differs has a fixed shape: two lines for a menu, and the lines of a key
in one order. A caller whose menu is gone is caught by ``i`` and enters the queue of default.

Names: extensions ignore dashes and read a leading ``_`` as a pattern, so the menu ``lingua-bz`` is
``m_lingua_bz`` here; ids hold no ``_``, so no two menus meet. Behind a dot stands the key, the
language or the province.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from acd.ami.export import safe
from acd.core.policy import RuleSet
from acd.errors import UnsafeValue
from acd.rules.entry import COUNTRY_PROMPT, Ask, Door, EntryPlan, Go, Menu, Prompt
from acd.rules.entry_prefixes import AreaPrefix

__all__ = ["ENGINE", "entry_file", "sounds"]

ENGINE: Final = """\
; ---------------------------------------------------------------- the same in every rule set

[acd-entry-begin]               ; the first thing before a menu: the time, a trace of who leaves, the province
exten => s,1,Set(ACD_T00=${STRFTIME(,,%s%3q)})
 same => n,Set(CHANNEL(hangup_handler_push)=acd-menu-end,s,1)
 same => n,Set(ACD_NUM=${FILTER(0-9,${CALLERID(num)})})
 same => n,GosubIf($["${CALLERID(num-pres):0:6}" != "prohib"]?acd-entry-locate,s,1(${ACD_NUM}))
 same => n,Answer()                             ; with up to 500 ms for media: the first word is heard
 same => n,Return()

[acd-entry-locate]              ; a national number -> ACD_PROV; ACD_SURE=1 when nobody need be asked
exten => s,1,GotoIf($["${ARG1}" = ""]?none)
 same => n,GotoIf($[0${DIALPLAN_EXISTS(acd-province,${ARG1},1)}]?:none)
 same => n,Gosub(acd-province,${ARG1},1)
 same => n,GotoIf($["${GOSUB_RETVAL}" = ""]?none)
 same => n,Set(ACD_PROV=${FILTER(A-Z,${GOSUB_RETVAL})})
 same => n,Set(ACD_SURE=${IF($["${GOSUB_RETVAL:-1}" = "-"]?0:1)})
 same => n(none),Return()

[acd-entry-read]                ; sounds, most digits, seconds of silence that end it -> ACD_KEYS
exten => s,1,Set(ARRAY(ACD_KEYS,READSTATUS)=,)
 same => n,Read(ACD_KEYS,${ARG1},${ARG2},,1,${ARG3})
 same => n,GotoIf($["${READSTATUS}" = "OK" | "${READSTATUS}" = "TIMEOUT"]?read)
 same => n,Read(ACD_KEYS,,${ARG2},,1,${ARG3}) ; a sound is missing: the keys work all the same
 same => n(read),Set(ACD_KEYS=${FILTER(0-9,${ACD_KEYS})})
 same => n,Return()

[acd-entry-key]                 ; menu, seconds, key of silence -> the key; a wrong one repeats it once
exten => s,1,Set(ARRAY(ACD_TRY,ACD_TO)=1,${ARG1})
 same => n,ExecIf($[0${DIALPLAN_EXISTS(acd-entry-say,${ARG1}.${ACD_LANG},1)}]?Set(ACD_TO=${ARG1}.${ACD_LANG}))
 same => n,ExecIf($[0${DIALPLAN_EXISTS(acd-entry-say,${ARG1}.${ACD_PROV},1)}]?Set(ACD_TO=${ARG1}.${ACD_PROV}))
 same => n,Gosub(acd-entry-say,${ACD_TO},1)
 same => n,Set(ACD_SAYS=${GOSUB_RETVAL})
 same => n(again),Gosub(acd-entry-read,s,1(${ACD_SAYS},1,${ARG2}))
 same => n,GotoIf($["${ACD_KEYS}" = "" & "${READSTATUS}" = "TIMEOUT"]?silence)
 same => n,GotoIf($[0${DIALPLAN_EXISTS(acd-entry-go,${ARG1}.${ACD_KEYS},1)}]?pressed)
 same => n,GotoIf($[${ACD_TRY} >= 2 | 0${DIALPLAN_EXISTS(acd-entry-menu,${ARG1},1)} = 0]?silence)
 same => n,Set(ACD_TRY=2)
 same => n,Set(ACD_SAYS=acd/${ACD_LANG}/wrong-key&${ACD_SAYS})
 same => n,Goto(again)
 same => n(silence),Return(${ARG3})
 same => n(pressed),Return(${ACD_KEYS})

[acd-entry-asks]                ; 1 or 0 for the personal code, 1 or 0 for the province
exten => s,1,GosubIf($["${ARG1}" = "1"]?acd-entry-code,s,1)
 same => n,GosubIf($["${ARG2}" = "1"]?acd-entry-province,s,1)
 same => n,Return()

[acd-entry-code]                ; wrong or missing: the way goes on all the same
exten => s,1,Gosub(acd-entry-read,s,1(acd/${ACD_LANG}/ask-personal-code,10,5))
 same => n,Set(ACD_CODE=${ACD_KEYS})
 same => n,Set(ACD_KEYS=)
 same => n,Return()

[acd-entry-province]            ; the area prefix of the caller's town, where the number does not tell it
exten => s,1,GotoIf($["${ACD_SURE}" = "1"]?known)
 same => n,Gosub(acd-entry-read,s,1(acd/${ACD_LANG}/ask-province,4,5))
 same => n,GotoIf($["${ACD_KEYS}" = ""]?known)
 same => n,Gosub(acd-entry-locate,s,1(${ACD_KEYS}00000))
 same => n,Set(ACD_SURE=1)
 same => n(known),Return()

[acd-entry-lost]                ; a reload took away the menu the caller was in
exten => s,1,Set(ACD_QUEUE=${GLOBAL(ACD_QUEUE_BY_DEFAULT)})
 same => n,Goto(acd-enter,s,1)
"""

HEAD: Final = """\
; Written by `acd export dialplan` from the rules; what is written here by hand is lost.
; Called numbers, menus, area prefixes. The README beside this file says who reloads it.

[globals](+)
ACD_ENTRY={revision}
ACD_QUEUE_BY_DEFAULT={queue}
"""


def entry_file(plan: EntryPlan, rules: RuleSet, prefixes: Mapping[str, AreaPrefix]) -> str:
    """Return the whole file."""
    head = HEAD.format(revision=safe.revision(plan.revision), queue=safe.name(rules.queue_by_default))
    parts = (
        head,
        _lines("[from-trunk]", _doors(plan), _queues(rules)),
        _lines("[acd-entry-menu]", _menus(plan), _lost()),
        _lines("[acd-entry-say]", _says(plan)),
        _lines("[acd-entry-go]", _keys(plan), _lost()),
        _lines("[acd-entry-enter]               ; country told, then the queue", _enter(plan)),
        ENGINE,
        _lines(
            "; Province by the caller's area prefix; a dash marks one that is a guess.",
            ["[acd-province]"],
            _provinces(plan, prefixes),
        ),
    )
    return "\n".join(parts)


def sounds(prompt: Prompt, spoken: str) -> str:
    """Return what plays a prompt: in its own order of languages, or in the one given."""
    languages = [safe.language(each) for each in prompt.in_turn] or [spoken]
    return "&".join(f"acd/{each}/{safe.name(prompt.id)}" for each in languages)


def _lines(head: str, *groups: Iterator[str] | list[str]) -> str:
    return "\n".join([head, *(line for group in groups for line in group)]) + "\n"


def _doors(plan: EntryPlan) -> Iterator[str]:
    for door in plan.doors.values():
        called, language = safe.number(door.number), safe.language(door.language)
        yield f"exten => {called},1,Set(ARRAY(ACD_CALLED,ACD_LANG)={called},{language})"
        if _is_talked_to(door, plan):
            yield " same => n,Gosub(acd-entry-begin,s,1)"
        yield from _asks(door.go)
        yield from _onwards(door.go, plan)


def _is_talked_to(door: Door, plan: EntryPlan) -> bool:
    return bool(door.go.menu or door.go.asks or plan.announce_country)


def _queues(rules: RuleSet) -> Iterator[str]:
    """Write q-<queue> for queues of another language than Italian; q-<any other> is always there."""
    written: dict[str, str] = {}
    for queue in rules.queues.values():
        other = written.setdefault(queue.id.replace("-", ""), queue.id)
        if other != queue.id:
            raise UnsafeValue(
                f"the queues {other!r} and {queue.id!r} are one and the same to Asterisk, which ignores"
                " dashes; rename one of them. Nothing was written."
            )
        if queue.language != "it":
            name, language = safe.name(queue.id), safe.language(queue.language)
            yield f"exten => q-{name},1,Set(ARRAY(ACD_QUEUE,ACD_LANG)={name},{language})"
            yield " same => n,Goto(acd-enter,s,1)"


def _extension(menu: str) -> str:
    return "m_" + safe.name(menu).replace("-", "_")


def _menus(plan: EntryPlan) -> Iterator[str]:
    for menu in plan.menus.values():
        name = _extension(menu.id)
        wait, silence = safe.whole(menu.wait_s), safe.digit(menu.default)
        yield f"exten => {name},1,Gosub(acd-entry-key,s,1({name},{wait},{silence}))"
        yield f" same => n,Goto(acd-entry-go,{name}.${{GOSUB_RETVAL}},1)"


def _says(plan: EntryPlan) -> Iterator[str]:
    for menu in plan.menus.values():
        name = _extension(menu.id)
        for listener, prompt in _listeners(menu):
            suffix = ""
            if listener:
                suffix = "." + (safe.province(listener) if listener.isupper() else safe.language(listener))
            yield f"exten => {name}{suffix},1,Return({sounds(plan.prompts[prompt], '${ACD_LANG}')})"


def _listeners(menu: Menu) -> Iterator[tuple[str, str]]:
    """Yield who hears which prompt; somebody is always there for those who are not named."""
    yield from menu.say.items()
    if "" not in menu.say:
        yield "", next(iter(menu.say.values()))


def _keys(plan: EntryPlan) -> Iterator[str]:
    for menu in plan.menus.values():
        for key, go in menu.choices.items():
            spoken = safe.language(go.language) if go.language else "${ACD_LANG}"
            yield f"exten => {_extension(menu.id)}.{safe.digit(key)},1,Set(ACD_LANG={spoken})"
            code, province = (int(ask in go.asks) for ask in (Ask.PERSONAL_CODE, Ask.PROVINCE))
            yield f" same => n,Gosub(acd-entry-asks,s,1({code},{province}))"
            yield from _onwards(go, plan)


def _asks(go: Go) -> Iterator[str]:
    if go.asks:
        code, province = (int(ask in go.asks) for ask in (Ask.PERSONAL_CODE, Ask.PROVINCE))
        yield f" same => n,Gosub(acd-entry-asks,s,1({code},{province}))"


def _onwards(go: Go, plan: EntryPlan) -> Iterator[str]:
    """Write the way on: to a menu, or to the queue of the caller's language."""
    if go.menu:
        yield f" same => n,Goto(acd-entry-menu,{_extension(go.menu)},1)"
        return
    if not go.queues:
        raise UnsafeValue("A number or a key leads nowhere; nothing was written.")
    queues = dict(go.queues)
    first = "" if "" in queues else next(iter(queues))
    yield f" same => n,Set(ACD_QUEUE={safe.name(queues.pop(first))})"
    for spoken, queue in queues.items():
        wanted = f'$["${{ACD_LANG}}" = "{safe.language(spoken)}"]'
        yield f" same => n,ExecIf({wanted}?Set(ACD_QUEUE={safe.name(queue)}))"
    yield f" same => n,Goto({'acd-entry-enter' if plan.announce_country else 'acd-enter'},s,1)"


def _enter(plan: EntryPlan) -> list[str]:
    told = safe.country(plan.announce_country) if plan.announce_country else ""
    prompt = COUNTRY_PROMPT.format(told.lower())
    said = sounds(plan.prompts[prompt], "${ACD_LANG}") if told else ""
    return [
        f"exten => s,1,{f'Playback({said})' if said else 'NoOp()'}",
        f" same => n,Set(ACD_ANNOUNCED={told})",
        " same => n,Goto(acd-enter,s,1)",
    ]


def _lost() -> list[str]:
    return ["exten => i,1,Goto(acd-entry-lost,s,1)"]


def _provinces(plan: EntryPlan, prefixes: Mapping[str, AreaPrefix]) -> Iterator[str]:
    for called in plan.doors:
        if called.isdecimal():
            yield f"exten => {safe.number(called)},1,Return()          ; called, never a caller"
    for area in prefixes.values():
        mark = "" if area.sure else "-"
        yield f"exten => _{safe.number(area.prefix)}X.,1,Return({safe.province(area.province)}{mark})"
    yield "exten => _X.,1,Return()"
