"""The answer of ``why-not`` in one sentence, Italian and English.

It says the reason, and then what it takes to change it: which skill, which step of the ladder and when, how
long the bar lasts. The asker has named the agent, so the sentence does; nobody else is named but by site.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from acd.core.calls import CallState
from acd.core.ids import SiteId
from acd.core.notes import Reason
from acd.core.policy import RuleSet
from acd.core.why_not import WhyNot
from acd.journal.telling import length, moment

__all__ = ["VERDICTS", "verdict"]

S: Final = CallState

VERDICTS: Final[Mapping[str, Mapping[str, str]]] = {
    "en": {
        "frame": "At {at} {agent} of site {site} {why}.",
        "rung": "was rung with this call, or talked with the caller",
        "logged_out": "was logged out",
        "paused": "was paused",
        "wrap_up": "was in wrap-up",
        "talking": "was in another talk",
        "reserved_elsewhere": "was being rung with another call",
        "unreachable": "could not be reached: the phone was gone",
        "phone_busy": "was ready, and the phone was busy with a call of its own",
        "level_too_low": "has level {level} in {skill_name}; the queue {queue_name} asks for {level_min}"
        " even at"
        " the end of its ladder",
        "skill_missing": "does not have the skill {skill_name}, which the queue {queue_name} needs",
        "excluded_by_skill": "has the skill {skill_name}, and the queue {queue_name} excludes whoever has it",
        "outside_ring": "is added by no step of the ladder of the queue {queue_name}",
        "outside_ring.step": "is added by step {step_needed} of the ladder ({step_name}); it was open to"
        " step {step}",
        "outside_ring.opens": "is added by step {step_needed} of the ladder ({step_name}); it was open to"
        " step"
        " {step}, and that one would open {opens_in} later",
        "no_consent": "is added by step {step_needed} of the ladder ({step_name}), which the caller has"
        " not agreed to",
        "excluded_after_no_answer": "had missed this call a moment ago, and gets it again in {again_in}",
        "lower_score": "could have had this call, and others were to be served first",
        "lower_score.site": "could have had this call; an agent of site {rung_site} came first",
        "lower_score.behind": "could have had this call; an agent of site {rung_site} came first, ahead by"
        " {behind} of idle time (band and idle time together)",
        "lower_score.office": "could have had this call, which the line of office {office_name} rang with",
        "closed": "could not have it: closed",
        "capacity": "could not have it: all lines in use",
        "no_share": "could not have this call: it was not of the {share} % that are the share of the site,"
        " and would be everybody's {opens_in} later",
        "not_healthy": "could not have it: left alone for a while, for want of answers",
        "forced_off": "could not have it: switched off",
        "not_opted_in": "was leaving: the time for which they had opted in as a volunteer was over",
        "on_break": "was on a break from the screen, or it was due",
        "not_waiting": "could not have this call: it did not wait",
        "not_waiting.unknown": "could not have this call: it had not entered yet, or was over",
        "not_waiting.talking": "could not have this call: the caller was in a talk",
        "not_waiting.transferred": "could not have this call: the caller had been passed on outside our"
        " queues",
        "not_waiting.in_net": "could not have this call: Asterisk's safety net had it",
        "not_waiting.leaving": "could not have this call: it was ending",
        "not_waiting.farewell": "could not have this call: the caller was being told goodbye",
        "picture_unsure": "could not be rung: the picture was being rebuilt, or the link to Asterisk was"
        " lost",
    },
    "it": {
        "frame": "Alle {at} {agent} della sede {site} {why}.",
        "rung": "era chiamato proprio per questa chiamata, o parlava con chi chiama",
        "logged_out": "non era connesso",
        "paused": "era in pausa",
        "wrap_up": "era in post-chiamata",
        "talking": "era in un'altra conversazione",
        "reserved_elsewhere": "era già chiamato per un'altra chiamata",
        "unreachable": "non era raggiungibile: il telefono non c'era",
        "phone_busy": "era pronto, ma il telefono era occupato da una chiamata propria",
        "level_too_low": "ha livello {level} in {skill_name}; la coda {queue_name} chiede {level_min}"
        " anche in fondo"
        " alla scala",
        "skill_missing": "non ha la competenza {skill_name}, che la coda {queue_name} richiede",
        "excluded_by_skill": "ha la competenza {skill_name}, e la coda {queue_name} esclude chi la ha",
        "outside_ring": "non è aggiunto da alcun gradino della scala della coda {queue_name}",
        "outside_ring.step": "è aggiunto dal gradino {step_needed} della scala ({step_name}); era aperta"
        " al gradino"
        " {step}",
        "outside_ring.opens": "è aggiunto dal gradino {step_needed} della scala ({step_name}); era aperta"
        " al gradino"
        " {step}, e quello si sarebbe aperto dopo {opens_in}",
        "no_consent": "è aggiunto dal gradino {step_needed} della scala ({step_name}), a cui chi chiama"
        " non ha"
        " acconsentito",
        "excluded_after_no_answer": "non aveva appena risposto a questa chiamata, e può riaverla tra"
        " {again_in}",
        "lower_score": "avrebbe potuto averla, ma altre venivano prima",
        "lower_score.site": "avrebbe potuto averla; veniva prima un operatore della sede {rung_site}",
        "lower_score.behind": "avrebbe potuto averla; veniva prima un operatore della sede {rung_site},"
        " avanti di"
        " {behind} di tempo libero (fascia e tempo libero insieme)",
        "lower_score.office": "avrebbe potuto averla, ma squillava la linea dell'ufficio {office_name}",
        "closed": "non poteva averla: chiuso",
        "capacity": "non poteva averla: linee tutte occupate",
        "no_share": "non poteva avere questa chiamata: non era nel {share} % che è la quota della sede, e"
        " sarebbe stata di tutti dopo {opens_in}",
        "not_healthy": "non poteva averla: lasciato stare per un poco, perché non rispondeva",
        "forced_off": "non poteva averla: disattivato",
        "not_opted_in": "stava uscendo: era finito il tempo per cui si era offerto volontario",
        "on_break": "era in pausa videoterminale, o gli spettava",
        "not_waiting": "non poteva avere questa chiamata: non era in attesa",
        "not_waiting.unknown": "non poteva avere questa chiamata: non era ancora entrata, o era finita",
        "not_waiting.talking": "non poteva avere questa chiamata: chi chiama era in conversazione",
        "not_waiting.transferred": "non poteva avere questa chiamata: era stata trasferita fuori dalle"
        " nostre code",
        "not_waiting.in_net": "non poteva avere questa chiamata: la aveva la rete di sicurezza di Asterisk",
        "not_waiting.leaving": "non poteva avere questa chiamata: stava finendo",
        "not_waiting.farewell": "non poteva avere questa chiamata: chi chiama veniva congedato",
        "picture_unsure": "non poteva essere chiamato: il quadro era in ricostruzione, o il collegamento"
        " era caduto",
    },
}


def verdict(found: WhyNot, agent: str, rules: RuleSet, at_ms: int, language: str) -> str:
    """The answer as a sentence."""
    texts = VERDICTS[language]
    queue, office = rules.queues.get(found.queue), rules.offices.get(found.rung_office)  # type: ignore[call-overload]
    why = texts[_key(found)].format(
        skill_name=rules.skills.get(found.skill, found.skill),
        level=found.level,
        level_min=found.level_min,
        queue_name=found.queue if queue is None else queue.name,
        office_name=found.rung_office if office is None else office.name,
        step=found.step,
        step_needed=found.step_needed,
        step_name=found.step_name,
        share=found.share,
        opens_in=length(found.opens_in_ms or 0),
        again_in=length(found.again_in_ms),
        rung_site=_site_name(found.rung_site, rules),
        behind=length(found.behind_ms),
    )
    return texts["frame"].format(at=moment(at_ms), agent=agent, site=_site_name(found.site, rules), why=why)


def _site_name(site: str, rules: RuleSet) -> str:
    known = rules.sites.get(SiteId(site))
    return site if known is None else known.name


def _key(found: WhyNot) -> str:
    match found.reason:
        case None:
            return "rung"
        case Reason.OUTSIDE_RING if found.step_needed:
            return "outside_ring.step" if found.opens_in_ms is None else "outside_ring.opens"
        case Reason.LOWER_SCORE if found.rung_office:
            return "lower_score.office"
        case Reason.LOWER_SCORE if found.rung_site:
            return "lower_score.behind" if found.behind_ms >= 1000 else "lower_score.site"
        case Reason.NOT_WAITING:
            known = {
                CallState.TALKING,
                CallState.TRANSFERRED,
                CallState.IN_NET,
                CallState.LEAVING,
                CallState.FAREWELL,
            }
            if found.call_state is None:
                return "not_waiting.unknown"
            return f"not_waiting.{found.call_state}" if found.call_state in known else "not_waiting"
        case _:
            return found.reason.value
