"""*Panoramica nazionale*: what a shift supervisor needs on one screen, for all queues.

First the figures that call for action now, then how the day goes, then the queues one by one,
then the people (never a person) and whether the machine itself is well.
"""

from __future__ import annotations

from acd.metrics import names
from acd.metrics.names import Metric
from grafana_dashboards.parts import (
    HALF_HOUR,
    QUEUE,
    Column,
    Page,
    Query,
    Step,
    curves,
    grid,
    number,
    section,
    stacked,
    variables,
)
from grafana_dashboards.sdk import model

UID = "acd-panoramica-nazionale"
NET = 'outcome="safety_net"'
ABANDONED = 'outcome=~"abandoned|short_abandoned"'


def dashboard() -> model.Dashboard:
    """The whole dashboard, in Grafana's classic model (11 reads it, 13 migrates it)."""
    start = (
        Page("Panoramica nazionale")
        .uid(UID)
        .description("Il contact center in una schermata: attese, livello di servizio, operatori, motore.")
        .tags(["acd"])
        .timezone("Europe/Rome")
        .time("now-6h", "now")
        .refresh("10s")
        .readonly()
    )
    page = variables(start, names.QUEUE_CALLS.name)
    for add in (_now, _day, _queues, _people, _engine):
        page = add(page)
    return page.build()


def _rate(metric: Metric, by: str, *matchers: str) -> str:
    inside = ",".join(matchers)
    chosen = f"{{{inside}}}" if inside else ""
    return f"sum{by} (rate({metric.name}{chosen}[$__rate_interval]))"


def _per_minute(metric: Metric, by: str, *matchers: str) -> str:
    return f"60 * {_rate(metric, by, *matchers)}"


def _service_level(by: str) -> str:
    met = _rate(names.SERVICE_LEVEL_EVENTS, by, QUEUE, 'result="met"')
    counted = _rate(names.SERVICE_LEVEL_EVENTS, by, QUEUE, 'result=~"met|missed"')
    return f"{met} / {counted}"


def _abandonment(by: str) -> str:
    return f"{_rate(names.CALLS_FINISHED, by, QUEUE, ABANDONED)} / {_rate(names.CALLS_FINISHED, by, QUEUE)}"


def _wait(share: float) -> str:
    buckets = f'{names.CALL_WAIT.name}_bucket{{{QUEUE},outcome="answered"}}'
    return f"histogram_quantile({share}, sum by (le) (rate({buckets}[$__rate_interval])))"


def _now(page: Page) -> Page:
    waiting = number(
        "Chiamate in attesa",
        "Chiamanti in coda adesso, compresi quelli a cui sta squillando un operatore.",
        "short",
        Query(f"sum({names.QUEUE_CALLS.name}{{{QUEUE}}})", "in attesa"),
    )
    longest = number(
        "Attesa più lunga",
        "Da quanto aspetta il chiamante più vecchio. Giallo da 2 minuti, rosso da 5.",
        "s",
        Query(f"max({names.QUEUE_LONGEST_WAIT.name}{{{QUEUE}}})", "attesa"),
        Step(None, "green"),
        Step(120, "yellow"),
        Step(300, "red"),
    )
    level = number(
        "Livello di servizio",
        "Quota di chiamate risposte entro la soglia della coda, ultimi 30 minuti; chi riaggancia prima "
        "della soglia non conta. Rosso sotto 70 %, giallo sotto 80 %.",
        "percentunit",
        Query(_service_level(""), "entro soglia"),
        Step(None, "red"),
        Step(0.7, "yellow"),
        Step(0.8, "green"),
    ).interval(HALF_HOUR)
    abandoned = number(
        "Abbandoni",
        "Quota di chiamate in cui il chiamante ha riagganciato in attesa, ultimi 30 minuti. "
        "Giallo da 10 %, rosso da 15 %.",
        "percentunit",
        Query(_abandonment(""), "abbandoni"),
        Step(None, "green"),
        Step(0.1, "yellow"),
        Step(0.15, "red"),
    ).interval(HALF_HOUR)
    on_duty = number(
        "Operatori in servizio",
        "Operatori collegati, in qualunque stato. I gruppi piccoli sono riuniti e mai mostrati da soli.",
        "short",
        Query(f"sum({names.AGENTS.name})", "in servizio"),
    )
    ready = number(
        "Operatori pronti",
        "Operatori collegati e liberi, in attesa di una chiamata.",
        "short",
        Query(f'sum({names.AGENTS.name}{{state="ready"}})', "pronti"),
    )
    return section(page, "Adesso", waiting, longest, level, abandoned, on_duty, ready)


