"""A project with schedules, and where these are."""

from collections.abc import Iterator

from workerhost.testing import ECHO, Api

WAITS = """
from temporalio import workflow


@workflow.defn
class Waits:
    @workflow.run
    async def run(self) -> None:
        await workflow.wait_condition(lambda: False)
"""


DAILY = {"workflowType": "Echo", "args": ["tea"], "cron": ["@daily"]}


def scheduled_project(api: Api, project_id: str) -> Iterator[str]:
    """Yield a project that is deleted with its schedules, since all tests share a Temporal server."""
    api.deploy(project_id, "echo", {"version": "1", "workflowCode": ECHO}, start=False)
    api.deploy(project_id, "waits", {"version": "1", "workflowCode": WAITS})
    yield project_id
    api.call("DELETE", f"/projects/{project_id}", None, (200, 404))


def path_of(project: str, name: str = "") -> str:
    """Return the path of a schedule, or of all where there is no name."""
    return f"/projects/{project}/schedules/{name}".removesuffix("/")


def schedule_names(api: Api, project: str) -> list[str]:
    """Return the names of the project's schedules, as they are listed."""
    return [each["name"] for each in api.get(path_of(project))["schedules"]]
