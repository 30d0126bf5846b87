"""The pieces our dashboards are made of, so that all panels look and behave alike.

House rules, tested: every panel has a unit, an Italian title and description; every query goes to
``$datasource``; ``rate`` is taken over ``$__rate_interval`` and nothing else, totals over what is looked at
(``increase`` over ``$__range``) in queries of one moment; no label outside the registry's.
A panel that shows "the last half hour" sets its least interval to 30 minutes, which makes
``$__rate_interval`` at least that long: one rule for the linter and the right window for the eye.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple, TypeVar

from grafana_dashboards.sdk import (
    Builder,
    PromQueryFormat,
    bargauge,
    build,
    common,
    common_model,
    model,
    prometheus,
    stat,
    statetimeline,
    table,
    timeseries,
)

Page = build.Dashboard
"""A dashboard being built."""

HALF_HOUR = "30m"
SOURCE = common_model.DataSourceRef(type_val="prometheus", uid="${datasource}")
QUEUE = 'queue=~"$queue"'
"""The matcher every panel of queues uses."""
TAG = "acd"


class Query(NamedTuple):
    """One expression and how its series are called and drawn."""

    expr: str
    legend: str
    color: str | None = None
    """Grafana's name of a colour; only where the legend is one name."""
    dashed: bool = False
    """A goal or a limit, not a measure."""


class Step(NamedTuple):
    """From this value on, this colour (None: from the start)."""

    value: float | None
    color: str


class Word(NamedTuple):
    """What a value is called."""

    text: str
    color: str | None = None


Words = Mapping[int, Word]
Named = Mapping[str, Word]
"""What a label's values are called."""

PanelT = TypeVar("PanelT", timeseries.Panel, bargauge.Panel)


class Column(NamedTuple):
    """One column of a table: an instant expression by the table's key."""

    name: str
    expr: str
    unit: str
    decimals: int | None = 0
    steps: tuple[Step, ...] = ()
    words: Words = {}  # noqa: RUF012 - never written to


PLAIN = (Step(None, "text"),)


def number(
    title: str, description: str, unit: str, query: Query, *steps: Step, words: Words | None = None
) -> stat.Panel:
    """One figure, now, over the curve of its past."""
    return (
        _stat(title, description, unit, *steps, words=words)
        .graph_mode(common_model.BigValueGraphMode.AREA)
        .with_target(_target(query, "A"))
    )


def moment(
    title: str, description: str, unit: str, query: Query, *steps: Step, words: Words | None = None
) -> stat.Panel:
    """One figure of this moment alone: what "the last half hour" or a word has no curve for."""
    return (
        _stat(title, description, unit, *steps, words=words)
        .graph_mode(common_model.BigValueGraphMode.NONE)
        .with_target(_target(query, "A").instant())
    )


def label(title: str, description: str, query: Query) -> stat.Panel:
    """A name that a label holds, such as a revision."""
    return moment(title, description, "short", query).text_mode(common_model.BigValueTextMode.NAME)


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
        .line_width(2)
        .fill_opacity(8)
        .show_points(common_model.VisibilityMode.NEVER)
        .legend(_legend())
        .tooltip(common.VizTooltipOptions().mode(common_model.TooltipDisplayMode.MULTI))
    )
    for index, query in enumerate(queries):
        panel.with_target(_target(query, chr(ord("A") + index)))
        if query.color is not None:
            panel.override_by_name(query.legend, _drawn(query))
    return panel


def stacked(panel: timeseries.Panel) -> timeseries.Panel:
    """The same curves, one upon the other."""
    return panel.fill_opacity(70).line_width(0).stacking(_pile())


def named(panel: PanelT, names: Named) -> PanelT:
    """Names and colours for series that are told apart by a label."""
    for value, word in names.items():
        shown = [model.DynamicConfigValue(id_val="displayName", value=word.text)]
        panel.override_by_name(value, shown + (_drawn(Query("", value, word.color)) if word.color else []))
    return panel


def logarithmic(panel: timeseries.Panel) -> timeseries.Panel:
    """Times that are told in microseconds and in seconds on one panel."""
    scale = common.ScaleDistributionConfig().type(common_model.ScaleDistribution.LOG).log(10)
    return panel.scale_distribution(scale).fill_opacity(0)


def bars(title: str, description: str, unit: str, *queries: Query) -> bargauge.Panel:
    """Bars side by side, of this moment or over what is looked at."""
    panel = (
        bargauge.Panel()
        .title(title)
        .description(description)
        .datasource(SOURCE)
        .unit(unit)
        .height(8)
        .span(12)
        .min(0)
        .no_value("n.d.")
        .orientation(common_model.VizOrientation.HORIZONTAL)
        .display_mode(common_model.BarGaugeDisplayMode.BASIC)
        .thresholds(thresholds(Step(None, "blue")))
        .reduce_options(_last())
    )
    for index, query in enumerate(queries):
        panel.with_target(_target(query, chr(ord("A") + index)).instant())
        if query.color is not None:
            panel.override_by_name(query.legend, _drawn(query))
    return panel


