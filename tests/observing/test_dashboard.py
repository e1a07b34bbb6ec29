"""What the dashboard asks for is there: a Prometheus watches a service at work, and every panel shows something."""

import time
from collections.abc import Iterator

import pytest

import generate_dashboard
from support.processes import serve
from support.prometheus import Prometheus, Series, running_prometheus
from support.watched import Work, at_work
from watching.description import ROOT, Panel, read
from workerhost.runtime.temporal.embedded import EmbeddedTemporal
from workerhost.testing import eventually, free_port, unique_id

PANELS = list(read().panels())


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


@pytest.fixture(scope="module")
def answers(prometheus: Prometheus) -> dict[str, list[Series]]:
    """What it answers to each query of a panel, by its expression, where it has answered within a minute."""
    missing = [query for panel in PANELS for query in panel.queries]
    found: dict[str, list[Series]] = {}
    deadline = time.monotonic() + 60
    while any(not query.empty_because for query in missing) and time.monotonic() < deadline:
        found |= {query.expression: series for query in missing if (series := prometheus.ask(query))}
        missing = [query for query in missing if query.expression not in found]
        time.sleep(0.2)  # which leaves the processor to what is watched
    return found


@pytest.mark.parametrize("panel", PANELS, ids=[panel.title for panel in PANELS])
def test_every_panel_shows_something(answers: dict[str, list[Series]], panel: Panel) -> None:
    for query in panel.queries:
        series = answers.get(query.expression, [])
        assert series or query.empty_because, query.expression
        assert all(each.name(query.legend) for each in series) or not query.legend, query.legend


def test_lines_that_may_be_missing_are_few_and_have_a_reason() -> None:
    without = {query.legend: query.empty_because for panel in PANELS for query in panel.queries if query.empty_because}
    assert without == {
        "dropped": "No project floods its log.",
        "{{status_code}}": "No request fails.",
    }


def test_alerts_are_evaluated_and_those_of_a_service_that_is_well_are_quiet(prometheus: Prometheus) -> None:
    states = prometheus.alerts()
    assert not [name for name, state in states.items() if state == "firing"]
