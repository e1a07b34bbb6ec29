"""`workerhost schedules`, as processes: making, listing, showing, pausing, starting and deleting schedules."""

from collections.abc import Iterator

import pytest

from support.commands import call, call_json, complete
from workerhost import Client, WorkflowCode
from workerhost.testing import ECHO, eventually


@pytest.fixture
def project(client: Client, project_id: str) -> Iterator[str]:
    """A project whose schedules are deleted, since all tests share a Temporal server."""
    client.put_project(project_id)
    client.publish(project_id, WorkflowCode("echo", "1", ECHO))
    client.start(project_id)
    yield project_id
    for schedule in list(client.schedules(project_id)):
        client.delete_schedule(project_id, schedule.name)


def put(client: Client, project: str, *arguments: str) -> str:
    return call(client, "schedules", "put", project, *arguments).stdout


def test_schedules_are_made_listed_and_shown(client: Client, project: str) -> None:
    assert call(client, "schedules", project).stdout == (
        f"Project {project} has no schedules; `workerhost schedules put` makes one.\n"
    )
    daily = ("daily", "Echo", "tea", "--cron", "0 9 * * *", "--time-zone", "Asia/Kolkata", "--note", "at nine")
    assert put(client, project, *daily).startswith(f"Schedule daily of project {project} starts Echo at 2")
    put(client, project, "often", "Echo", "tea", "--every", "1h30m", "--jitter", "90s", "--overlap", "bufferOne")
    calendar = ("market", "Echo", "tea", "--calendar", '{"hour": 7, "dayOfWeek": "sat"}', "--paused")
    assert put(client, project, *calendar) == (
        f"Schedule market of project {project} is paused, and starts nothing until it is resumed\n"
    )
    head, *rows = call(client, "schedules", project).stdout.splitlines()
    assert head.split("  ")[0] == "SCHEDULE"
    assert [row.split()[:3] for row in rows] == [
        ["daily", "Echo", "active"],
        ["market", "Echo", "paused"],
        ["often", "Echo", "active"],
    ]
    assert "0 9 * * * (Asia/Kolkata)" in rows[0]
    assert '{"hour": 7, "dayOfWeek": "sat"}' in rows[1]
    assert "every 1 h 30 min" in rows[2]
    assert call(client, "schedules", "list", project).stdout.splitlines()[0] == head
    fields, times = call(client, "schedules", "show", project, "daily").stdout.split("\n\n")
    shown = dict(line.split(maxsplit=1) for line in fields.splitlines())
    assert (shown["Input"], shown["Note"], shown["When"]) == ('"tea"', "at nine", "0 9 * * *")
    first = times.splitlines()[1]
    assert " 03:30:00Z  " in first
    assert " 09:00:00  " in first
    often = call(client, "schedules", "show", project, "often").stdout
    assert "Overlap    bufferOne\nJitter     1 min 30 s\n" in often


def test_schedules_are_json_for_programs(client: Client, project: str) -> None:
    made = call_json(client, "schedules", "put", project, "often", "Echo", "tea", "--every", "60", "--catch-up", "1m")
    assert (made["name"], made["args"], made["intervalSeconds"], made["catchUpSeconds"]) == ("often", ["tea"], 60, 60)
    listed = call_json(client, "schedules", project)
    assert [each["name"] for each in listed["schedules"]] == ["often"]
    assert listed["cursor"] is None
    assert call_json(client, "schedules", "show", project, "often")["name"] == "often"
    assert call_json(client, "schedules", "pause", project, "often")["success"] is True
    options_first = call(client, "schedules", "--json", project).stdout
    assert '"paused": true' in options_first


