"""Finding executions by what is known of them, and counting them."""

from pathlib import Path
from typing import Any

import pytest

from support import greeting
from support.refusals import refused
from workerhost.runtime.executions.listing import operations
from workerhost.testing import ECHO, Api, eventually, unique_id

FAILING = """
from temporalio import workflow
from temporalio.exceptions import ApplicationError

@workflow.defn
class Failing:
    @workflow.run
    async def run(self, forever: bool) -> None:
        if forever:
            raise ValueError("again and again")
        raise ApplicationError("at once")
"""


class Runs:
    """A project with runs of several kinds. All tests of the module look at the same ones.

    Args:
        api: of the service.
        project: id of the project.
    """

    def __init__(self, api: Api, project: str) -> None:
        self.project = project
        api.deploy(project, "echo", {"version": "1", "workflowCode": ECHO}, start=False)
        api.put(f"/projects/{project}/workflows/failing", {"version": "1", "workflowCode": FAILING})
        api.put(f"/projects/{project}/workflows/greeting", greeting("A"))
        api.post("/workers/start", {"projectId": project})
        self.echoes = [self._begin(api, "Echo", "tea", name=f"echo-{number}") for number in range(3)]
        self.failed = self._begin(api, "Failing", False, name="failing-1")
        for each in (*self.echoes, self.failed):
            api.outcome(project, each)
        self.first_build = api.get(f"/projects/{project}/executions/{self.echoes[0]}")["buildId"]
        self.stuck = self._begin(api, "Failing", True, name="failing-2")
        self.open = self._begin(api, "Greeting", "Ada", name="greeting-1")
        eventually(lambda: api.get(f"/projects/{project}/executions/{self.open}")["buildId"])
        api.put(f"/projects/{project}/workflows/greeting", greeting("B"))
        self.on_second = self._begin(api, "Greeting", "Ada", name="greeting-2")
        self.second_build = eventually(lambda: api.get(f"/projects/{project}/executions/{self.on_second}")["buildId"])
        eventually(lambda: api.get(f"/projects/{project}/executions/{self.stuck}")["stuck"])
        self.all = [*self.echoes, self.failed, self.stuck, self.open, self.on_second]
        eventually(lambda: len(api.get(f"/projects/{project}/executions")["executions"]) == len(self.all))
        eventually(lambda: self.found(api, status="RUNNING") == {self.stuck, self.open, self.on_second})
        eventually(lambda: self.found(api, buildId=self.second_build) == {self.on_second})

    def _begin(self, api: Api, workflow_type: str, *args: Any, name: str) -> str:
        body = {"workflowType": workflow_type, "args": args, "workflowId": f"{self.project}-{name}"}
        return str(api.post(f"/projects/{self.project}/executions", body)["workflowId"])

    def found(self, api: Api, **filters: Any) -> set[str]:
        return {each["workflowId"] for each in self.page(api, **filters)["executions"]}

    def page(self, api: Api, **filters: Any) -> Any:
        answer = api.client.get(f"/projects/{self.project}/executions", query_string=filters)
        assert answer.status_code == 200, answer.text
        return answer.get_json()

    def counts(self, api: Api, **filters: Any) -> Any:
        answer = api.client.get(f"/projects/{self.project}/execution-counts", query_string=filters)
        assert answer.status_code == 200, answer.text
        return answer.get_json()


@pytest.fixture(scope="module")
def made() -> list[Runs]:
    """What the first test has made for all of them."""
    return []


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("database")


@pytest.fixture
def database_url(folder: Path) -> str:
    """The services of all tests of the module have one database."""
    return f"sqlite:///{folder / 'workerhost.db'}"


@pytest.fixture
def runs(api: Api, made: list[Runs]) -> Runs:
    if not made:
        made.append(Runs(api, unique_id("found")))
    return made[0]


def test_executions_are_found_by_what_is_known_of_them(api: Api, runs: Runs) -> None:
    assert runs.found(api, status="COMPLETED") == set(runs.echoes)
    assert runs.found(api, status=["COMPLETED", "FAILED"]) == {*runs.echoes, runs.failed}
    assert runs.found(api, workflowType="Failing") == {runs.failed, runs.stuck}
    assert runs.found(api, workflowType="Failing", status="RUNNING") == {runs.stuck}
    assert runs.found(api, workflowIdPrefix=f"{runs.project}-echo-") == set(runs.echoes)
    assert runs.found(api, buildId=runs.first_build) >= {*runs.echoes, runs.open}
    assert runs.found(api, workflowType="Nothing") == set()


