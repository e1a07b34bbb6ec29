"""What metrics say: who is named in them, that counters only grow, and how they are written."""

import sys
from datetime import UTC, datetime

import pytest
from prometheus_client import CollectorRegistry
from prometheus_client.parser import text_string_to_metric_families
from temporalio.runtime import MetricBuffer, Runtime, TelemetryConfig

from workerhost.observed import ActivityEnd, LogLevel, Outcome, RunEnd
from workerhost.runtime.metrics.exposition import beginning, host_label, merged, number, registry_text
from workerhost.runtime.metrics.families import FAMILIES, MOST_NAMES, MOST_PAIRS, OTHER, MetricKind
from workerhost.runtime.metrics.names import CHOOSE_SECONDS, LabelNames
from workerhost.runtime.metrics.recorder import MetricsRecorder
from workerhost.runtime.metrics.sdk_series import SdkSeries

Values = dict[tuple[str, ...], float]


class Clock:
    """A time that a test moves."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def ended(project_id: str, activity: str = "work", seconds: float = 0.1, attempt: int = 1) -> ActivityEnd:
    return ActivityEnd(
        project_id, activity, "Type", None, Outcome.COMPLETED, seconds, attempt, ended_at=datetime.now(UTC)
    )


def values(text: str, name: str, *labels: str) -> Values:
    """Return the values of the samples of that name, by those labels."""
    samples = [sample for family in text_string_to_metric_families(text) for sample in family.samples]
    return {tuple(each.labels.get(key, "") for key in labels): each.value for each in samples if each.name == name}


def counted(recorder: MetricsRecorder) -> Values:
    return values(recorder.text(host_label("h")), "workerhost_activities_total", "project", "activity")


def test_projects_beyond_the_cap_are_counted_together() -> None:
    recorder = MetricsRecorder(LabelNames(3))
    for number_ in range(10):
        for _ in range(2):
            recorder.activity_ended(ended(f"project-{number_}"))
    assert counted(recorder) == {**{(f"project-{each}", "work"): 2 for each in range(3)}, (OTHER, OTHER): 14}


def test_a_project_that_becomes_busy_is_named_from_zero_and_what_was_counted_before_stays_with_the_others() -> None:
    clock = Clock()
    names = LabelNames(2, clock)
    recorder = MetricsRecorder(names)
    for project_id, times in {"quiet": 3, "busy": 10, "new": 50}.items():
        for _ in range(times):
            recorder.activity_ended(ended(project_id))
    before = counted(recorder)
    assert before == {("quiet", "work"): 3, ("busy", "work"): 10, (OTHER, OTHER): 50}

    recorder.forget(names.choose())
    assert counted(recorder) == before, "it is too early for a change"
    clock.now += CHOOSE_SECONDS
    recorder.forget(names.choose())
    recorder.activity_ended(ended("new"))
    recorder.activity_ended(ended("quiet"))
    assert counted(recorder) == {("busy", "work"): 10, ("new", "work"): 1, (OTHER, OTHER): 51}


def test_names_stay_with_their_projects_while_others_are_about_as_busy() -> None:
    clock = Clock()
    names = LabelNames(1, clock)
    for project_id, times in {"first": 10, "second": 19}.items():
        for _ in range(times):
            names.project(project_id)
    clock.now += CHOOSE_SECONDS
    assert names.choose() == set()
    assert (names.known("first"), names.known("second")) == ("first", OTHER)


def test_a_project_with_endless_names_of_activities_gets_few() -> None:
    recorder = MetricsRecorder(LabelNames(100))
    for each in range(1000):
        recorder.activity_ended(ended("endless", f"activity-{each}"))
    assert len(counted(recorder)) == MOST_NAMES + 1
    assert counted(recorder)["endless", OTHER] == 1000 - MOST_NAMES
    for project in range(100):
        for each in range(MOST_NAMES):
            recorder.activity_ended(ended(f"project-{project}", f"activity-{each}"))
    assert len(counted(recorder)) <= MOST_PAIRS + 100, "all projects together have a bound, too"


def test_any_name_of_an_activity_can_be_read_back() -> None:
    recorder = MetricsRecorder(LabelNames(5))
    hostile = ['a"b', "a\\b", "a\nb", "a\n# HELP b c\n# TYPE b counter\nb 1", "\ud800", "\x1b[31m\r\0", "x" * 5000, ""]
    for name in hostile:
        recorder.activity_ended(ended("p", name))
    text = recorder.text(host_label("h"))
    text.encode()
    shown = {activity for _, activity in values(text, "workerhost_activities_total", "project", "activity")}
    assert set(hostile[:4]) <= shown
    assert max(map(len, shown)) <= 100
    assert merged([text]) == text


def test_durations_are_in_buckets_that_add_up() -> None:
    recorder = MetricsRecorder(LabelNames(5))
    for seconds in (0.01, 0.25, 2.0, 1000.0):
        recorder.activity_ended(ended("p", seconds=seconds, attempt=2))
    text = recorder.text(host_label("h"))
    buckets = values(text, "workerhost_activity_seconds_bucket", "le")
    assert list(buckets.values()) == [1, 2, 2, 3, 3, 3, 4]
    assert values(text, "workerhost_activity_seconds_sum", "project") == {("p",): 1002.26}
    assert values(text, "workerhost_activity_retries_total", "project") == {("p",): 4}


def test_every_family_that_is_shown_is_described() -> None:
    recorder = MetricsRecorder(LabelNames(5))
    recorder.activity_ended(ended("p", attempt=2))
    recorder.run_ended(RunEnd("p", "T", "b", Outcome.FAILED, 1.0, 1, 1, datetime.now(UTC)))
    recorder.published("p", is_accepted=False, code="build_refused")
    recorder.process_began("p")
    recorder.process_died("p", "why")
    recorder.worker_started("p", 0.1)
    recorder.log_lines_taken("p", LogLevel.INFO, 3)
    recorder.log_lines_dropped("p", 4)
    recorder.statement_done("select", 0.01)
    recorder.call_answered(None, "BREW", 404, 0.01)
    text = recorder.text(host_label("h"))
    shown = {each.name: each for each in text_string_to_metric_families(text)}
    for family in FAMILIES:
        if family.kind != MetricKind.GAUGE and not family.name.startswith("workerhost_sdk_"):
            found = shown[family.name.removesuffix("_total")]
            assert (found.type, found.documentation) == (family.kind, family.help)
            assert {*family.labels, "host"} >= {*found.samples[0].labels} - {"le"}
    labels = values(text, "workerhost_api_request_seconds_count", "route", "method", "status")
    assert labels == {(OTHER, OTHER, "404"): 1}


def test_families_have_names_as_prometheus_wants_them() -> None:
    assert len({each.name for each in FAMILIES}) == len(FAMILIES)
    for family in FAMILIES:
        assert family.name.endswith("_total") == (family.kind == MetricKind.COUNTER), family.name
        assert bool(family.buckets) == (family.kind == MetricKind.HISTOGRAM), family.name
        assert family.help.endswith("."), family.name


def test_texts_of_several_hosts_become_one() -> None:
    recorders = {host: MetricsRecorder(LabelNames(5)) for host in ("a", "b")}
    for recorder in recorders.values():
        recorder.activity_ended(ended("p"))
    text = merged(recorder.text(host_label(host)) for host, recorder in recorders.items())
    families = [each.name for each in text_string_to_metric_families(text)]
    assert len(families) == len(set(families))
    assert values(text, "workerhost_activities_total", "host") == {("a",): 1, ("b",): 1}


def test_numbers_are_written_as_prometheus_reads_them() -> None:
    written = [number(each) for each in (1, 1.0, 0.25, float("inf"), float("-inf"), float("nan"), 1e-9, 10**15)]
    assert written == ["1", "1", "0.25", "+Inf", "-Inf", "NaN", "1e-09", str(10**15)]
    assert beginning("name", host_label("h"), {"a": "", "b": "c"}) == 'name{host="h",b="c"} '


def test_what_the_sdk_says_of_many_projects_is_added_up_without_their_names() -> None:
    buffer = MetricBuffer(1000)
    runtime = Runtime(telemetry=TelemetryConfig(metrics=buffer))
    gauge = runtime.metric_meter.create_gauge("temporal_num_pollers")
    requests = runtime.metric_meter.create_counter("temporal_request")
    latency = runtime.metric_meter.create_histogram_float("temporal_request_latency")
    for each in range(3):
        attributes = {"namespace": "n", "task_queue": f"queue-{each}", "workflow_type": f"type-{each}"}
        gauge.set(5, attributes)
        gauge.set(2, attributes)
        requests.add(1, attributes)
        latency.record(0.1, attributes)
    runtime.metric_meter.create_counter("of_a_project").add(1)
    series, registry = SdkSeries(), CollectorRegistry()
    registry.register(series)
    series.take(buffer.retrieve_updates())
    text = registry_text(registry, host_label("h"))
    assert "queue-" not in text
    assert "type-" not in text
    assert "of_a_project" not in text
    assert values(text, "temporal_num_pollers", "namespace") == {("n",): 6}
    assert values(text, "temporal_request_total", "namespace") == {("n",): 3}
    assert values(text, "temporal_request_latency_seconds_count", "namespace") == {("n",): 3}
    series.forget_other_queues({"queue-0"})
    assert values(registry_text(registry, host_label("h")), "temporal_num_pollers", "namespace") == {("n",): 2}


def test_what_the_sdk_says_of_one_run_takes_no_memory_once_it_is_counted() -> None:
    buffer = MetricBuffer(1000)
    requests = Runtime(telemetry=TelemetryConfig(metrics=buffer)).metric_meter.create_counter("temporal_request")
    series, registry = SdkSeries(), CollectorRegistry()
    registry.register(series)
    requests.add(1, {"namespace": "n", "run": "1"})
    [update] = buffer.retrieve_updates()
    before = sys.getrefcount(update.attributes)
    series.take([update])
    requests.add(1, {"namespace": "n", "run": "2"})
    series.take(buffer.retrieve_updates())
    after = sys.getrefcount(update.attributes)  # by itself, since an assertion has references of its own
    assert after == before
    assert values(registry_text(registry, host_label("h")), "temporal_request_total", "namespace") == {("n",): 2}


@pytest.mark.parametrize("name", ["temporal_of-a-project", 'temporal_of"a', "temporal_of\na", "temporal_größe"])
def test_metrics_of_code_that_prometheus_could_not_read_are_left_out(name: str) -> None:
    buffer = MetricBuffer(1000)
    meter = Runtime(telemetry=TelemetryConfig(metrics=buffer)).metric_meter
    meter.create_counter("temporal_request").add(1)
    meter.create_counter(name).add(1)
    meter.create_gauge("temporal_request").set(5)  # which the SDK counts
    series, registry = SdkSeries(), CollectorRegistry()
    registry.register(series)
    series.take(buffer.retrieve_updates())
    families = {each.name: each.type for each in text_string_to_metric_families(registry_text(registry, 'host="h"'))}
    assert families == {"workerhost_sdk_series_dropped": "counter", "temporal_request": "counter"}
