"""*Uffici e fallback*: who stands in for whom, since when and until when, and how the offices do.

For whoever switches, on the days of the transition and on bad mornings.
"""

from __future__ import annotations

from acd.metrics import names
from grafana_dashboards import asked, words
from grafana_dashboards.pages import begin, offices, section
from grafana_dashboards.parts import (
    Column,
    Page,
    Query,
    Step,
    Word,
    curves,
    grid,
    moment,
    named,
    number,
    stacked,
    timeline,
)
from grafana_dashboards.sdk import model

UID = "acd-uffici"
OFFICE = 'office=~"$office"'
NONE_WANTED = (Step(None, "green"), Step(1, "red"))


def dashboard() -> model.Dashboard:
    """The whole dashboard."""
    page = offices(
        begin(
            "Uffici e fallback",
            UID,
            "Gli uffici provinciali: subentro e override, passaggio, esiti delle chiamate, chi non risponde.",
        )
    )
    for add in (_now, _transition, _calls, _health, _offices):
        page = add(page)
    return page.build()


def _now(page: Page) -> Page:
    return section(
        page,
        "Adesso",
        moment(
            "Subentro",
            "Se gli uffici rispondono al posto degli operatori, per il Paese o per qualche sede.",
            "short",
            Query(f"max({names.FALLBACK_ON.name})", "subentro"),
            words={0: Word("no", "green"), 1: Word("attivo", "orange")},
        ),
        number(
            "Uffici in subentro",
            "Uffici che in questo momento rispondono al posto degli operatori: accesi a mano, oppure aperti "
            "e in salute durante il passaggio.",
            "short",
            Query(f"sum({asked.chosen(names.FALLBACK_ACTIVE, OFFICE)})", "uffici"),
        ).decimals(0),
        moment(
            "Override in vigore",
            "Interruttori accesi o spenti a mano che valgono adesso, per il Paese, le sedi o gli uffici.",
            "short",
            Query(f"sum({names.FALLBACK_OVERRIDES.name})", "override"),
        ).decimals(0),
        number(
            "Chiamate agli uffici",
            "Chiamate sulle linee degli uffici adesso, squilli compresi.",
            "short",
            Query(f"sum({asked.chosen(names.OFFICE_CALLS, OFFICE)})", "chiamate"),
        ).decimals(0),
        number(
            "Uffici che non rispondono",
            "Uffici lasciati in pace perché non rispondono: ricevono solo una chiamata di prova ogni tanto. "
            "Rosso da 1.",
            "short",
            Query(f"sum({asked.chosen(names.OFFICE_BREAKER_OPEN, OFFICE)})", "uffici"),
            *NONE_WANTED,
        ).decimals(0),
        moment(
            "Collegamenti fermi",
            "Collegamenti su cui le chiamate falliscono per tutti gli uffici insieme: la rete del gestore. "
            "Rosso da 1.",
            "short",
            Query(f"sum({names.TRUNK_CARRIER_OUT.name})", "fermi"),
            *NONE_WANTED,
        ).decimals(0),
    )


def _transition(page: Page) -> Page:
    shares = timeline(
        "Quota degli operatori, per sede",
        "Quante nuove chiamate su 100 provano prima gli operatori della sede. Blu: 100 %, fuori dal "
        "passaggio; azzurro: da 50 %; giallo: meno; arancione: 0 %, rispondono solo gli uffici.",
        {},
        Query(f"max by (site) ({names.SITE_SHARE.name})", "{{site}}"),
        unit="percentunit",
        steps=(Step(None, "orange"), Step(0.01, "light-yellow"), Step(0.5, "light-blue"), Step(1, "blue")),
    ).decimals(0)
    phases = timeline(
        "Fase del passaggio",
        "Quale fase del passaggio è in corso, e quando.",
        {0: Word("no", "text"), 1: Word("in corso", "purple")},
        Query(f"max by (phase) ({names.TRANSITION_PHASE.name})", "{{phase}}"),
        Query(f"max({names.FALLBACK_ON.name})", "subentro attivo"),
    )
    answered = named(
        stacked(
            curves(
                "Chi ha risposto",
                "Chiamate concluse con risposta, al minuto: contact center (primary), uffici provinciali "
                "(fallback).",
                "cpm",
                Query(asked.per_minute(names.CALLS_FINISHED, " by (path)", asked.ANSWERED), "{{path}}"),
            ).interval("2m")
        ),
        words.PATHS,
    )
    changes = stacked(
        curves(
            "Cambi del subentro, all'ora",
            "Quante volte un ufficio è entrato in subentro o ne è uscito, per causa.",
            "short",
            Query(f"60 * {asked.per_minute(names.FALLBACK_TRANSITIONS, ' by (origin)')}", "{{origin}}"),
        ).interval("10m")
    )
    return section(page, "Subentro e passaggio", answered, shares, named(changes, words.ORIGINS), phases)


