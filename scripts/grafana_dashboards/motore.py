"""*Motore*: whether the machine itself is well, for who runs it."""

from __future__ import annotations

from acd.metrics import names
from grafana_dashboards import asked, words
from grafana_dashboards.pages import begin, section
from grafana_dashboards.parts import (
    Page,
    Query,
    Step,
    curves,
    logarithmic,
    moment,
    named,
    stacked,
    timeline,
)
from grafana_dashboards.sdk import model

UID = "acd-motore"
NONE_ALLOWED = (Step(None, "green"), Step(1, "red"))


def dashboard() -> model.Dashboard:
    """The whole dashboard."""
    page = begin(
        "Motore", UID, "Il distributore stesso: decisioni, ritardi, collegamenti ad Asterisk, dischi, API."
    )
    for add in (_now, _deciding, _asterisk, _faults, _disks, _served):
        page = add(page)
    return page.build()


def _now(page: Page) -> Page:
    decided = asked.total(names.ROUTING_DECISION, "", suffix="_count")
    return section(
        page,
        "Adesso",
        moment(
            "Asterisk collegati",
            "Collegamenti attivi e allineati su quelli configurati. Rosso sotto 100 %.",
            "percentunit",
            Query(f"avg({names.AMI_CONNECTED.name})", "collegati"),
            Step(None, "red"),
            Step(1, "green"),
        ),
        moment(
            "Decisione",
            "In quanto tempo si sceglie a chi squilla: 99 volte su 100 in meno, negli ultimi 5 minuti. "
            "Giallo da 2 ms, rosso da 10.",
            "s",
            Query(asked.quantile(0.99, names.ROUTING_DECISION, ""), "99 su 100"),
            Step(None, "green"),
            Step(0.002, "yellow"),
            Step(0.01, "red"),
        ).interval("5m"),
        moment(
            "Ritardo del processo",
            "Di quanto un timer scatta in ritardo, 99 volte su 100 di meno, negli ultimi 5 minuti: intanto "
            "nulla si decide. Giallo da 50 ms, rosso da 250.",
            "s",
            Query(asked.quantile(0.99, names.EVENT_LOOP_LAG, ""), "99 su 100"),
            Step(None, "green"),
            Step(0.05, "yellow"),
            Step(0.25, "red"),
        ).interval("5m"),
        moment(
            "Ritardo degli eventi",
            "Dall'orologio di Asterisk al nostro, 99 eventi su 100 in meno, negli ultimi 5 minuti. Giallo "
            "da 500 ms, rosso da 2 s.",
            "s",
            Query(asked.quantile(0.99, names.AMI_EVENT_LAG, ""), "99 su 100"),
            Step(None, "green"),
            Step(0.5, "yellow"),
            Step(2, "red"),
        ).interval("5m"),
        moment(
            "Non contabilizzate",
            "Chiamate entrate meno concluse meno in corso: deve essere sempre 0. Rosso da 1.",
            "short",
            Query(f"max(abs({names.CALLS_UNACCOUNTED.name}))", "non contabilizzate"),
            *NONE_ALLOWED,
        ),
        moment(
            "Decisioni riuscite",
            "Quota di decisioni senza un guasto nostro o della strada verso Asterisk, in tutto il periodo "
            "mostrato. La promessa è 99,9 %: rosso sotto, giallo sotto 99,95 %.",
            "percentunit",
            Query(
                f"{decided} / ({asked.total(names.ROUTING_FAILURES, '')} + {decided})",
                "riuscite",
            ),
            Step(None, "red"),
            Step(0.999, "yellow"),
            Step(0.9995, "green"),
        ).decimals(2),
    )


def _deciding(page: Page) -> Page:
    speed = logarithmic(
        curves(
            "Tempo di una decisione",
            "Quanto impiega il motore a scegliere a chi squilla: metà delle volte, 99 volte su 100. Scala "
            "logaritmica.",
            "s",
            Query(asked.quantile(0.5, names.ROUTING_DECISION, ""), "metà", "blue"),
            Query(asked.quantile(0.99, names.ROUTING_DECISION, ""), "99 su 100", "orange"),
        ).interval("5m")
    )
    count = curves(
        "Decisioni al minuto",
        "Fatti dopo i quali il motore ha scelto a chi squilla.",
        "cpm",
        Query(f"60 * {asked.rate(names.ROUTING_DECISION, '', suffix='_count')}", "decisioni", "blue"),
    ).interval("2m")
    lag = logarithmic(
        curves(
            "Ritardi",
            "Di quanto scattano tardi i timer del processo e di quanto arrivano tardi gli eventi di "
            "Asterisk, 99 volte su 100 di meno. Gli allarmi suonano a 250 ms e a 2 s. Scala logaritmica.",
            "s",
            Query(asked.quantile(0.99, names.EVENT_LOOP_LAG, ""), "processo", "blue"),
            Query(asked.quantile(0.99, names.AMI_EVENT_LAG, ""), "eventi di Asterisk", "orange"),
        ).interval("5m")
    )
    return section(page, "Decisioni", speed.span(8), count.span(8), lag.span(8))