def test_executions_are_found_by_their_times(api: Api, runs: Runs) -> None:
    echo = api.get(f"/projects/{runs.project}/executions/{runs.echoes[1]}")
    started, closed = echo["startedAt"], echo["closedAt"]
    assert runs.echoes[0] not in runs.found(api, startedAfter=started)
    assert {runs.echoes[0]} <= runs.found(api, startedBefore=started)
    assert runs.open not in runs.found(api, startedBefore=started)
    assert runs.found(api, closedAfter=closed) <= {*runs.echoes, runs.failed}
    assert runs.found(api, closedBefore="2020-01-01T00:00:00Z") == set()
    assert runs.found(api, startedAfter="2020-01-01T00:00:00+01:00") == set(runs.all)


def test_filters_hold_on_every_page(api: Api, runs: Runs) -> None:
    found, cursor = [], ""
    while True:
        page = runs.page(
            api, workflowIdPrefix=f"{runs.project}-echo-", limit=1, **({"cursor": cursor} if cursor else {})
        )
        found += [each["workflowId"] for each in page["executions"]]
        if page["cursor"] is None:
            break
        cursor = page["cursor"]
    assert found == runs.echoes[::-1]


def test_those_that_do_not_go_on_are_listed_with_why(api: Api, runs: Runs) -> None:
    [stuck] = runs.page(api, stuck="true")["executions"]
    assert stuck["workflowId"] == runs.stuck
    assert stuck["stuck"]["code"] == "workflow_task_fails"
    assert "again and again" in stuck["stuck"]["reason"]
    assert runs.found(api, stuck="true", workflowType="Echo") == set()
    assert runs.found(api, stuck="true", status="COMPLETED") == set()
    assert runs.found(api, stuck="false") == set(runs.all)
    assert runs.page(api, stuck="true", limit=1)["executions"] == [stuck]


def test_executions_are_counted_also_in_groups(api: Api, runs: Runs) -> None:
    assert runs.counts(api) == {"count": 7, "groups": []}
    assert runs.counts(api, status="RUNNING")["count"] == 3
    by_status = runs.counts(api, groupBy="status")
    assert by_status["count"] == 7
    assert by_status["groups"] == [
        {"value": "RUNNING", "count": 3},
        {"value": "COMPLETED", "count": 3},
        {"value": "FAILED", "count": 1},
    ]
    by_type = runs.counts(api, groupBy="workflowType", status=["COMPLETED", "FAILED"])["groups"]
    assert by_type == [{"value": "Echo", "count": 3}, {"value": "Failing", "count": 1}]
    by_build = {each["value"]: each["count"] for each in runs.counts(api, groupBy="buildId")["groups"]}
    assert by_build[runs.second_build] == 1
    assert sum(by_build.values()) == 7


def test_those_that_do_not_go_on_are_counted(api: Api, runs: Runs, monkeypatch: pytest.MonkeyPatch) -> None:
    assert runs.counts(api, stuck="true") == {"count": 1, "groups": []}
    assert runs.counts(api, stuck="true", status="COMPLETED", groupBy="status") == {"count": 0, "groups": []}
    assert runs.counts(api, stuck="true", workflowType="Echo")["count"] == 0
    by_type = runs.counts(api, stuck="true", groupBy="workflowType")["groups"]
    assert by_type == [{"value": "Failing", "count": 1}]
    by_status = runs.counts(api, stuck="true", groupBy="status")["groups"]
    assert by_status == [{"value": "RUNNING", "count": 1}]
    assert sum(each["count"] for each in runs.counts(api, stuck="true", groupBy="buildId")["groups"]) == 1
    monkeypatch.setattr(operations, "MOST_COUNTED", 2)
    path = f"/projects/{runs.project}/execution-counts?stuck=true"
    answer = refused(api, "GET", path, None, 409, "3 run that the filters admit, more than 2", "narrow them")
    assert answer["code"] == "too_many_executions"
    assert runs.counts(api, stuck="true", workflowType="Failing")["count"] == 1


