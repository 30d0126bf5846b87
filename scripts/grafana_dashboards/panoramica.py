"""*Panoramica nazionale*: what a shift supervisor needs on one screen, for all queues.

First the figures that call for action now, then how the day goes, then the queues one by one,
then the people (never a person) and whether the machine itself is well.
"""

from __future__ import annotations

from acd.metrics import names
from grafana_dashboards import asked, words
from grafana_dashboards.pages import begin, queues, section
from grafana_dashboards.parts import (
    HALF_HOUR,
    QUEUE,
    Column,
    Page,
    Query,
    Step,
    curves,
    grid,
    moment,
    named,
    number,
    stacked,
)
from grafana_dashboards.sdk import model

UID = "acd-panoramica-nazionale"
BUSY = 'state=~"reserved|ringing|talking|wrap_up"'
WORKING = 'state=~"ready|reserved|ringing|talking|wrap_up"'
NET = 'outcome="safety_net"'
READY = 'state="ready"'
LATE = (Step(None, "green"), Step(120, "yellow"), Step(300, "red"))
LEVEL = (Step(None, "red"), Step(0.7, "yellow"), Step(0.8, "green"))
NONE_WANTED = (Step(None, "green"), Step(1, "red"))
LEFT = (Step(None, "green"), Step(0.1, "yellow"), Step(0.15, "red"))


def dashboard() -> model.Dashboard:
    """The whole dashboard, in Grafana's classic model (11 reads it, 13 migrates it)."""
    page = queues(
        begin(
            "Panoramica nazionale",
            UID,
            "Il contact center in una schermata: attese, livello di servizio, operatori, uffici, motore.",
        )
    )
    for add in (_now, _day, _queues, _people, _engine):
        page = add(page)
    return page.build()


def _now(page: Page) -> Page:
    return section(
        page,
        "Adesso",
        number(
            "Chiamate in attesa",
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
            "Quota di chiamate risposte entro la soglia della coda, ultimi 30 minuti; chi riaggancia prima "
            "della soglia non conta (formula early_abandons_excluded). Rosso sotto 70 %, giallo sotto 80 %.",
            "percentunit",
            Query(asked.service_level(""), "entro soglia"),
            *LEVEL,
        ).interval(HALF_HOUR),
        moment(
            "Abbandoni, 30 minuti",
            "Quota di chiamate in cui il chiamante ha riagganciato in attesa, ultimi 30 minuti. "
            "Giallo da 10 %, rosso da 15 %.",
            "percentunit",
            Query(asked.abandonment(""), "abbandoni"),
            *LEFT,
        ).interval(HALF_HOUR),
        number(
            "Operatori in servizio",
            "Operatori collegati, in qualunque stato. I gruppi piccoli sono riuniti e mai mostrati da soli.",
            "short",
            Query(f"sum({names.AGENTS.name})", "in servizio"),
        ),
        number(
            "Operatori pronti",
            "Operatori collegati e liberi, in attesa di una chiamata.",
            "short",
            Query(f"sum({asked.chosen(names.AGENTS, READY)})", "pronti"),
        ),
    )


def _day(page: Page) -> Page:
    flow = curves(
        "Chiamate al minuto",
        "Entrate, concluse con una risposta, abbandonate e finite nella rete di sicurezza di Asterisk.",
        "cpm",
        Query(asked.per_minute(names.CALLS_OFFERED, "", QUEUE), "entrate", "blue"),
        Query(
            asked.per_minute(names.CALLS_FINISHED, "", QUEUE, asked.ANSWERED),
            "concluse con risposta",
            "green",
        ),
        Query(asked.per_minute(names.CALLS_FINISHED, "", QUEUE, asked.ABANDONED), "abbandonate", "red"),
        Query(asked.per_minute(names.CALLS_FINISHED, "", QUEUE, NET), "rete di sicurezza", "purple"),
    ).interval("2m")
    level = (
        curves(
            "Livello di servizio e obiettivo",
            "Quota di chiamate risposte entro la soglia della coda (formula early_abandons_excluded), "
            "quarto d'ora per quarto d'ora, e l'obiettivo in vigore (il più alto fra le code mostrate).",
            "percentunit",
            Query(asked.service_level(""), "livello di servizio", "blue"),
            Query(f"max({asked.chosen(names.QUEUE_TARGET, QUEUE)})", "obiettivo", "orange", dashed=True),
        )
        .interval("15m")
        .max(1)
    )
    waits = curves(
        "Attesa prima della risposta",
        "Metà dei chiamanti ha aspettato meno della curva bassa, 95 su 100 meno di quella alta.",
        "s",
        Query(asked.waited(0.5), "metà dei chiamanti", "blue"),
        Query(asked.waited(0.95), "95 su 100", "orange"),
    ).interval("5m")
    carried = named(
        stacked(
            curves(
                "Chi ha risposto",
                "Chiamate concluse con risposta: contact center, uffici provinciali.",
                "cpm",
                Query(
                    asked.per_minute(names.CALLS_FINISHED, " by (path)", QUEUE, asked.ANSWERED), "{{path}}"
                ),
            ).interval("2m")
        ),
        words.PATHS,
    )
    waiting = asked.chosen(names.QUEUE_CALLS, QUEUE)
    queued = stacked(
        curves(
            "In attesa per coda",
            "Chiamanti in coda, in media, una fascia per ciascuna delle dieci code con più attese nel "
            "periodo mostrato.",
            "short",
            Query(
                f"sum by (queue) (avg_over_time({waiting}[$__rate_interval])) and on (queue) "
                f"topk(10, sum by (queue) (avg_over_time({waiting}[$__range] @ end())))",
                "{{queue}}",
            ),
        ).interval("2m")
    ).span(24)
    return section(page, "Andamento", flow, level, waits, carried, queued)