def test_a_schedule_is_paused_resumed_started_and_deleted(client: Client, project: str) -> None:
    put(client, project, "yearly", "Echo", "tea", "--cron", "@yearly")
    done = [
        call(client, "schedules", command, project, "yearly", *more).stdout
        for command, *more in (
            ("pause", "--note", "holidays"),
            ("trigger", "--overlap", "allowAll"),
            ("backfill", "--from", "2024-12-01", "--to", "2026-02-01T00:00+01:00"),
        )
    ]
    assert done == [
        "Schedule yearly is paused\n",
        "Schedule yearly was asked to start a run\n",
        "Schedule yearly was asked to start the runs of 2 times\n",
    ]

    def shown() -> str:
        return call(client, "schedules", "show", project, "yearly").stdout

    eventually(lambda: shown().count(f"{project}.yearly-") == 3)
    assert "State      paused" in shown()
    assert "Note       holidays" in shown()
    assert "NEXT RUNS" not in shown()
    assert call(client, "schedules", "resume", project, "yearly").stdout == "Schedule yearly goes on\n"
    assert "NEXT RUNS" in shown()
    deleted = call(client, "schedules", "delete", project, "yearly").stdout
    assert deleted == f"Schedule yearly of project {project} deleted\n"


def test_a_name_that_is_not_there_is_answered_with_the_one_that_was_meant(client: Client, project: str) -> None:
    put(client, project, "daily", "Echo", "tea", "--cron", "@daily")
    refused = call(client, "schedules", "pause", project, "dayly", expect=1).stderr
    assert refused == f"workerhost: project {project} has no schedule dayly; did you mean daily?\n"
    refused = call(client, "schedules", f"{project}x", expect=1).stderr
    assert refused.startswith(f"workerhost: project {project}x does not exist; did you mean {project}")
    refused = call(client, "schedules", "puase", project, "daily", expect=2).stderr
    assert "No such command 'puase'; did you mean pause?" in refused
    refused = call(client, "schedules", "put", project, "other", "Ecko", "--cron", "@daily", expect=1).stderr
    assert refused.endswith("did you mean Echo?\n")


@pytest.mark.parametrize(
    ("arguments", "code", "sentence"),
    [
        (["--cron", "0 25 * * *"], 1, "cron.0 has '25' at character 3"),
        (["--every", "0"], 1, "intervalSeconds"),
        (["--cron", "@daily", "--time-zone", "Europe/Nowhere"], 1, "Temporal knows no time zone Europe/Nowhere"),
        ([], 2, "with --cron, --every or --calendar"),
        (["--every", "5x"], 2, "'5x' is no duration"),
        (["--calendar", "[1]"], 2, "must be a JSON object"),
        (["--every", "60", "--overlap", "never"], 2, "'bufferOne'"),
    ],
)
def test_a_schedule_that_does_not_fit_is_explained(
    client: Client, project: str, arguments: list[str], code: int, sentence: str
) -> None:
    assert sentence in call(client, "schedules", "put", project, "s", "Echo", "tea", *arguments, expect=code).stderr
    assert list(client.schedules(project)) == []


def test_arguments_of_a_schedule_are_explained_as_those_of_a_run(client: Client, project: str) -> None:
    wrong = ("schedules", "put", project, "s", "Echo", "3", "--cron", "@yearly")
    refused = call(client, *wrong, expect=1).stderr.splitlines()
    assert refused[0].startswith("workerhost: args[0]: 3 is not of type 'string'")
    assert refused[1].startswith("Echo takes ")
    assert "'\"3\"'" in refused[2]
    call(client, *wrong, "--unchecked")


def test_a_time_that_is_none_is_explained(client: Client) -> None:
    refused = call(client, "schedules", "backfill", "shop", "daily", "--from", "yesterday", expect=2).stderr
    assert "'yesterday' is no time" in refused


def test_a_shell_is_offered_commands_projects_and_schedules(client: Client, project: str) -> None:
    put(client, project, "daily", "Echo", "tea", "--cron", "@daily")
    service = {"WORKERHOST_URL": client.url}
    assert complete("workerhost schedules back", **service) == ["backfill"]
    assert complete(f"workerhost schedules {project[:-2]}", **service) == [project]
    assert complete(f"workerhost schedules {project} --js", **service) == ["--json"]
    assert complete(f"workerhost schedules pause {project} da", **service) == ["daily"]
    assert complete(f"workerhost schedules put {project} daily Ec", **service) == ["Echo"]
