"""The pieces our dashboards are made of, so that all panels look and behave alike.

House rules, tested: every panel has a unit, an Italian title and description; every query goes to
``$datasource``; rates use ``$__rate_interval`` and nothing else; no label outside the registry's.
A panel that shows "the last half hour" sets its least interval to 30 minutes, which makes
``$__rate_interval`` at least that long: one rule for the linter and the right window for the eye.
"""

from __future__ import annotations

from typing import NamedTuple

from grafana_dashboards.sdk import (
    Builder,
    PromQueryFormat,
    build,
    common,
    common_model,
    model,
    prometheus,
    stat,
    table,
    timeseries,
)

Page = build.Dashboard
"""A dashboard being built."""

HALF_HOUR = "30m"
SOURCE = common_model.DataSourceRef(type_val="prometheus", uid="${datasource}")
QUEUE = 'queue=~"$queue"'
"""The matcher every panel of queues uses."""


class Query(NamedTuple):
    """One expression and how its series are called."""

    expr: str
    legend: str


class Step(NamedTuple):
    """From this value on, this colour (None: from the start)."""

    value: float | None
    color: str


class Column(NamedTuple):
    """One column of a table: an instant expression by the table's key."""

    name: str
    expr: str
    unit: str
    decimals: int = 0


def thresholds(*steps: Step) -> build.ThresholdsConfig:
    """Colours by value; the values stand in the description too, for those who see no colours."""
    return (
        build.ThresholdsConfig()
        .mode(model.ThresholdsMode.ABSOLUTE)
        .steps([model.Threshold(value=step.value, color=step.color) for step in steps])
    )


def number(title: str, description: str, unit: str, query: Query, *steps: Step) -> stat.Panel:
    """One figure, now."""
    return (
        stat.Panel()
        .title(title)
        .description(description)
        .datasource(SOURCE)
        .unit(unit)
        .height(4)
        .span(4)
        .no_value("n.d.")
        .thresholds(thresholds(*(steps or (Step(None, "text"),))))
        .color_mode(common_model.BigValueColorMode.VALUE)
        .graph_mode(common_model.BigValueGraphMode.AREA)
        .reduce_options(common.ReduceDataOptions().calcs(["lastNotNull"]))
        .with_target(_target(query, "A"))
    )


def curves(title: str, description: str, unit: str, *queries: Query) -> timeseries.Panel:
    """Curves over time, half the width."""
    panel = (
        timeseries.Panel()
        .title(title)
        .description(description)
        .datasource(SOURCE)
        .unit(unit)
        .height(8)
        .span(12)
        .min(0)
        .fill_opacity(10)
        .legend(
            common.VizLegendOptions()
            .display_mode(common_model.LegendDisplayMode.LIST)
            .placement(common_model.LegendPlacement.BOTTOM)
            .show_legend(True)
        )
    )
    for index, query in enumerate(queries):
        panel.with_target(_target(query, chr(ord("A") + index)))
    return panel


def stacked(panel: timeseries.Panel) -> timeseries.Panel:
    """The same curves, one upon the other."""
    return panel.fill_opacity(40).stacking(common.StackingConfig().mode(common_model.StackingMode.NORMAL))


def grid(title: str, description: str, key: str, key_name: str, columns: tuple[Column, ...]) -> table.Panel:
    """One line per value of the label ``key``, one column per expression."""
    panel = (
        table.Panel()
        .title(title)
        .description(description)
        .datasource(SOURCE)
        .unit("short")
        .height(10)
        .span(24)
    )
    names = {key: key_name}
    for index, column in enumerate(columns):
        ref = chr(ord("A") + index)
        names[f"Value #{ref}"] = column.name
        panel.with_target(_target(Query(column.expr, ""), ref).instant().format(PromQueryFormat.TABLE))
        panel.override_by_name(
            column.name,
            [
                model.DynamicConfigValue(id_val="unit", value=column.unit),
                model.DynamicConfigValue(id_val="decimals", value=column.decimals),
            ],
        )
    panel.with_transformation(
        model.DataTransformerConfig(id_val="joinByField", options={"byField": key, "mode": "outer"})
    )
    shown = [key, *(name for name in names if name != key)]
    panel.with_transformation(
        model.DataTransformerConfig(id_val="filterFieldsByName", options={"include": {"names": shown}})
    )
    order = {name: index for index, name in enumerate(shown)}
    return panel.with_transformation(
        model.DataTransformerConfig(
            id_val="organize", options={"indexByName": order, "renameByName": names, "excludeByName": {}}
        )
    )


def section(page: Page, title: str, *panels: Builder[model.Panel]) -> Page:
    """A titled row and its panels, set from left to right."""
    page = page.with_row(build.Row(title))
    for panel in panels:
        page = page.with_panel(panel)
    return page


def variables(start: Page, queues_of: str) -> Page:
    """The data source and the queues to look at; ``queues_of`` is a metric with a series per queue."""
    query = f"label_values({queues_of}, queue)"
    return start.with_variable(
        build.DatasourceVariable("datasource")
        .label("Sorgente dati")
        .description("Il Prometheus che raccoglie le misure del distributore.")
        .type("prometheus")
    ).with_variable(
        build.QueryVariable("queue")
        .label("Coda")
        .description("Le code da mostrare.")
        .datasource(SOURCE)
        .query(query)
        .definition(query)
        .refresh(model.VariableRefresh.ON_TIME_RANGE_CHANGED)
        .sort(model.VariableSort.ALPHABETICAL_ASC)
        .multi(True)
        .include_all(True)
        .all_value(".*")
    )


def _target(query: Query, ref: str) -> prometheus.Dataquery:
    return prometheus.Dataquery().datasource(SOURCE).expr(query.expr).legend_format(query.legend).ref_id(ref)