def _queues(page: Page) -> Page:
    by = " by (queue)"
    columns = (
        Column("In attesa", f"sum{by} ({asked.chosen(names.QUEUE_CALLS, QUEUE)})", "short"),
        Column(
            "Attesa più lunga",
            f"max{by} ({asked.chosen(names.QUEUE_LONGEST_WAIT, QUEUE)})",
            "s",
            steps=(Step(None, "text"), *LATE[1:]),
        ),
        Column("Livello di servizio", asked.service_level(by), "percentunit", 1, LEVEL),
        Column("Obiettivo", f"max{by} ({asked.chosen(names.QUEUE_TARGET, QUEUE)})", "percentunit", 1),
        Column("Soglia", f"max{by} ({asked.chosen(names.QUEUE_THRESHOLD, QUEUE)})", "s"),
        Column(
            "Entrate all'ora",
            f"60 * {asked.per_minute(names.CALLS_OFFERED, by, QUEUE)}",
            "short",
        ),
        Column("Abbandoni", asked.abandonment(by), "percentunit", 1, (Step(None, "text"), *LEFT[1:])),
        Column("Mancate risposte", asked.no_answer(by), "percentunit", 1),
    )
    table = grid(
        "Code",
        "Una riga per coda, prima le più cariche. Livello di servizio (rosso sotto 70 %, giallo sotto 80 "
        "%), abbandoni (giallo da 10 %, rosso da 15 %) e mancate risposte (squilli andati a vuoto sul "
        "totale delle offerte) sono degli ultimi 30 minuti.",
        "queue",
        "Coda",
        columns,
        sort_by="Entrate all'ora",
    ).interval(HALF_HOUR)
    return section(page, "Code", table.height(12))


def _people(page: Page) -> Page:
    states = named(
        stacked(
            curves(
                "Operatori per stato",
                "Quanti operatori in ogni stato, su tutte le sedi mostrate. Nessuna misura riguarda una "
                "persona.",
                "short",
                Query(f"sum by (state) ({names.AGENTS.name})", "{{state}}"),
            )
        ),
        words.STATES,
    )
    sites = stacked(
        curves(
            "Operatori per sede",
            "Operatori collegati per sede; le sedi con poche persone sono riunite in «other».",
            "short",
            Query(f"sum by (site) ({names.AGENTS.name})", "{{site}}"),
        )
    )
    busy = f"avg_over_time({asked.chosen(names.AGENTS, BUSY)}[$__rate_interval])"
    every = f"avg_over_time({asked.chosen(names.AGENTS, WORKING)}[$__rate_interval])"
    load = named(
        curves(
            "Occupazione per sede",
            "Quota del tempo, fuori dalle pause, in cui gli operatori di una sede sono con una chiamata o "
            "nel suo post-chiamata, quarto d'ora per quarto d'ora. Di gruppi, mai di una persona.",
            "percentunit",
            Query(f"sum by (site) ({busy}) / sum by (site) ({every})", "{{site}}"),
        )
        .interval("15m")
        .max(1)
        .fill_opacity(0),
        words.SITES,
    )
    return section(page, "Operatori", states.span(8), named(sites, words.SITES).span(8), load.span(8))


def _engine(page: Page) -> Page:
    fallback = moment(
        "Subentro",
        "Se gli uffici provinciali rispondono al posto degli operatori, per il Paese o per qualche sede.",
        "short",
        Query(f"max({names.FALLBACK_ON.name})", "subentro"),
        words=words.OFFICES_ON,
    )
    alone = moment(
        "Uffici che non rispondono",
        "Uffici lasciati in pace perché non rispondono. Rosso da 1.",
        "short",
        Query(f"sum({names.OFFICE_BREAKER_OPEN.name})", "uffici"),
        *NONE_WANTED,
    )
    link = moment(
        "Asterisk collegati",
        "Collegamenti attivi e allineati su quelli configurati. Rosso sotto 100 %.",
        "percentunit",
        Query(f"avg({names.AMI_CONNECTED.name})", "collegati"),
        Step(None, "red"),
        Step(1, "green"),
    ).decimals(0)
    lost = moment(
        "Non contabilizzate",
        "Chiamate entrate meno concluse meno in corso: deve essere sempre 0. Rosso da 1.",
        "short",
        Query(f"max(abs({names.CALLS_UNACCOUNTED.name}))", "non contabilizzate"),
        *NONE_WANTED,
    )
    failures = curves(
        "Guasti e correzioni, al minuto",
        "Ordini non eseguiti, anomalie, chiamate perse, e correzioni dopo un riallineamento con Asterisk.",
        "cpm",
        Query(asked.per_minute(names.ROUTING_FAILURES, ""), "guasti", "red"),
        Query(asked.per_minute(names.RECONCILE_CORRECTIONS, ""), "correzioni", "orange"),
    ).interval("5m")
    return section(page, "Uffici e motore", fallback, alone, link, lost, failures.span(8).height(4))
