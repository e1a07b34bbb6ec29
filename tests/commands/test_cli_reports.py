"""`workerhost statistics` and `usage`: what they print, as tables, JSON and CSV, and what they refuse."""

from datetime import UTC, datetime

import pytest

from support.commands import call, call_json
from workerhost import Client, WorkflowCode
from workerhost.testing import ECHO, eventually


@pytest.fixture
def echoed(client: Client, project_id: str) -> str:
    """A project of which one run has been counted."""
    client.put_project(project_id)
    client.publish(project_id, WorkflowCode("echo", "1", ECHO))
    client.start(project_id)
    assert client.run(project_id, "Echo", "tea") == "echo: tea"
    eventually(lambda: client.statistics(project_id, of="runs").executions and client.usage(project_id).total.actions)
    return project_id


def test_statistics_show_runs_and_activities_of_one_project_or_of_all(client: Client, echoed: str) -> None:
    head, *lines = call(client, "statistics", echoed, "--of", "runs").stdout.splitlines()
    assert head.split()[:4] == ["WORKFLOW", "TYPE", "EXECUTIONS", "FAILED"]
    assert [line.split()[:3] for line in lines] == [["Echo", "1", "0"], ["in", "all", "1"]]
    assert call_json(client, "statistics", echoed, "--by", "hour", "--of", "runs")["counted"] == "runs"
    assert call_json(client, "statistics", "--by", "build")["executions"] >= 1
    old = call(client, "statistics", echoed, "--from", "2026-01-30", "--to", "2026-01-31T12:00+01:00").stdout
    assert old == "No activities ended in this time.\n"
    refused = call(client, "statistics", echoed, "--from", "soon", expect=2).stderr
    assert "'--from': 'soon' is no time" in refused
    assert "TIME" in call(None, "statistics", "--help").stdout
    assert "of is runs" in call(client, "statistics", "--of", "runs", "--by", "activity", expect=1).stderr


def test_usage_shows_the_days_of_a_project_or_what_each_project_used(client: Client, echoed: str) -> None:
    today = str(datetime.now(UTC).date())
    days = call(client, "usage", echoed, "--csv").stdout.splitlines()
    assert [line.split(",")[:2] for line in days] == [["date", "executions"], [today, "1"]]
    assert "give one of them" in call(client, "usage", echoed, "--csv", "--json", expect=2).stderr
    of_all = call(client, "usage", "--csv").stdout.splitlines()
    assert of_all[0].split(",")[:2] == ["projectId", "executions"]
    assert [echoed, "1"] in [line.split(",")[:2] for line in of_all]
    assert any(line.split()[:2] == [echoed, "1"] for line in call(client, "usage").stdout.splitlines())
    assert echoed in [each["projectId"] for each in call_json(client, "usage")["projects"]]
    assert call(client, "usage", "--to", "2020-01-31").stdout == "No project has used anything in this time.\n"
    assert "'--to': '2020-13-01' is no day" in call(client, "usage", "--to", "2020-13-01", expect=2).stderr
