"""Stories and answers in plain sentences, Italian and English.

One table for each language, with the same keys: a test compares them. A sentence is a text with places, and
clauses that are added when there is something to say. Italian joins a preposition and the article of the name
that follows (``di`` + ``l'operatore`` = ``dell'operatore``), so these places have names of their own. Moments
are told on Rome's clock, as the calendars are.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any, Final
from zoneinfo import ZoneInfo

from acd.core.notes import Reason
from acd.journal.stories import Event, Kind

__all__ = ["LANGUAGES", "REASONS", "TEXTS", "joined", "length", "moment", "sentence"]

LANGUAGES: Final = ("it", "en")
ROME: Final = ZoneInfo("Europe/Rome")

TEXTS: Final[Mapping[str, Mapping[str, str]]] = {
    "en": {
        "entered": "The caller entered the queue {queue_name}",
        "entered_again": "The caller entered the queue {queue_name} again, with an age of {age}",
        "found": "The call was found in the queue {queue_name} when the link to Asterisk came up",
        "left_menu": "The caller hung up in the menu after {wait}, before any queue",
        "ladder.waited": "Step {step} of the ladder ({id}) opened: the call has waited for it",
        "ladder.load": "Step {step} of the ladder ({id}) opened: the load of the queue asks for it",
        "ladder.skipped": "Step {step} of the ladder ({id}) opened: nobody is logged in at the step before",
        "ladder.consent": "Step {step} of the ladder ({id}) opened: the caller agreed",
        "stage.own": "The office of the caller's province may answer",
        "stage.region": "The offices of the region may answer",
        "stage.neighbours": "The offices of the regions nearby may answer",
        "stage.national": "All agents may answer, whatever the share of their site",
        "stage.anywhere": "Any office that speaks the language may answer",
        "fallback.on": "Offices stand in for agents from now on ({revision}); the call keeps its age",
        "fallback.off": "Normal mode is in force ({revision}); the call keeps its age",
        "said": "The caller was played {sounds}",
        "said.farewell": "The caller was told goodbye: {sounds}",
        "pressed": "The caller pressed {key}",
        "consent.yes": "The caller agreed to step {step} of the ladder",
        "consent.no": "The caller did not agree to step {step} of the ladder, which stays shut",
        "told_closed": "The queue {queue_name} was closed; the caller was told that it opens {opens}",
        "told_closed.unknown": "The queue {queue_name} was closed; the caller was told so",
        "rung": "After a wait of {wait} {target} was chosen and rung",
        "rings": "The phone of {target} rings",
        "ring_over.no_answer": "{Target} did not answer",
        "ring_over.busy": "The phone of {target} was busy",
        "ring_over.declined": "{Target} declined",
        "ring_over.unreachable": "The phone of {target} could not be reached",
        "ring_over.no_key": "{Target} answered, and nobody pressed the key",
        "ring_over.full": "{Target} carried all the calls it can",
        "ring_over.failed": "The ring at {target} failed in the network",
        "ring_over.withdrawn": "The ring at {target} was taken back",
        "ring_over.refused": "The order to ring {target} was not carried out",
        "ring_over.caller_left": "The ring at {target} ended, for the caller left",
        "threshold": "The threshold of {threshold} passed without an answer",
        "answered": "{Target} answered after a wait of {wait}",
        "talk_over.talked": "The talk with {target} is over",
        "talk_over.dropped": "{Target} hung up at once; the caller waits again",
        "passed_on.queue": "The caller is to be passed on to the queue {queue_name}",
        "passed_on.office": "The caller is to be passed on to the office {office_name}",
        "transferred": "The caller was passed on by the agent's phone",
        "to_net": "The longest wait is over: Asterisk's safety net is told to take the caller",
        "in_net": "Asterisk's safety net took the caller",
        "order_failed": "An order could not be carried out: {why}",
        "order_failed.unknown": "Nobody knows whether an order was carried out: {why}",
        "corrected": "A look at Asterisk corrected our picture ({correction})",
        "anomaly": "News that did not fit was reported and looked at again ({fact} in state {state})",
        "link_lost": "The link to {node} was lost; the call keeps its place and its age",
        "link_back": "The link to {node} is back",
        "rules": "New rules ({revision}) are in force; the call keeps its age",
        "coded": "The agent said what became of it: {code}",
        "ended.answered": "The call ended, answered by {by} after {wait}, {handle} long",
        "ended.abandoned": "The caller hung up after waiting {wait}",
        "ended.short_abandoned": "The caller hung up at once, after {wait}",
        "ended.safety_net": "The call ended in the safety net, {wait} after it entered",
        "ended.closed": "The call ended: the queue was closed and nobody else could take it",
        "ended.lost": "The call was lost: it was gone after a restart, or its end was never seen",
        "clause.called": "number called {called}",
        "clause.language": "language {language}",
        "clause.province": "province {province}",
        "clause.class": "priority class {priority_class}",
        "clause.credit": "counts as if it had waited {credit} more",
        "clause.to_office": "passed on to the office {office_name}",
        "clause.missed": "counted as a missed call",
        "clause.idle": "free for {idle}",
        "clause.step": "the ladder was open to step {step}",
        "clause.stage.own": "the caller's own office stands in",
        "clause.stage.region": "offices of the region stand in",
        "clause.stage.neighbours": "offices of the regions nearby stand in",
        "clause.stage.national": "all agents may answer",
        "clause.stage.anywhere": "any office stands in",
        "clause.others.named": "{others} more could have had it, first of them {names}",
        "clause.others": "{others} more could have had it",
        "clause.passed_over": "not possible: {reasons}",
        "clause.code": "outcome {code}",
        "clause.verified.yes": "the caller's identity was checked",
        "clause.verified.no": "the caller's identity could not be checked",
        "target.agent": "agent {agent} of site {site_name}",
        "target.site": "an agent of site {site_name}",
        "target.office": "the line of office {office_name}",
        "target.unknown": "somebody",
        "silence": "nothing",
    },
    "it": {
        "entered": "Chi chiama è entrato nella coda {queue_name}",
        "entered_again": "Chi chiama è rientrato nella coda {queue_name}, con un'anzianità di {age}",
        "found": "La chiamata è stata trovata nella coda {queue_name} al collegamento con Asterisk",
        "left_menu": "Chi chiama ha riagganciato nel menù dopo {wait}, prima di ogni coda",
        "ladder.waited": "Si è aperto il gradino {step} della scala ({id}): la chiamata lo ha atteso",
        "ladder.load": "Si è aperto il gradino {step} della scala ({id}): lo chiede il carico della coda",
        "ladder.skipped": "Si è aperto il gradino {step} della scala ({id}): prima non è al lavoro nessuno",
        "ladder.consent": "Si è aperto il gradino {step} della scala ({id}): chi chiama ha acconsentito",
        "stage.own": "Può rispondere l'ufficio della provincia di chi chiama",
        "stage.region": "Possono rispondere gli uffici della regione",
        "stage.neighbours": "Possono rispondere gli uffici delle regioni vicine",
        "stage.national": "Possono rispondere tutti gli operatori, qualunque sia la quota della sede",
        "stage.anywhere": "Può rispondere qualsiasi ufficio che parli la lingua",
        "fallback.on": "Gli uffici rispondono per gli operatori ({revision}); l'anzianità resta",
        "fallback.off": "È in vigore il modo normale ({revision}); la chiamata conserva l'anzianità",
        "said": "Chi chiama ha ascoltato {sounds}",
        "said.farewell": "Chi chiama è stato congedato: {sounds}",
        "pressed": "Chi chiama ha premuto {key}",
        "consent.yes": "Chi chiama ha acconsentito al gradino {step} della scala",
        "consent.no": "Chi chiama non ha acconsentito al gradino {step}, che resta chiuso",
        "told_closed": "La coda {queue_name} era chiusa; a chi chiama è stato detto quando apre: {opens}",
        "told_closed.unknown": "La coda {queue_name} era chiusa; a chi chiama è stato detto",
        "rung": "Dopo un'attesa di {wait} è stato scelto e chiamato {target}",
        "rings": "Squilla il telefono {di_target}",
        "ring_over.no_answer": "{Target} non ha risposto",
        "ring_over.busy": "Il telefono {di_target} era occupato",
        "ring_over.declined": "{Target} ha rifiutato",
        "ring_over.unreachable": "Il telefono {di_target} non era raggiungibile",
        "ring_over.no_key": "{Target} ha risposto, ma nessuno ha premuto il tasto",
        "ring_over.full": "{Target} aveva già tutte le chiamate che può prendere",
        "ring_over.failed": "La chiamata {a_target} non è riuscita per un errore della rete",
        "ring_over.withdrawn": "La chiamata {a_target} è stata ritirata",
        "ring_over.refused": "L'ordine di chiamare {target} non è stato eseguito",
        "ring_over.caller_left": "La chiamata {a_target} è finita: chi chiama non c'era più",
        "threshold": "La soglia di {threshold} è stata superata senza risposta",
        "answered": "{Target} ha risposto dopo un'attesa di {wait}",
        "talk_over.talked": "La conversazione con {target} è finita",
        "talk_over.dropped": "{Target} ha riagganciato subito; chi chiama torna in attesa",
        "passed_on.queue": "Chi chiama va trasferito alla coda {queue_name}",
        "passed_on.office": "Chi chiama va trasferito all'ufficio {office_name}",
        "transferred": "Chi chiama è stato trasferito dal telefono dell'operatore",
        "to_net": "L'attesa massima è trascorsa: la chiamata è affidata alla rete di sicurezza di Asterisk",
        "in_net": "La rete di sicurezza di Asterisk ha preso la chiamata",
        "order_failed": "Un ordine non è stato eseguito: {why}",
        "order_failed.unknown": "Non si sa se un ordine sia stato eseguito: {why}",
        "corrected": "Un controllo su Asterisk ha corretto il nostro quadro ({correction})",
        "anomaly": "Una notizia che non quadrava è stata segnalata e verificata ({fact} nello stato {state})",
        "link_lost": "Il collegamento con {node} è caduto; la chiamata conserva posto e anzianità",
        "link_back": "Il collegamento con {node} è stato ristabilito",
        "rules": "Sono in vigore nuove regole ({revision}); la chiamata conserva l'anzianità",
        "coded": "L'operatore ha detto com'è andata: {code}",
        "ended.answered": "La chiamata è finita: ha risposto {by} dopo {wait}, durata {handle}",
        "ended.abandoned": "Chi chiama ha riagganciato dopo {wait} di attesa",
        "ended.short_abandoned": "Chi chiama ha riagganciato subito, dopo {wait}",
        "ended.safety_net": "La chiamata è finita nella rete di sicurezza, {wait} dopo l'ingresso",
        "ended.closed": "La chiamata è finita: la coda era chiusa e nessun altro poteva prenderla",
        "ended.lost": "La chiamata è andata persa: sparita dopo un riavvio, o la fine non si è mai vista",
        "clause.called": "numero chiamato {called}",
        "clause.language": "lingua {language}",
        "clause.province": "provincia {province}",
        "clause.class": "classe di precedenza {priority_class}",
        "clause.credit": "conta come {credit} di attesa in più",
        "clause.to_office": "trasferito all'ufficio {office_name}",
        "clause.missed": "conta come chiamata persa dall'operatore",
        "clause.idle": "libero da {idle}",
        "clause.step": "la scala era aperta al gradino {step}",
        "clause.stage.own": "sostituisce l'ufficio di chi chiama",
        "clause.stage.region": "sostituiscono gli uffici della regione",
        "clause.stage.neighbours": "sostituiscono gli uffici delle regioni vicine",
        "clause.stage.national": "possono rispondere tutti gli operatori",
        "clause.stage.anywhere": "sostituisce qualsiasi ufficio",
        "clause.others.named": "altri che avrebbero potuto: {others}, nell'ordine {names}",
        "clause.others": "altri che avrebbero potuto: {others}",
        "clause.passed_over": "non potevano: {reasons}",
        "clause.code": "esito {code}",
        "clause.verified.yes": "l'identità di chi chiama è stata verificata",
        "clause.verified.no": "l'identità di chi chiama non è stata verificata",
        "target.agent": "l'operatore {agent} della sede {site_name}",
        "target.site": "un operatore della sede {site_name}",
        "target.office": "l'ufficio {office_name}",
        "target.unknown": "qualcuno",
        "silence": "nulla",
    },
}

REASONS: Final[Mapping[str, Mapping[Reason, str]]] = {
    "en": {
        Reason.LOGGED_OUT: "logged out",
        Reason.PAUSED: "paused",
        Reason.WRAP_UP: "in wrap-up",
        Reason.TALKING: "in a talk",
        Reason.RESERVED_ELSEWHERE: "being rung",
        Reason.UNREACHABLE: "phone not reachable",
        Reason.PHONE_BUSY: "phone busy",
        Reason.LEVEL_TOO_LOW: "level too low",
        Reason.SKILL_MISSING: "skill missing",
        Reason.EXCLUDED_BY_SKILL: "excluded by a skill",
        Reason.OUTSIDE_RING: "at a later step of the ladder",
        Reason.NO_CONSENT: "without the caller's consent",
        Reason.EXCLUDED_AFTER_NO_ANSWER: "missed this call a moment ago",
        Reason.LOWER_SCORE: "somebody else came first",
        Reason.CLOSED: "closed",
        Reason.CAPACITY: "all lines in use",
        Reason.NOT_HEALTHY: "not answering, left alone for a while",
        Reason.FORCED_OFF: "switched off",
        Reason.NO_SHARE: "the call is not of the share of their site",
        Reason.NOT_OPTED_IN: "not opted in",
        Reason.ON_BREAK: "on a break from the screen",
        Reason.NOT_WAITING: "the call did not wait",
        Reason.PICTURE_UNSURE: "picture unsure",
    },
    "it": {
        Reason.LOGGED_OUT: "non in servizio",
        Reason.PAUSED: "in pausa",
        Reason.WRAP_UP: "in post-chiamata",
        Reason.TALKING: "in conversazione",
        Reason.RESERVED_ELSEWHERE: "con il telefono che già squilla",
        Reason.UNREACHABLE: "con il telefono non raggiungibile",
        Reason.PHONE_BUSY: "con il telefono occupato",
        Reason.LEVEL_TOO_LOW: "con un livello insufficiente",
        Reason.SKILL_MISSING: "senza la competenza",
        Reason.EXCLUDED_BY_SKILL: "con una competenza che esclude",
        Reason.OUTSIDE_RING: "a un gradino successivo della scala",
        Reason.NO_CONSENT: "senza il consenso di chi chiama",
        Reason.EXCLUDED_AFTER_NO_ANSWER: "con questa chiamata persa poco prima",
        Reason.LOWER_SCORE: "dopo altri",
        Reason.CLOSED: "fuori orario",
        Reason.CAPACITY: "con tutte le linee occupate",
        Reason.NOT_HEALTHY: "in sosta dopo mancate risposte",
        Reason.FORCED_OFF: "fuori uso per decisione",
        Reason.NO_SHARE: "in una sede che non ha questa chiamata nella sua quota",
        Reason.NOT_OPTED_IN: "senza adesione volontaria in corso",
        Reason.ON_BREAK: "in pausa videoterminale",
        Reason.NOT_WAITING: "per una chiamata non in attesa",
        Reason.PICTURE_UNSURE: "con un quadro incerto",
    },
}
"""Each reason as it stands behind a number, in words that do not bend: ``1 in pausa``, ``3 in pausa``."""


JOINED: Final[Mapping[str, Mapping[str, str]]] = {
    "di": {"il ": "del ", "lo ": "dello ", "la ": "della ", "l'": "dell'"},
    "a": {"il ": "al ", "lo ": "allo ", "la ": "alla ", "l'": "all'"},
}
"""Preposition, article, and what Italian makes of the two."""


def joined(preposition: str, name: str) -> str:
    """A preposition before a name, as Italian has it: ``dell'ufficio``, ``a un operatore``."""
    for article, word in JOINED[preposition].items():
        if name.startswith(article):
            return word + name.removeprefix(article)
    return f"{preposition} {name}"