def _day(page: Page) -> Page:
    flow = curves(
        "Chiamate al minuto",
        "Entrate, risposte, abbandonate e finite nella rete di sicurezza di Asterisk.",
        "cpm",
        Query(_per_minute(names.CALLS_OFFERED, "", QUEUE), "entrate"),
        Query(_per_minute(names.CALLS_FINISHED, "", QUEUE, 'outcome="answered"'), "concluse con risposta"),
        Query(_per_minute(names.CALLS_FINISHED, "", QUEUE, ABANDONED), "abbandonate"),
        Query(_per_minute(names.CALLS_FINISHED, "", QUEUE, NET), "rete di sicurezza"),
    )
    waits = curves(
        "Attesa prima della risposta",
        "Metà dei chiamanti ha aspettato meno della curva bassa, 95 su 100 meno di quella alta.",
        "s",
        Query(_wait(0.5), "metà"),
        Query(_wait(0.95), "95 su 100"),
    ).interval("5m")
    queued = stacked(
        curves(
            "In attesa per coda",
            "Chiamanti in coda, una fascia per coda.",
            "short",
            Query(f"sum by (queue) ({names.QUEUE_CALLS.name}{{{QUEUE}}})", "{{queue}}"),
        )
    )
    carried = stacked(
        curves(
            "Chi ha risposto",
            "Chiamate concluse con risposta: contact center (primary), uffici provinciali (fallback).",
            "cpm",
            Query(_per_minute(names.CALLS_FINISHED, " by (path)", QUEUE, 'outcome="answered"'), "{{path}}"),
        )
    )
    return section(page, "Andamento", flow, waits, queued, carried)


def _queues(page: Page) -> Page:
    by = " by (queue)"
    missed = _rate(names.AGENT_OFFERS, by, QUEUE, 'result="no_answer"')
    columns = (
        Column("In attesa", f"sum{by} ({names.QUEUE_CALLS.name}{{{QUEUE}}})", "short"),
        Column("Attesa più lunga", f"max{by} ({names.QUEUE_LONGEST_WAIT.name}{{{QUEUE}}})", "s"),
        Column("Livello di servizio", _service_level(by), "percentunit", 1),
        Column("Obiettivo", f"max{by} ({names.QUEUE_TARGET.name}{{{QUEUE}}})", "percentunit", 1),
        Column("Soglia", f"max{by} ({names.QUEUE_THRESHOLD.name}{{{QUEUE}}})", "s"),
        Column("Abbandoni", _abandonment(by), "percentunit", 1),
        Column(
            "Mancate risposte",
            f"{missed} / {_rate(names.AGENT_OFFERS, by, QUEUE)}",
            "percentunit",
            1,
        ),
    )
    table = grid(
        "Code",
        "Una riga per coda. Livello di servizio, abbandoni e mancate risposte (squilli andati a vuoto sul "
        "totale delle offerte) sono degli ultimi 30 minuti.",
        "queue",
        "Coda",
        columns,
    ).interval(HALF_HOUR)
    return section(page, "Code", table)


def _people(page: Page) -> Page:
    states = stacked(
        curves(
            "Operatori per stato",
            "Quanti operatori in ogni stato, su tutte le sedi mostrate. Nessuna misura riguarda una persona.",
            "short",
            Query(f"sum by (state) ({names.AGENTS.name})", "{{state}}"),
        )
    )
    sites = stacked(
        curves(
            "Operatori per sede",
            "Operatori collegati per sede; le sedi con poche persone sono riunite in «other».",
            "short",
            Query(f"sum by (site) ({names.AGENTS.name})", "{{site}}"),
        )
    )
    return section(page, "Operatori", states, sites)


def _engine(page: Page) -> Page:
    link = number(
        "Asterisk collegati",
        "Collegamenti attivi e allineati su quelli configurati. Rosso sotto 100 %.",
        "percentunit",
        Query(f"avg({names.AMI_CONNECTED.name})", "collegati"),
        Step(None, "red"),
        Step(1, "green"),
    )
    lost = number(
        "Chiamate non contabilizzate",
        "Entrate meno concluse meno in corso: deve essere sempre 0. Rosso da 1.",
        "short",
        Query(f"max(abs({names.CALLS_UNACCOUNTED.name}))", "non contabilizzate"),
        Step(None, "green"),
        Step(1, "red"),
    )
    failures = curves(
        "Guasti di instradamento e correzioni al minuto",
        "Ordini non eseguiti, anomalie, chiamate perse e correzioni dopo un riallineamento con Asterisk.",
        "cpm",
        Query(_per_minute(names.ROUTING_FAILURES, " by (reason)"), "{{reason}}"),
        Query(_per_minute(names.RECONCILE_CORRECTIONS, " by (kind)"), "correzione {{kind}}"),
    ).span(16)
    return section(page, "Motore", link, lost, failures)
