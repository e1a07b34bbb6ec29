"""What the tests of publishing share: workflows that do what they are told, and calls about deployments."""

from typing import Any

from support.refusals import dump
from workerhost.runtime.service import Service
from workerhost.testing import Api

WORK = '''
from datetime import timedelta

from temporalio import workflow
from temporalio.exceptions import ApplicationError


@workflow.defn
class Work:
    """Does what it is told, and returns the mark of its build."""

    def __init__(self) -> None:
        self.may_end = False

    @workflow.run
    async def run(self, what: str = "") -> str:
        if what in ("fail", "fail on MARK"):
            raise ApplicationError("told to fail on MARK", non_retryable=True)
        if what in ("raise", "raise on MARK"):
            raise RuntimeError("a mistake in MARK")
        if what == "wait":
            await workflow.wait_condition(lambda: self.may_end)
        if what.startswith("continue "):
            workflow.continue_as_new(what.removeprefix("continue "))
        return "MARK"

    @workflow.signal
    def end(self) -> None:
        self.may_end = True

    @workflow.query
    def build(self) -> str:
        return "MARK"


@workflow.defn
class Chain:
    """Continues as new until it has three marks."""

    @workflow.run
    async def run(self, earlier: list[str]) -> list[str]:
        marks = [*earlier, "MARK"]
        if len(marks) < 3:
            workflow.continue_as_new(marks)
        return marks


@workflow.defn
class Retried:
    """Fails twice, and returns the mark of the attempt before and its own."""

    @workflow.run
    async def run(self) -> list[str]:
        if workflow.info().attempt < 3:
            raise ApplicationError("MARK")
        failure = workflow.get_last_failure()
        return [failure.message if isinstance(failure, ApplicationError) else "", "MARK"]
'''


class Sides:
    """Workflow ids by the build that they take while the ramp of a project is as it was when this was made."""

    def __init__(self, service: Service, project_id: str) -> None:
        deployment = service.store.projects.get(project_id).deployment
        assert deployment.ramp is not None
        self.tried = deployment.ramp.build
        ids = [f"{project_id}-{number}" for number in range(1000)]
        self.old = [each for each in ids if deployment.choose(each) == deployment.current]
        self.new = [each for each in ids if deployment.choose(each) == deployment.ramp.build]


def work(mark: str) -> dict[str, Any]:
    """Return the body of a publish whose workflows say `mark`."""
    return {"version": mark, "workflowCode": WORK.replace("MARK", mark)}


def publish(api: Api, project_id: str, mark: str, expect: int = 200, **how: Any) -> Any:
    """Publish such code as the workflow `work`; `how` are further fields of the body."""
    return api.put(f"/projects/{project_id}/workflows/work", {**work(mark), **how}, expect)


def shown(api: Api, project_id: str) -> Any:
    """Return what is deployed, as the API shows it."""
    return api.get(f"/projects/{project_id}/deployment")


def build_shown(api: Api, project_id: str, digest: str) -> Any:
    """Return one build of what is deployed."""
    [build] = [each for each in shown(api, project_id)["builds"] if each["digest"] == digest]
    return build


def active_version(api: Api, project_id: str, name: str = "work") -> str | None:
    """Return the version of a workflow that is active, or None where it has none."""
    workflows = api.get(f"/projects/{project_id}/workflows")["workflows"]
    found: dict[str, str | None] = {each["name"]: each["activeVersion"] for each in workflows}
    return found.get(name)


def stored(service: Service, project_id: str) -> list[Any]:
    """Return all that is stored of projects, code and builds, and what happened to the project's deployment."""
    return [*dump(service), service.store.deployments.events(project_id)]


def published(service: Service, project_id: str) -> list[Any]:
    """Return the same without the table of builds, where those that were only tried are, too."""
    projects, workflows, versions, _, events = stored(service, project_id)
    return [projects, workflows, versions, events]


def begin(api: Api, project_id: str, workflow_id: str, workflow_type: str, *args: Any) -> None:
    """Start an execution of that id."""
    body = {"workflowType": workflow_type, "args": list(args), "workflowId": workflow_id}
    api.post(f"/projects/{project_id}/executions", body, expect=202)


def end(api: Api, project_id: str, workflow_id: str) -> Any:
    """Have an execution that waits end, and return its result."""
    api.post(f"/projects/{project_id}/executions/{workflow_id}/signal", {"name": "end"})
    outcome = api.outcome(project_id, workflow_id)
    assert outcome["status"] == "COMPLETED", outcome
    return outcome["result"]


def mark_of(service: Service, workflow_id: str) -> Any:
    """Ask a run which build answers for it."""
    return service.temporal.call(lambda client: client.get_workflow_handle(workflow_id).query("build"))


def replace_worker(api: Api, project_id: str) -> None:
    """Give the project a worker that has nothing in memory, so that every run is replayed."""
    api.post("/workers/stop", {"projectId": project_id})
    api.post("/workers/start", {"projectId": project_id})