def length(ms: int) -> str:
    """A length of time as both languages write it: ``45 s``, ``2 min 05 s``, ``1 h 05 min``."""
    seconds = max(0, ms) // 1000
    if seconds < 60:
        return f"{seconds} s"
    if seconds < 3600:
        return f"{seconds // 60} min {seconds % 60:02} s"
    return f"{seconds // 3600} h {seconds % 3600 // 60:02} min"


def moment(ms: int) -> str:
    """A moment on Rome's clock, to the second."""
    return f"{dt.datetime.fromtimestamp(ms / 1000, tz=ROME):%Y-%m-%d %H:%M:%S}"


def sentence(event: Event, language: str) -> str:
    """One event as a sentence."""
    texts = TEXTS[language]
    places = _places(event, language)
    text = texts[_key(event)].format(**places)
    clauses = [texts[key].format(**places) for key in _clauses(event)]
    return f"{text}{' (' + '; '.join(clauses) + ')' if clauses else ''}."


def _key(event: Event) -> str:
    what = event.what
    match event.kind:
        case Kind.LADDER:
            return f"ladder.{what['why']}"
        case Kind.STAGE:
            return f"stage.{what['stage']}"
        case Kind.FALLBACK:
            return "fallback.on" if what["on"] else "fallback.off"
        case Kind.SAID:
            return "said.farewell" if what["farewell"] else "said"
        case Kind.CONSENT:
            return "consent.yes" if what["granted"] else "consent.no"
        case Kind.TOLD_CLOSED:
            return "told_closed.unknown" if what["opens_ms"] is None else "told_closed"
        case Kind.RING_OVER | Kind.TALK_OVER:
            return f"{event.kind}.{what['end']}"
        case Kind.PASSED_ON:
            return "passed_on.office" if "office" in what else "passed_on.queue"
        case Kind.ORDER_FAILED:
            return "order_failed.unknown" if what["unknown"] else "order_failed"
        case Kind.ENDED:
            return f"ended.{what['outcome']}"
        case _:
            return event.kind.value