def _calls(page: Page) -> Page:
    results = named(
        stacked(
            curves(
                "Chiamate agli uffici, al minuto",
                "Squilli alle linee degli uffici, per come sono finiti.",
                "cpm",
                Query(asked.per_minute(names.FALLBACK_CALLS, " by (result)", OFFICE), "{{result}}"),
            ).interval("5m")
        ),
        words.OFFERS,
    )
    answered = asked.rate(names.FALLBACK_CALLS, "", OFFICE, 'result="answered"')
    failed = asked.rate(names.FALLBACK_CALLS, "", OFFICE, 'result=~"busy|failed|unreachable"')
    every = asked.rate(names.FALLBACK_CALLS, "", OFFICE)
    shares = (
        curves(
            "Esito delle chiamate agli uffici",
            "Quota di squilli con risposta, e quota che trova occupato o un guasto: l'allarme suona quando "
            "questa supera 20 % per un quarto d'ora.",
            "percentunit",
            Query(f"{answered} / {every}", "risposte", "green"),
            Query(f"{failed} / {every}", "occupato o guasto", "red"),
        )
        .interval("10m")
        .max(1)
    )
    return section(page, "Chiamate agli uffici", results, shares)


def _health(page: Page) -> Page:
    alone = asked.chosen(names.OFFICE_BREAKER_OPEN, OFFICE)
    trouble = timeline(
        "Quando gli uffici non rispondono",
        "I dodici uffici che nel periodo mostrato sono stati lasciati in pace più a lungo, e quando.",
        words.LEFT_ALONE,
        Query(
            f"max by (office) ({alone}) and on (office) "
            f"topk(12, sum by (office) (sum_over_time({alone}[$__range] @ end())) > 0)",
            "{{office}}",
        ),
    )
    trunks = timeline(
        "Collegamenti verso gli uffici",
        "Quando un collegamento è fermo per tutti gli uffici insieme. Rosso: fermo; verde: in ordine.",
        {0: Word("in ordine", "green"), 1: Word("fermo", "red")},
        Query(f"max by (trunk) ({names.TRUNK_CARRIER_OUT.name})", "{{trunk}}"),
    ).height(4)
    carried = curves(
        "Chiamate per collegamento",
        "Chiamate agli uffici su ogni collegamento adesso, squilli compresi.",
        "short",
        Query(f"sum by (trunk) ({names.TRUNK_CALLS.name})", "{{trunk}}"),
    )
    return section(page, "Salute", trouble.height(10), carried.height(10), trunks.span(24))


def _offices(page: Page) -> Page:
    by = " by (office)"
    answered = asked.total(names.FALLBACK_CALLS, by, OFFICE, 'result="answered"')
    every = asked.total(names.FALLBACK_CALLS, by, OFFICE)
    until = asked.chosen(names.FALLBACK_EXPIRY, 'scope=~"office:.+"')
    columns = (
        Column(
            "Chiamato adesso",
            f"max{by} ({asked.chosen(names.OFFICE_REACHABLE, OFFICE)})",
            "short",
            0,
            (),
            words.ASKED,
        ),
        Column(
            "In subentro",
            f"max{by} ({asked.chosen(names.FALLBACK_ACTIVE, OFFICE)})",
            "short",
            0,
            (),
            words.OFFICES_ON,
        ),
        Column("Chiamate adesso", f"sum{by} ({asked.chosen(names.OFFICE_CALLS, OFFICE)})", "short"),
        Column("Squilli nel periodo", every, "short"),
        Column(
            "Con risposta",
            f"{answered} / {every}",
            "percentunit",
            0,
            (Step(None, "red"), Step(0.4, "yellow"), Step(0.8, "green")),
        ),
        Column(
            "Volte in pace",
            asked.total(names.OFFICE_BREAKER_OPENED, by, OFFICE),
            "short",
            0,
            (Step(None, "text"), Step(1, "red")),
        ),
        Column(
            "Override fino a",
            f'max{by} (label_replace({until} > 0, "office", "$1", "scope", "office:(.+)")) * 1000',
            "dateTimeFromNow",
            None,
        ),
    )
    table = grid(
        "Uffici",
        "Una riga per ufficio, prima i più chiamati. «Chiamato adesso»: è nel suo orario e in salute, "
        "oppure acceso a mano. «Con risposta»: quota degli squilli del periodo mostrato, giallo sotto 80 %, "
        "rosso sotto 40 %. «Volte in pace»: quante volte è stato lasciato in pace perché non rispondeva, "
        "rosso da 1.",
        "office",
        "Ufficio",
        columns,
        sort_by="Squilli nel periodo",
    )
    return section(page, "Gli uffici, uno per uno", table.height(13))
