"""*Dettaglio coda*: one queue, or a few: how it goes, what became of its calls, whom they were offered to.

Alerts about a queue lead here with that queue chosen.
"""

from __future__ import annotations

from acd.metrics import names
from grafana_dashboards import asked, words
from grafana_dashboards.pages import begin, queues, section
from grafana_dashboards.panoramica import LATE, LEFT, LEVEL
from grafana_dashboards.parts import (
    HALF_HOUR,
    QUEUE,
    Page,
    Query,
    bars,
    curves,
    moment,
    named,
    number,
    stacked,
    timeline,
)
from grafana_dashboards.sdk import model

UID = "acd-dettaglio-coda"
THERE = 'state="logged_in"'
FREE = 'state="ready"'


def dashboard() -> model.Dashboard:
    """The whole dashboard."""
    page = queues(
        begin(
            "Dettaglio coda",
            UID,
            "Una coda da vicino: attese, livello di servizio con le cinque formule, esiti, offerte.",
        )
    )
    for add in (_now, _course, _fate, _offers):
        page = add(page)
    return page.build()


def _now(page: Page) -> Page:
    return section(
        page,
        "Adesso",
        number(
            "In attesa",
            "Chiamanti in coda adesso, compresi quelli a cui sta squillando un operatore.",
            "short",
            Query(f"sum({asked.chosen(names.QUEUE_CALLS, QUEUE)})", "in attesa"),
        ),
        number(
            "Attesa più lunga",
            "Da quanto aspetta il chiamante più vecchio. Giallo da 2 minuti, rosso da 5.",
            "s",
            Query(f"max({asked.chosen(names.QUEUE_LONGEST_WAIT, QUEUE)})", "attesa"),
            *LATE,
        ),
        moment(
            "Livello di servizio, 30 minuti",
            "Quota di chiamate risposte entro la soglia, ultimi 30 minuti; chi riaggancia prima della "
            "soglia non conta (formula early_abandons_excluded). Rosso sotto 70 %, giallo sotto 80 %.",
            "percentunit",
            Query(asked.service_level(""), "entro soglia"),
            *LEVEL,
        ).interval(HALF_HOUR),
        moment(
            "Abbandoni, 30 minuti",
            "Quota di chi ha riagganciato in attesa, ultimi 30 minuti. Giallo da 10 %, rosso da 15 %.",
            "percentunit",
            Query(asked.abandonment(""), "abbandoni"),
            *LEFT,
        ).interval(HALF_HOUR),
        moment(
            "Attesa media, 30 minuti",
            "Quanto ha aspettato in media chi ha avuto risposta (ASA), ultimi 30 minuti.",
            "s",
            Query(asked.speed_of_answer(""), "attesa media"),
        ).interval(HALF_HOUR),
        moment(
            "Durata media, 30 minuti",
            "Durata media di una chiamata risposta, dalla risposta alla fine (AHT), ultimi 30 minuti.",
            "s",
            Query(asked.handling(""), "durata media"),
        ).interval(HALF_HOUR),
    )


def _course(page: Page) -> Page:
    level = (
        curves(
            "Livello di servizio e obiettivo",
            "Quota di chiamate risposte entro la soglia, quarto d'ora per quarto d'ora (formula "
            "early_abandons_excluded), e l'obiettivo in vigore (il più alto fra le code mostrate).",
            "percentunit",
            Query(asked.service_level(""), "livello di servizio", "blue"),
            Query(f"max({asked.chosen(names.QUEUE_TARGET, QUEUE)})", "obiettivo", "orange", dashed=True),
        )
        .interval("15m")
        .max(1)
    )
    waits = curves(
        "Attesa prima della risposta",
        "Quota di chiamanti che ha aspettato meno: metà, otto su dieci, 95 su 100. La soglia è la più alta "
        "fra le code mostrate.",
        "s",
        Query(asked.waited(0.5), "metà dei chiamanti", "blue"),
        Query(asked.waited(0.8), "8 su 10", "purple"),
        Query(asked.waited(0.95), "95 su 100", "orange"),
        Query(f"max({asked.chosen(names.QUEUE_THRESHOLD, QUEUE)})", "soglia", "red", dashed=True),
    ).interval("10m")
    queued = curves(
        "In attesa nel tempo",
        "Chiamanti in coda, in media, compresi quelli a cui sta squillando un operatore.",
        "short",
        Query(
            f"sum by (queue) (avg_over_time({asked.chosen(names.QUEUE_CALLS, QUEUE)}[$__rate_interval]))",
            "{{queue}}",
        ),
    ).interval("2m")
    flow = named(
        stacked(
            curves(
                "Come finiscono le chiamate, al minuto",
                "Chiamate concluse, per esito; «abbandonate subito»: nei primi secondi.",
                "cpm",
                Query(asked.per_minute(names.CALLS_FINISHED, " by (outcome)", QUEUE), "{{outcome}}"),
            ).interval("5m")
        ),
        words.OUTCOMES,
    )
    return section(page, "Andamento", level, waits, queued, flow)


