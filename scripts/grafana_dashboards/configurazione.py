"""*Configurazione*: which rules are in force, since when, what was switched by hand, what Asterisk runs."""

from __future__ import annotations

from acd.metrics import names
from grafana_dashboards import asked, words
from grafana_dashboards.pages import begin, queues, section
from grafana_dashboards.parts import (
    QUEUE,
    Column,
    Page,
    Query,
    Step,
    Word,
    curves,
    grid,
    label,
    moment,
    named,
    stacked,
    timeline,
)
from grafana_dashboards.sdk import model

UID = "acd-configurazione"


def dashboard() -> model.Dashboard:
    """The whole dashboard."""
    page = queues(
        begin(
            "Configurazione",
            UID,
            "Quali regole sono in vigore e da quando, che cosa è stato deciso a mano, che cosa usa Asterisk.",
            span="now-24h",
            refresh="1m",
        )
    )
    for add in (_now, _changes, _switched, _queues):
        page = add(page)
    return page.build()


def _now(page: Page) -> Page:
    return section(
        page,
        "Adesso",
        label(
            "Revisione delle regole",
            "La revisione in vigore: la stessa che mostra acd status.",
            Query(names.CONFIG_INFO.name, "{{revision}}"),
        ),
        label(
            "Versione",
            "La versione del distributore che è in funzione.",
            Query(names.BUILD_INFO.name, "{{version}}"),
        ),
        moment(
            "Ultime regole lette",
            "Se le ultime regole lette sono state accettate. Rosso: rifiutate, valgono quelle di prima.",
            "short",
            Query(f"min({names.RULES_TAKEN.name})", "regole"),
            words=words.TAKEN,
        ),
        moment(
            "In vigore da",
            "Quando una configurazione è entrata in vigore l'ultima volta.",
            "dateTimeFromNow",
            Query(f"max({names.CONFIG_RELOADED.name}) * 1000", "in vigore"),
        ),
        moment(
            "Revisioni insieme",
            "Quante revisioni diverse sono in vigore fra i processi: più di una dice che non si sono "
            "accordati. Rosso da 2.",
            "short",
            Query(f"count(count by (revision) ({names.CONFIG_INFO.name}))", "revisioni"),
            Step(None, "green"),
            Step(2, "red"),
        ).decimals(0),
        moment(
            "Gruppi riuniti",
            "Sedi che non sono mostrate da sole perché hanno poche persone in servizio.",
            "short",
            Query(f"max({names.SUPPRESSED_GROUPS.name})", "gruppi"),
        ).decimals(0),
    )


def _changes(page: Page) -> Page:
    revisions = timeline(
        "Revisione in vigore",
        "Quale revisione delle regole era in vigore, e quando.",
        {0: Word("no", "text"), 1: Word("in vigore", "blue")},
        Query(f"max by (revision) ({names.CONFIG_INFO.name})", "{{revision}}"),
    ).height(6)
    taken = timeline(
        "Regole accettate o rifiutate",
        "Se le ultime regole lette erano state accettate. Rosso: rifiutate; verde: accettate.",
        words.TAKEN,
        Query(f"min({names.RULES_TAKEN.name})", "regole"),
    ).height(6)
    reloads = curves(
        "Configurazioni lette, all'ora",
        "Configurazioni entrate in vigore e rifiutate.",
        "short",
        Query(f"60 * {asked.per_minute(names.CONFIG_RELOADS, ' by (result)')}", "{{result}}"),
    ).interval("10m")
    menus = timeline(
        "Menu d'ingresso",
        "Se ogni Asterisk usa i menu delle regole in vigore. Verde: sì; rosso: no, vanno esportati e "
        "ricaricati.",
        words.IN_ORDER,
        Query(f"min by (server) ({names.DIALPLAN_CURRENT.name})", "{{server}}"),
    )
    return section(page, "Regole", revisions, taken, named(reloads, words.RELOADS).height(6), menus.height(6))


def _switched(page: Page) -> Page:
    overrides = stacked(
        curves(
            "Override in vigore",
            "Interruttori messi a mano, per ciò che dicono.",
            "short",
            Query(f"sum by (mode) ({names.FALLBACK_OVERRIDES.name})", "{{mode}}"),
        ).decimals(0)
    )
    scopes = grid(
        "Decisi a mano",
        "Il Paese, le sedi e gli uffici che un override decide adesso, e quando finisce.",
        "scope",
        "Chi",
        (
            Column(
                "Finisce", f"max by (scope) ({names.FALLBACK_EXPIRY.name} > 0) * 1000", "dateTimeAsIso", None
            ),
            Column(
                "Fra quanto",
                f"max by (scope) ({names.FALLBACK_EXPIRY.name} > 0) * 1000",
                "dateTimeFromNow",
                None,
            ),
        ),
    )
    return section(page, "Decisioni a mano", named(overrides, words.MODES), scopes.span(12).height(8))


def _queues(page: Page) -> Page:
    by = " by (queue)"
    table = grid(
        "Obiettivi e orari delle code",
        "Che cosa dicono le regole in vigore: soglia, obiettivo di oggi, se la coda è aperta adesso.",
        "queue",
        "Coda",
        (
            Column(
                "Aperta", f"max{by} ({asked.chosen(names.QUEUE_OPEN, QUEUE)})", "short", 0, (), words.OPEN
            ),
            Column("Soglia", f"max{by} ({asked.chosen(names.QUEUE_THRESHOLD, QUEUE)})", "s"),
            Column("Obiettivo", f"max{by} ({asked.chosen(names.QUEUE_TARGET, QUEUE)})", "percentunit", 1),
            Column("Entrate nel periodo", asked.total(names.CALLS_OFFERED, by, QUEUE), "short"),
        ),
        sort_by="Entrate nel periodo",
    )
    return section(page, "Code", table.height(12))