def timeline(
    title: str,
    description: str,
    words: Words,
    *queries: Query,
    unit: str = "short",
    steps: tuple[Step, ...] = (),
) -> statetimeline.Panel:
    """States over time, a line for each series, every value with its word or the colour of its step."""
    panel = (
        statetimeline.Panel()
        .title(title)
        .description(description)
        .datasource(SOURCE)
        .unit(unit)
        .height(8)
        .span(12)
        .no_value("n.d.")
        .mappings(_mappings(words) if words else [])
        .color_scheme(build.FieldColor().mode(model.FieldColorModeId.THRESHOLDS))
        .thresholds(thresholds(*(steps or PLAIN)))
        .show_value(common_model.VisibilityMode.NEVER)
        .legend(_legend())
    )
    for index, query in enumerate(queries):
        panel.with_target(_target(query, chr(ord("A") + index)))
    return panel


def grid(
    title: str,
    description: str,
    key: str,
    key_name: str,
    columns: tuple[Column, ...],
    *,
    sort_by: str = "",
) -> table.Panel:
    """One line per value of the label ``key``, a column per expression; the greatest ``sort_by`` first."""
    panel = (
        table.Panel()
        .title(title)
        .description(description)
        .datasource(SOURCE)
        .unit("short")
        .height(10)
        .span(24)
    )
    if sort_by:
        panel.sort_by([common.TableSortByFieldState().display_name(sort_by).desc(True)])
    names = {key: key_name}
    for index, column in enumerate(columns):
        ref = chr(ord("A") + index)
        names[f"Value #{ref}"] = column.name
        panel.with_target(_target(Query(column.expr, ""), ref).instant().format(PromQueryFormat.TABLE))
        panel.override_by_name(column.name, _cells(column))
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


def thresholds(*steps: Step) -> build.ThresholdsConfig:
    """Colours by value; the values stand in the description too, for those who see no colours."""
    return (
        build.ThresholdsConfig()
        .mode(model.ThresholdsMode.ABSOLUTE)
        .steps([model.Threshold(value=step.value, color=step.color) for step in steps])
    )


# ── inside ───────────────────────────────────────────────────────────────────────────────────


def _stat(title: str, description: str, unit: str, *steps: Step, words: Words | None) -> stat.Panel:
    panel = (
        stat.Panel()
        .title(title)
        .description(description)
        .datasource(SOURCE)
        .unit(unit)
        .height(4)
        .span(4)
        .no_value("n.d.")
        .thresholds(thresholds(*(steps or PLAIN)))
        .color_mode(common_model.BigValueColorMode.VALUE)
        .reduce_options(_last())
    )
    return panel.mappings(_mappings(words)) if words else panel


def _last() -> common.ReduceDataOptions:
    return common.ReduceDataOptions().calcs(["lastNotNull"])


def _legend() -> common.VizLegendOptions:
    return (
        common.VizLegendOptions()
        .display_mode(common_model.LegendDisplayMode.LIST)
        .placement(common_model.LegendPlacement.BOTTOM)
        .show_legend(True)
    )


def _pile() -> Builder[common_model.StackingConfig]:
    return common.StackingConfig().mode(common_model.StackingMode.NORMAL)


def _mappings(words: Words) -> list[model.ValueMapping]:
    options = {
        str(value): model.ValueMappingResult(text=word.text, color=word.color, index=index)
        for index, (value, word) in enumerate(sorted(words.items()))
    }
    return [model.ValueMap(options=options)]


def _drawn(query: Query) -> list[model.DynamicConfigValue]:
    fixed = {"mode": "fixed", "fixedColor": query.color}
    found = [model.DynamicConfigValue(id_val="color", value=fixed)]
    if query.dashed:
        dashes = {"fill": "dash", "dash": [8, 6]}
        found.append(model.DynamicConfigValue(id_val="custom.lineStyle", value=dashes))
        found.append(model.DynamicConfigValue(id_val="custom.fillOpacity", value=0))
    return found


def _cells(column: Column) -> list[model.DynamicConfigValue]:
    """How the cells of a column are shown; plain JSON, as Grafana's overrides are."""
    found: list[tuple[str, object]] = [("unit", column.unit)]
    if column.decimals is not None:
        found.append(("decimals", column.decimals))
    if column.words:
        options = {
            str(value): {"text": word.text, "index": index} | ({"color": word.color} if word.color else {})
            for index, (value, word) in enumerate(sorted(column.words.items()))
        }
        found.append(("mappings", [{"type": "value", "options": options}]))
    if column.steps:
        steps = [{"value": step.value, "color": step.color} for step in column.steps]
        found.append(("thresholds", {"mode": "absolute", "steps": steps}))
    if column.steps or any(word.color for word in column.words.values()):
        found.append(("custom.cellOptions", {"type": "color-text"}))
    return [model.DynamicConfigValue(id_val=name, value=value) for name, value in found]


def _target(query: Query, ref: str) -> prometheus.Dataquery:
    return prometheus.Dataquery().datasource(SOURCE).expr(query.expr).legend_format(query.legend).ref_id(ref)
