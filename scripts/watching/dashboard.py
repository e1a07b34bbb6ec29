"""The dashboard of Grafana."""

import itertools
import json

from grafana_foundation_sdk.builders import common as build_common
from grafana_foundation_sdk.builders import dashboard as build
from grafana_foundation_sdk.builders import prometheus as build_query
from grafana_foundation_sdk.builders import stat, timeseries
from grafana_foundation_sdk.cog.encoder import JSONEncoder
from grafana_foundation_sdk.models import common
from grafana_foundation_sdk.models.dashboard import (
    DashboardCursorSync,
    DataSourceRef,
    DynamicConfigValue,
    Threshold,
    ThresholdsMode,
    VariableRefresh,
    VariableSort,
)

from watching.description import Alert, Colour, Panel, Query, Unit, Watch

UNITS: dict[Unit, str] = {
    "count": "short",
    "perSecond": "cps",
    "seconds": "s",
    "share": "percentunit",
    "bytes": "decbytes",
    "status": "bool_yes_no",
}
"""The names that Grafana has for units."""

SOURCE = DataSourceRef(type_val="prometheus", uid="${datasource}")
NUMBER_HEIGHT, LINES_HEIGHT = 4, 8
JUST_ABOVE_ZERO = 0.001
"""Grafana takes a limit itself as past it, and an alert does not."""


def dashboard_of(watch: Watch) -> str:
    """Return the dashboard, as JSON."""
    board = (
        build.Dashboard(watch.title)
        .uid("workerhost")
        .tags(["workerhost"])
        .timezone("browser")
        .refresh("30s")
        .time("now-1h", "now")
        .readonly()
        .tooltip(DashboardCursorSync.CROSSHAIR)
        .with_variable(build.DatasourceVariable("datasource").label("Data source").type("prometheus"))
        .with_variable(_label_variable("host", "Host", "workerhost_host_up"))
        .with_variable(_label_variable("project", "Project", "workerhost_activities_total"))
    )
    ids = itertools.count(1)
    for row in watch.rows:
        board = board.with_row(build.Row(row.title).id(next(ids)))
        for panel in row.panels:
            board = board.with_panel(_panel(panel, watch).id(next(ids)))
    return json.dumps(board.build(), cls=JSONEncoder, indent=2, sort_keys=True) + "\n"


def _label_variable(name: str, title: str, family: str) -> build.QueryVariable:
    """Return a choice among all values of a label."""
    query: dict[str, object] = {"query": f"label_values({family}, {name})", "refId": name}
    return (
        build.QueryVariable(name)
        .label(title)
        .datasource(SOURCE)
        .query(query)
        .refresh(VariableRefresh.ON_TIME_RANGE_CHANGED)
        .sort(VariableSort.ALPHABETICAL_ASC)
        .multi(multi=True)
        .include_all(include_all=True)
        .all_value(".*")
    )


def _panel(panel: Panel, watch: Watch) -> stat.Panel | timeseries.Panel:
    alert = watch.alert(panel.alert)
    made = _number(panel) if panel.kind == "number" else _lines(panel, alert)
    made = made.title(panel.title).description(panel.why).datasource(SOURCE).span(panel.width).unit(UNITS[panel.unit])
    for name, query in zip("ABCDEFGH", panel.queries, strict=False):
        made = made.with_target(_target(name, query, is_number=panel.kind == "number"))
        for line, colour in watch.colours_of(query).items():
            made = made.override_by_name(line, [_fixed(colour)])
        if query.colour is not None:
            made = made.override_by_query(name, [_fixed(query.colour)])
    return made.min(0).thresholds(_thresholds(alert))


def _fixed(colour: Colour) -> DynamicConfigValue:
    return DynamicConfigValue("color", {"mode": "fixed", "fixedColor": colour})


def _target(name: str, query: Query, *, is_number: bool) -> build_query.Dataquery:
    target = build_query.Dataquery().ref_id(name).expr(query.expression).legend_format(query.legend or "__auto")
    return target.instant() if is_number else target.range()


def _number(panel: Panel) -> stat.Panel:
    last = build_common.ReduceDataOptions().calcs(["lastNotNull"])
    mode = common.BigValueTextMode.VALUE_AND_NAME if len(panel.queries) > 1 else common.BigValueTextMode.VALUE
    made = stat.Panel().height(NUMBER_HEIGHT).reduce_options(last).text_mode(mode)
    return made.graph_mode(common.BigValueGraphMode.NONE).no_value("0")


def _lines(panel: Panel, alert: Alert | None) -> timeseries.Panel:
    legend = (
        build_common.VizLegendOptions()
        .display_mode(common.LegendDisplayMode.LIST)
        .placement(common.LegendPlacement.BOTTOM)
        .show_legend(show_legend=True)
    )
    tooltip = build_common.VizTooltipOptions().mode(common.TooltipDisplayMode.MULTI)
    made = timeseries.Panel().height(LINES_HEIGHT).legend(legend).tooltip(tooltip).line_width(1)
    if panel.kind == "areas":
        made = made.fill_opacity(40).stacking(build_common.StackingConfig().mode(common.StackingMode.NORMAL))
    else:
        made = made.fill_opacity(8)
    if alert is not None:
        style = build_common.GraphThresholdsStyleConfig().mode(common.GraphTresholdsStyleMode.DASHED)
        made = made.thresholds_style(style)
    return made.show_points(common.VisibilityMode.NEVER)


def _thresholds(alert: Alert | None) -> build.ThresholdsConfig:
    """Return what is green and what is red: all is green where no alert belongs to the panel."""
    steps = [Threshold(color="green")]
    if alert is not None and alert.above is not None:
        steps.append(Threshold(value=alert.above or JUST_ABOVE_ZERO, color="red"))
    elif alert is not None:
        steps = [Threshold(color="red"), Threshold(value=alert.limit, color="green")]
    return build.ThresholdsConfig().mode(ThresholdsMode.ABSOLUTE).steps(steps)