def test_a_batch_is_about_the_runs_that_are_on_a_build_now(api: Api, project_id: str) -> None:
    path = f"/projects/{project_id}/executions"
    builds: list[str] = []
    begun: list[str] = []

    def begin() -> str:
        begun.append(api.begin(project_id, "Greeting", "Ada"))
        return str(eventually(lambda: api.get(f"{path}/{begun[-1]}")["buildId"]))

    for version in ("A", "B"):
        api.deploy(project_id, "greeting", greeting(version))
        builds.append(begin())
        assert begin() == builds[-1]
    moved, first, second, moved_back = begun
    api.post(f"{path}/{moved}/move", {"build": builds[1]})
    api.post(f"{path}/{moved_back}/move", {"build": builds[0]})

    def found(build: str) -> set[str]:
        return {each["workflowId"] for each in api.get(f"{path}?buildId={build}")["executions"]}

    eventually(lambda: found(builds[0]) == {first, moved_back})
    eventually(lambda: found(builds[1]) == {second, moved})
    groups = api.get(f"/projects/{project_id}/execution-counts?groupBy=buildId")["groups"]
    assert {each["value"]: each["count"] for each in groups} == dict.fromkeys(builds, 2)
    batch = api.post(f"/projects/{project_id}/batches", {"operation": "terminate", "filter": {"buildId": builds[1]}})
    progress = f"/projects/{project_id}/batches/{batch['batchId']}"
    eventually(lambda: api.get(progress)["status"] == "completed")
    assert api.get(progress)["done"] == 2
    assert [api.get(f"{path}/{each}")["status"] for each in begun] == ["TERMINATED", "RUNNING", "TERMINATED", "RUNNING"]


def test_a_run_that_was_moved_is_found_on_the_build_that_it_is_on(api: Api, runs: Runs) -> None:
    path = f"/projects/{runs.project}/executions/{runs.open}"
    api.post(f"{path}/move", {"build": runs.second_build})
    assert runs.open in runs.found(api, buildId=runs.second_build)
    assert runs.open not in runs.found(api, buildId=runs.first_build)
    api.post(f"{path}/move", {"build": runs.first_build})
    assert runs.open in runs.found(api, buildId=runs.first_build)


def test_types_that_cannot_be_asked_for_do_not_keep_others_from_being_counted(api: Api, project_id: str) -> None:
    code = ECHO.replace("@workflow.defn\n", '@workflow.defn(name="it\'s")\n').replace("class Echo", "class Its")
    api.deploy(project_id, "echo", {"version": "1", "workflowCode": ECHO}, start=False)
    api.deploy(project_id, "quoted", {"version": "1", "workflowCode": code})
    for name in ("Echo", "it's"):
        api.run(project_id, name, "tea")
    expected = [{"value": "Echo", "count": 1}, {"value": None, "count": 1}]
    path = f"/projects/{project_id}/execution-counts?groupBy=workflowType"
    eventually(lambda: sorted(api.get(path)["groups"], key=str) == sorted(expected, key=str))


@pytest.mark.parametrize(
    ("query", "part"),
    [
        ("status=failed", "status.0: Input should be 'RUNNING'"),
        ("startedAfter=yesterday", "startedAfter must be a time with its zone"),
        ("startedAfter=2026-01-31T12:00:00", "startedAfter must be a time with its zone"),
        ("startedBefore=0.5", "startedBefore must be a time with its zone"),
        ("buildId=x", "buildId: String should match"),
        ("workflowType=it's", "holds quotes"),
        ("workflowIdPrefix=it's", "holds quotes"),
        ("limit=1&limit=2", "limit stands in the query more than once"),
        ("stuck=perhaps", "stuck must be true or false"),
        ("colour=red", "colour is not a known parameter"),
        ("groupBy=status", "groupBy is not a known parameter"),
    ],
)
def test_a_filter_that_is_not_valid_is_refused_and_named(api: Api, project_id: str, query: str, part: str) -> None:
    api.put(f"/projects/{project_id}")
    refused(api, "GET", f"/projects/{project_id}/executions?{query}", None, 400, part)


def test_counts_by_what_nobody_counts_are_refused(api: Api, project_id: str) -> None:
    api.put(f"/projects/{project_id}")
    refused(api, "GET", f"/projects/{project_id}/execution-counts?groupBy=colour", None, 400, "groupBy")
    assert api.get(f"/projects/{project_id}/execution-counts?groupBy=status") == {"count": 0, "groups": []}