def _asterisk(page: Page) -> Page:
    connected = timeline(
        "Collegamento ad Asterisk",
        "Quando ogni Asterisk è collegato e allineato. Verde: sì; rosso: no.",
        words.IN_ORDER,
        Query(f"max by (server) ({names.AMI_CONNECTED.name})", "{{server}}"),
    )
    events = stacked(
        curves(
            "Eventi di Asterisk al secondo",
            "Eventi ricevuti, per nome: i più frequenti nel periodo mostrato.",
            "cps",
            Query(
                f"{asked.rate(names.AMI_EVENTS, ' by (kind)')} and on (kind) "
                f"topk(8, sum by (kind) ({names.AMI_EVENTS.name} @ end()))",
                "{{kind}}",
            ),
        ).interval("2m")
    )
    again = curves(
        "Riconnessioni e fatti in ritardo, al minuto",
        "Collegamenti rifatti dopo una caduta, e fatti veri ma superati quando sono arrivati: molti insieme "
        "dicono che gli eventi arrivano tardi.",
        "cpm",
        Query(asked.per_minute(names.AMI_RECONNECTS, ""), "riconnessioni", "red"),
        Query(asked.per_minute(names.LATE_FACTS, ""), "fatti in ritardo", "blue"),
    ).interval("5m")
    return section(page, "Asterisk", events.span(10), again.span(8), connected.span(6))


def _faults(page: Page) -> Page:
    failures = stacked(
        curves(
            "Guasti di instradamento, al minuto",
            "Ordini non scritti, senza risposta o rifiutati dal piano di chiamata, fatti che nessuna "
            "tabella prevede (anomalie), chiamate di cui non si è vista la fine.",
            "cpm",
            Query(asked.per_minute(names.ROUTING_FAILURES, " by (reason)"), "{{reason}}"),
        ).interval("5m")
    )
    corrections = stacked(
        curves(
            "Correzioni dopo un riallineamento, al minuto",
            "Punti in cui il confronto con Asterisk ha trovato sbagliata la nostra immagine e l'ha "
            "corretta. Dopo un riavvio «adopted» è normale; «ghost_call» e «lost_report» non lo sono.",
            "cpm",
            Query(
                f"{asked.per_minute(names.RECONCILE_CORRECTIONS, ' by (kind)')} and on (kind) "
                f"topk(6, sum by (kind) ({names.RECONCILE_CORRECTIONS.name} @ end()))",
                "{{kind}}",
            ),
        ).interval("5m")
    )
    return section(page, "Guasti", named(failures, words.FAILURES), corrections)


def _disks(page: Page) -> Page:
    states = timeline(
        "Archivio, giornale e queue_log",
        "Se l'archivio, il giornale e il file queue_log si scrivono. Verde: sì; rosso: no.",
        words.IN_ORDER,
        Query(f"min({names.STORE_WRITABLE.name})", "archivio"),
        Query(f"min({names.JOURNAL_WRITABLE.name})", "giornale"),
        Query(f"min({names.QUEUE_LOG_WRITABLE.name})", "queue_log"),
    ).height(6)
    behind = (
        curves(
            "Scritture in attesa",
            "Scritture dell'archivio tenute in memoria finché il disco non le prende: torna a 0 da sé.",
            "short",
            Query(f"sum({names.STORE_BEHIND.name})", "in attesa", "orange"),
        )
        .height(6)
        .decimals(0)
    )
    lost = moment(
        "Scritture perse",
        "Scritture dell'archivio perse nel periodo mostrato: deve essere 0. Rosso da 1.",
        "short",
        Query(asked.total(names.STORE_DROPPED, ""), "perse"),
        *NONE_ALLOWED,
    )
    unexplained = moment(
        "Fatti non nel giornale",
        "Fatti che il giornale non ha potuto registrare nel periodo mostrato: deve essere 0. Rosso da 1.",
        "short",
        Query(asked.total(names.JOURNAL_LOST, ""), "persi"),
        *NONE_ALLOWED,
    )
    return section(page, "Dischi", states.span(8), behind.span(8), lost.height(6), unexplained.height(6))


def _served(page: Page) -> Page:
    asked_for = stacked(
        curves(
            "Richieste all'API, al minuto",
            "Richieste servite, per esito.",
            "cpm",
            Query(asked.per_minute(names.API_REQUESTS, " by (code)"), "{{code}}"),
        ).interval("2m")
    )
    watching = curves(
        "Pagine aperte dal vivo",
        "Chi riceve aggiornamenti continui: tabelloni, pagine degli operatori.",
        "short",
        Query(f"sum({names.SSE_CLIENTS.name})", "collegati", "blue"),
    )
    return section(
        page, "Pagine e API", named(asked_for, words.ANSWERS).span(16).height(6), watching.span(8).height(6)
    )