def _clauses(event: Event) -> list[str]:
    """The clauses this event has something to say in."""
    what = event.what
    match event.kind:
        case Kind.ENTERED | Kind.ENTERED_AGAIN:
            names = {
                "called": "called",
                "language": "language",
                "province": "province",
                "priority_class": "class",
                "credit_ms": "credit",
            }
            found = [f"clause.{key}" for name, key in names.items() if what[name]]
            return found + (["clause.to_office"] if "office" in what else [])
        case Kind.RUNG:
            found = ["clause.idle"] if "site" in what else []
            found += ["clause.step"] if what["step"] else []
            found += [f"clause.stage.{what['stage']}"] if what["stage"] else []
            if _others(what):
                found.append("clause.others.named" if what.get("runners_up_agents") else "clause.others")
            return found + (["clause.passed_over"] if _unable(what) else [])
        case Kind.RING_OVER | Kind.TALK_OVER:
            return ["clause.missed"] if what["missed"] else []
        case Kind.ENDED:
            found = ["clause.code"] if what["code"] else []
            if what["verified"] is not None:
                found.append("clause.verified.yes" if what["verified"] else "clause.verified.no")
            return found
        case _:
            return []


def _places(event: Event, language: str) -> dict[str, str]:
    """What stands in the places of a sentence."""
    what, texts = event.what, TEXTS[language]
    target = _target(what, texts)
    places = {name: str(value) for name, value in what.items()}
    places |= {
        name.removesuffix("_ms"): length(value) for name, value in what.items() if _is_length(name, value)
    }
    places |= {"target": target, "Target": target[:1].upper() + target[1:], "by": target}
    places |= {f"{word}_target": joined(word, target) for word in JOINED}
    if what.get("opens_ms") is not None:
        places["opens"] = moment(what["opens_ms"])[:-3]
    if "sounds" in what:
        places["sounds"] = ", ".join(what["sounds"]) or texts["silence"]
    if "passed_over" in what:
        told = REASONS[language]
        places["reasons"] = ", ".join(f"{count} {told[reason]}" for reason, count in _unable(what).items())
        places["others"] = str(_others(what))
        places["names"] = ", ".join(what.get("runners_up_agents", ()))
    return places


def _unable(what: Mapping[str, Any]) -> dict[Reason, int]:
    """Who could not have had the call, by reason; whoever only came later could."""
    counts = {Reason(name): count for name, count in what["passed_over"].items()}
    return {reason: count for reason, count in counts.items() if reason is not Reason.LOWER_SCORE}


def _others(what: Mapping[str, Any]) -> int:
    """How many more could have had the call."""
    return max(int(what["runners_up"]), int(what["passed_over"].get(Reason.LOWER_SCORE.value, 0)))


def _is_length(name: str, value: object) -> bool:
    return name.endswith("_ms") and name != "opens_ms" and isinstance(value, int)


def _target(what: Mapping[str, Any], texts: Mapping[str, str]) -> str:
    if "office" in what:
        key = "target.office"
    elif "agent" in what:
        key = "target.agent"
    else:
        key = "target.site" if what.get("site") else "target.unknown"
    return texts[key].format(**what)