def _fate(page: Page) -> Page:
    def ended(*matchers: str) -> str:
        return asked.total(names.CALLS_FINISHED, "", QUEUE, *matchers)

    fate = bars(
        "Che fine hanno fatto le chiamate",
        "Dalle chiamate entrate agli esiti, in tutto il periodo mostrato. Una chiamata portata da un "
        "ufficio resta fra le entrate.",
        "short",
        Query(asked.total(names.CALLS_OFFERED, "", QUEUE), "entrate", "blue"),
        Query(ended(asked.ANSWERED, 'path="primary"'), "risposte dal contact center", "green"),
        Query(ended(asked.ANSWERED, 'path="fallback"'), "risposte dagli uffici", "orange"),
        Query(ended('outcome="abandoned"'), "abbandonate", "red"),
        Query(ended('outcome="short_abandoned"'), "abbandonate subito", "light-red"),
        Query(ended('outcome="closed"'), "coda chiusa", "gray"),
        Query(ended('outcome=~"safety_net|lost"'), "rete di sicurezza, perse", "purple"),
    ).decimals(0)
    levels = (
        bars(
            "Livello di servizio, le cinque formule",
            "Lo stesso periodo e le stesse chiamate, contate nei cinque modi in uso; il primo è quello dei "
            "titoli. Si dividono sempre le chiamate risposte entro la soglia: per chi non ha riagganciato "
            "prima della soglia; per tutte; contando a favore chi riaggancia prima; senza chi riaggancia "
            "nei primi secondi; per le sole risposte.",
            "percentunit",
            *(
                Query(expr, title, "blue" if index == 0 else "light-blue")
                for index, (title, expr) in enumerate(asked.FORMULAS.items())
            ),
        )
        .max(1)
        .decimals(1)
    )
    judged = bars(
        "Esito della domanda",
        "Che cosa gli operatori hanno detto della domanda del chiamante, in tutto il periodo mostrato.",
        "short",
        Query(asked.total(names.CALLS_JUDGED, " by (code)", QUEUE), "{{code}}"),
    ).decimals(0)
    people = curves(
        "Operatori della coda",
        "Operatori che possono rispondere: collegati e, di questi, liberi. Chi serve tre code conta in "
        "ciascuna: le code non si sommano. Una coda che pochi sanno servire non ha numeri.",
        "short",
        Query(f"max by (queue) ({asked.chosen(names.QUEUE_AGENTS, QUEUE, THERE)})", "{{queue}}: collegati"),
        Query(f"max by (queue) ({asked.chosen(names.QUEUE_AGENTS, QUEUE, FREE)})", "{{queue}}: liberi"),
    )
    hours = timeline(
        "Coda aperta",
        "Quando la coda è aperta secondo il suo calendario.",
        words.OPEN,
        Query(f"max by (queue) ({asked.chosen(names.QUEUE_OPEN, QUEUE)})", "{{queue}}"),
    )
    return section(
        page,
        "Che cosa succede a chi chiama",
        fate,
        levels,
        named(judged, words.CODES),
        people,
        hours.height(4).span(24),
    )


def _offers(page: Page) -> Page:
    offers = named(
        stacked(
            curves(
                "Offerte agli operatori, al minuto",
                "Squilli, per come sono finiti: «nessuna risposta» è lo squillo a vuoto (RONA). "
                "Nessuna misura dice di chi.",
                "cpm",
                Query(asked.per_minute(names.AGENT_OFFERS, " by (result)", QUEUE), "{{result}}"),
            ).interval("5m")
        ),
        words.OFFERS,
    )
    missed = (
        curves(
            "Squilli andati a vuoto",
            "Quota di offerte a cui nessuno ha risposto, quarto d'ora per quarto d'ora. L'allarme suona "
            "sopra 10 %.",
            "percentunit",
            Query(asked.no_answer(""), "mancate risposte", "red"),
        )
        .interval("15m")
        .span(12)
    )
    passed = bars(
        "Perché un operatore non è stato scelto",
        "Operatori con le competenze della coda che una decisione non ha potuto prendere, per motivo, in "
        "tutto il periodo mostrato: ogni decisione conta chi salta.",
        "short",
        Query(f"topk(9, {asked.total(names.PASSED_OVER, ' by (reason)', QUEUE)})", "{{reason}}"),
    ).decimals(0)
    steps = stacked(
        curves(
            "Gradini aperti, al minuto",
            "Gradini delle scale che si sono aperti a chi attende, per ciò che li ha aperti.",
            "cpm",
            Query(asked.per_minute(names.LADDER_STEPS, " by (kind)", QUEUE), "{{kind}}"),
        ).interval("5m")
    )
    return section(
        page, "Offerte e scale", offers, missed, named(passed, words.REASONS), named(steps, words.LADDERS)
    )
