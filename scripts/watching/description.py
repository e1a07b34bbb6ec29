"""The description of what an operator watches, as typed values: `docker/observability/watch.toml`."""

import re
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator

ROOT = Path(__file__).resolve().parents[2]
SOURCE = ROOT / "docker/observability/watch.toml"

Unit = Literal["count", "perSecond", "seconds", "share", "bytes", "status"]
"""What a panel's numbers are: `share` is from 0 to 1, `status` is 1 where it is so and 0 where not."""

Colour = Literal["green", "yellow", "orange", "red", "blue", "purple"]
"""Grafana has names for these."""

Text = Annotated[str, StringConstraints(min_length=1, strip_whitespace=True)]
Minutes = Annotated[str, StringConstraints(pattern=r"^[1-9][0-9]*m$")]

FAMILY = re.compile(r"\b(?:workerhost|temporal)_[a-z0-9_]+")


class _Described(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", alias_generator=lambda name: name.replace("_", "-"))


class Query(_Described):
    """A question to Prometheus.

    Attributes:
        expression: PromQL. `$__rate_interval`, `$host` and `$project` are what Grafana puts there.
        legend: the name of a line, with labels as `{{label}}`.
        colour: of its lines, where it says more than an order of colours.
        empty_because: why a healthy service has no such line; "" where it must have one.
    """

    expression: Text
    legend: str = ""
    colour: Colour | None = None
    empty_because: str = ""


class Panel(_Described):
    """One picture of the dashboard.

    Attributes:
        kind: `number` shows the last values alone.
        why: what one sees here, and when to worry.
        width: of the 24 columns of the dashboard.
        alert: the name of the alert whose limit is drawn in the panel, or "".
    """

    title: Text
    kind: Literal["number", "lines", "areas"] = "lines"
    why: Text
    unit: Unit = "count"
    width: int = Field(8, ge=3, le=24)
    alert: str = ""
    queries: list[Query] = Field(min_length=1)


class Row(_Described):
    """Panels that answer one question."""

    title: Text
    panels: list[Panel] = Field(min_length=1)


class Alert(_Described):
    """Something that somebody should look at.

    Attributes:
        name: as Prometheus shows it.
        severity: `critical` wakes somebody up, `warning` is for the next morning.
        expression: PromQL, without the limit.
        above: the alert fires where the expression is above it, or `below`: one of the two.
        unit: of the limit.
        hold: for how long it must be so.
        summary: one sentence with the labels, for the message.
        meaning: what it means.
        action: what to do.
    """

    name: Annotated[str, StringConstraints(pattern=r"^Workerhost[A-Z][A-Za-z]+$")]
    severity: Literal["critical", "warning"]
    expression: Text
    above: float | None = None
    below: float | None = None
    unit: Unit = "count"
    hold: Minutes
    summary: Text
    meaning: Text
    action: Text

    @model_validator(mode="after")
    def _has_one_limit(self) -> Self:
        if (self.above is None) == (self.below is None):
            raise ValueError(f"{self.name} needs either `above` or `below`")
        return self

    @property
    def limit(self) -> float:
        """The value at which it fires."""
        return self.below if self.above is None else self.above  # type: ignore[return-value]

    @property
    def condition(self) -> str:
        """The expression with its limit."""
        return f"{self.expression} {'<' if self.above is None else '>'} {self.limit:g}"

    @property
    def anchor(self) -> str:
        """Where the operator's page speaks of it."""
        return re.sub(r"(?<=[a-z])(?=[A-Z])", "-", self.name.removeprefix("Workerhost")).lower()


class Watch(_Described):
    """Everything that an operator watches.

    Attributes:
        colours: of lines that are named after a label: by the label, and by its value.
    """

    title: Text
    colours: dict[str, dict[str, Colour]]
    rows: list[Row]
    alerts: list[Alert]

    @model_validator(mode="after")
    def _names_fit(self) -> Self:
        names = [alert.name for alert in self.alerts]
        if len(names) != len(set(names)):
            raise ValueError("two alerts have one name")
        for panel in self.panels():
            if panel.alert and panel.alert not in names:
                raise ValueError(f"the panel {panel.title!r} shows the limit of {panel.alert}, which is no alert")
        return self

    def panels(self) -> Iterator[Panel]:
        """Yield all panels, in the order of the dashboard."""
        for row in self.rows:
            yield from row.panels

    def alert(self, name: str) -> Alert | None:
        """Return the alert of that name."""
        return next((alert for alert in self.alerts if alert.name == name), None)

    def colours_of(self, query: Query) -> dict[str, Colour]:
        """Return the colours of lines by their names, where the query names them after nothing but a label."""
        label = re.fullmatch(r"\{\{(\w+)\}\}", query.legend)
        return self.colours.get(label[1], {}) if label else {}

    def expressions(self) -> Iterator[str]:
        """Yield every PromQL expression."""
        for panel in self.panels():
            yield from (query.expression for query in panel.queries)
        yield from (alert.expression for alert in self.alerts)

    def families(self) -> set[str]:
        """Return the names of all metrics that are asked for, as they stand in expressions."""
        return {name for each in self.expressions() for name in FAMILY.findall(each)}


def read(path: Path = SOURCE) -> Watch:
    """Return the description.

    Raises:
        pydantic.ValidationError: something in the file does not fit.
    """
    return Watch.model_validate(tomllib.loads(path.read_text(encoding="utf-8")))


def as_asked(expression: str, interval: str = "15s") -> str:
    """Return an expression as Prometheus takes it, with what Grafana puts in for its variables: all of everything."""
    return expression.replace("$__rate_interval", interval).replace("$project", ".*").replace("$host", ".*")
