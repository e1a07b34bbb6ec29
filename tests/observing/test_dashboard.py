"""What the dashboard asks for is there: a Prometheus watches a service at work, and every panel shows something."""

from collections.abc import Iterator

import pytest

import generate_dashboard
from support.processes import serve
from support.prometheus import Prometheus, running_prometheus
from support.watched import Work, at_work
from watching.description import ROOT, Panel, read
from workerhost.runtime.temporal.embedded import EmbeddedTemporal
from workerhost.testing import eventually, free_port, unique_id

PANELS = list(read().panels())
MAY_SHOW_NOTHING = {
    "Lines of projects' logs": "lines are dropped where a project floods its log",
}
"""Panels of which one line is not there while all is well, each with the reason."""


@pytest.fixture(scope="module")
def prometheus(tmp_path_factory: pytest.TempPathFactory, temporal: EmbeddedTemporal) -> Iterator[Prometheus]:
    """One that watches a service of two hosts, whose projects work, fail, wait and crash."""
    folder = tmp_path_factory.mktemp("watched")
    rules = ROOT / generate_dashboard.RULES
    with serve(folder, temporal, "--workers", "2") as (process, rest):
        work = Work(rest, f"{unique_id('watched')}-")
        work.begin()
        target = rest.url.removeprefix("http://")
        with running_prometheus(folder, free_port(), [target], rules) as started:
            eventually(started.is_ready)
            with at_work(work):
                yield started
        assert process.end() == 0


@pytest.mark.parametrize("panel", PANELS, ids=[panel.title for panel in PANELS])
def test_every_panel_shows_something(prometheus: Prometheus, panel: Panel) -> None:
    for query in panel.queries:
        if not query.empty_because:
            eventually(lambda query=query: prometheus.ask(query), 60)  # type: ignore[misc]


def test_lines_that_may_be_missing_are_few_and_have_a_reason() -> None:
    without = {panel.title for panel in PANELS for query in panel.queries if query.empty_because}
    assert without == set(MAY_SHOW_NOTHING)


def test_the_names_of_lines_are_labels_that_the_answers_have(prometheus: Prometheus) -> None:
    for query in (each for panel in PANELS for each in panel.queries if "{{" in each.legend and not each.empty_because):
        assert all(series.name(query.legend) for series in prometheus.ask(query)), query.legend


def test_the_rules_of_alerts_are_asked_and_the_service_is_well(prometheus: Prometheus) -> None:
    critical = {alert.name for alert in read().alerts if alert.severity == "critical"}
    assert not critical & {name for name, state in prometheus.alerts().items() if state == "firing"}
