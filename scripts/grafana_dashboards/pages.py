"""What a dashboard is besides its panels: its rows, variables and marks, and the way to the others."""

from __future__ import annotations

from acd.metrics import names
from acd.metrics.names import Metric
from grafana_dashboards.parts import SOURCE, TAG, Page
from grafana_dashboards.sdk import Builder, build, model

__all__ = ["begin", "offices", "queues", "section"]


def begin(title: str, uid: str, description: str, *, span: str = "now-6h", refresh: str = "10s") -> Page:
    """A dashboard with what all have: Rome's time, the data source, links to the others, marks."""
    page = (
        Page(title)
        .uid(uid)
        .description(description)
        .tags([TAG])
        .timezone("Europe/Rome")
        .time(span, "now")
        .refresh(refresh)
        .readonly()
        .tooltip(model.DashboardCursorSync.CROSSHAIR)
        .link(
            build.DashboardLink("Altri cruscotti")
            .type(model.DashboardLinkType.DASHBOARDS)
            .tags([TAG])
            .as_dropdown(True)
            .include_vars(True)
            .keep_time(True)
        )
        .with_variable(
            build.DatasourceVariable("datasource")
            .label("Sorgente dati")
            .description("Il Prometheus che raccoglie le misure del distributore.")
            .type("prometheus")
        )
    )
    return _marks(page)


def section(page: Page, title: str, *panels: Builder[model.Panel]) -> Page:
    """A titled row and its panels, set from left to right."""
    page = page.with_row(build.Row(title))
    for panel in panels:
        page = page.with_panel(panel)
    return page


def queues(page: Page) -> Page:
    """The queues to look at."""
    return page.with_variable(_choice("queue", "Coda", "Le code da mostrare.", names.QUEUE_CALLS))


def offices(page: Page) -> Page:
    """The offices to look at."""
    return page.with_variable(_choice("office", "Ufficio", "Gli uffici da mostrare.", names.OFFICE_CALLS))


def _choice(name: str, title: str, description: str, metric: Metric) -> build.QueryVariable:
    query = f"label_values({metric.name}, {name})"
    return (
        build.QueryVariable(name)
        .label(title)
        .description(description)
        .datasource(SOURCE)
        .query(query)
        .definition(query)
        .refresh(model.VariableRefresh.ON_TIME_RANGE_CHANGED)
        .sort(model.VariableSort.ALPHABETICAL_ASC)
        .multi(True)
        .include_all(True)
        .all_value(".*")
    )


def _marks(page: Page) -> Page:
    """Moments that explain a curve: overrides, steps of the transition, rules that were put in force."""
    expiry, phase, step = names.FALLBACK_EXPIRY.name, names.TRANSITION_PHASE.name, names.TRANSITION_STEP.name
    for name, color, expr, text in (
        (
            "Override",
            "orange",
            f"sum by (scope) (changes({expiry}[$__rate_interval])) > 0",
            "Override di {{scope}}: fatto, prolungato o finito",
        ),
        (
            "Passaggio",
            "purple",
            f"sum(changes({step}[$__rate_interval])) + sum(changes({phase}[$__rate_interval])) > 0",
            "Il passaggio agli uffici ha cambiato fase o passo",
        ),
        (
            "Regole",
            "blue",
            f"sum(changes({names.CONFIG_RELOADED.name}[$__rate_interval])) > 0",
            "Una configurazione è entrata in vigore",
        ),
    ):
        page = page.annotation(
            build.AnnotationQuery()
            .name(name)
            .datasource(SOURCE)
            .enable(True)
            .icon_color(color)
            .expr(expr)
            .step("15s")
            .title_format(name)
            .text_format(text)
        )
    return page
