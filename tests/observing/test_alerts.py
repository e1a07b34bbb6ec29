"""Every alert fires when something happens that it is about, and none while all is well; asked of promtool itself."""

import subprocess
import tomllib
from pathlib import Path
from typing import Any

import pytest
import yaml

import generate_dashboard
from support.prometheus import PROMTOOL, program
from watching.description import FAMILY, ROOT, Alert, read
from watching.page import BEGIN, END, page_with_alerts
from workerhost.runtime.metrics.families import FAMILIES, HOST_LABEL, SDK_PREFIX, MetricKind

WATCH = read()
NAMES = [alert.name for alert in WATCH.alerts]
CASES = tomllib.loads((Path(__file__).parent / "alert_cases.toml").read_text())


def promtool(*arguments: str) -> None:
    done = subprocess.run([program(PROMTOOL), *arguments], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def check_rules(folder: Path, series: dict[str, str], expected: list[dict[str, Any]]) -> None:
    """Let Prometheus' rules see the series, and compare what fires at which time."""
    test = {
        "interval": "1m",
        "input_series": [{"series": name, "values": values} for name, values in series.items()],
        "alert_rule_test": expected,
    }
    file = folder / "test.yaml"
    rules = str(ROOT / generate_dashboard.RULES)
    file.write_text(yaml.safe_dump({"rule_files": [rules], "evaluation_interval": "1m", "tests": [test]}))
    promtool("test", "rules", str(file))


def fires(alert: Alert, case: dict[str, Any]) -> dict[str, Any]:
    return {
        "exp_labels": {"severity": alert.severity, **case["labels"]},
        "exp_annotations": {
            "summary": case["summary"],
            "description": f"{alert.meaning} {alert.action}",
            "runbook": f"docs/observe.md#{alert.anchor}",
        },
    }


def test_every_alert_has_a_case_in_which_it_fires() -> None:
    assert sorted(CASES["cases"]) == sorted(NAMES)


@pytest.mark.parametrize("alert", WATCH.alerts, ids=NAMES)
def test_an_alert_fires_when_it_should_with_its_sentence_and_no_other_does(alert: Alert, tmp_path: Path) -> None:
    case = CASES["cases"][alert.name]
    expected = [{"alertname": alert.name, "eval_time": case["at"], "exp_alerts": [fires(alert, case)]}]
    others = set(NAMES) - {alert.name, *case.get("also", ())}
    expected += [{"alertname": name, "eval_time": case["at"], "exp_alerts": []} for name in sorted(others)]
    check_rules(tmp_path, {**CASES["healthy"], **case["series"]}, expected)


def test_no_alert_fires_while_all_is_well(tmp_path: Path) -> None:
    times = ("1m", "5m", "12m", "20m", "35m", "55m")
    quiet = [{"alertname": name, "eval_time": time, "exp_alerts": []} for name in NAMES for time in times]
    check_rules(tmp_path, CASES["healthy"], quiet)


def test_prometheus_takes_the_rules_and_the_configuration() -> None:
    promtool("check", "config", str(ROOT / generate_dashboard.FOLDER / "prometheus.yaml"))


def samples() -> dict[str, set[str]]:
    """Return the names of all samples of the host, with their labels."""
    found: dict[str, set[str]] = {}
    for family in FAMILIES:
        labels = {*family.labels, HOST_LABEL, "instance", "job"}
        if family.kind is MetricKind.HISTOGRAM:
            found |= {family.name + suffix: labels for suffix in ("_count", "_sum")}
            found[f"{family.name}_bucket"] = labels | {"le"}
        else:
            found[family.name] = labels
    return found


def test_what_is_watched_are_metrics_that_exist() -> None:
    asked = {name for name in WATCH.families() if name.startswith("workerhost_")}
    assert asked <= set(samples())


def test_the_cases_are_of_metrics_that_exist_with_the_labels_that_these_have() -> None:
    known = samples()
    cases = [CASES["healthy"], *(case["series"] for case in CASES["cases"].values())]
    for series in (each for case in cases for each in case):
        name = FAMILY.match(series)
        assert name, series
        labels = set(yaml.safe_load("{" + series.partition("{")[2].replace("=", ": ")))
        if not name.group().startswith(SDK_PREFIX):  # what the SDK has is asked of a live service
            assert labels <= known[name.group()], series


def test_the_files_are_what_the_command_makes_of_the_description() -> None:
    assert list(generate_dashboard.differences(generate_dashboard.generated())) == []


def test_a_change_of_a_file_is_found(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    made = generate_dashboard.generated()
    monkeypatch.setattr(generate_dashboard, "ROOT", tmp_path)
    for name, text in made.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    assert list(generate_dashboard.differences(made)) == []
    (tmp_path / generate_dashboard.RULES).write_text("groups: []\n")
    assert "-groups: []\n" in list(generate_dashboard.differences(made))


def test_a_page_without_a_place_for_the_alerts_is_refused() -> None:
    with pytest.raises(ValueError, match="must have each of these lines once"):
        page_with_alerts(f"{BEGIN}\n{END}\n{END}\n", WATCH)
