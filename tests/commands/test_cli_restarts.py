"""`run` and `show --watch` go on when the service that they watch is killed and comes back."""

from pathlib import Path

import psutil

from support.processes import Workerhost, serve
from workerhost import Client, WorkflowCode
from workerhost.runtime.temporal.embedded import EmbeddedTemporal
from workerhost.testing import eventually, unique_id

STOPS = """
from datetime import timedelta

from temporalio import activity, workflow


@activity.defn
async def double(number: int) -> int:
    return 2 * number


@workflow.defn
class Stops:
    def __init__(self) -> None:
        self.goes_on = False

    @workflow.run
    async def run(self, number: int) -> int:
        number = await workflow.execute_activity(double, number, start_to_close_timeout=timedelta(seconds=60))
        await workflow.wait_condition(lambda: self.goes_on)
        return await workflow.execute_activity(double, number, start_to_close_timeout=timedelta(seconds=60))

    @workflow.signal
    def go_on(self) -> None:
        self.goes_on = True
"""


def test_run_and_show_go_on_when_every_host_is_killed(tmp_path: Path, temporal: EmbeddedTemporal) -> None:
    project, run = unique_id("project"), unique_id("run")
    with serve(tmp_path, temporal) as (process, rest), Client(rest.url) as client:
        client.put_project(project)
        client.publish(project, WorkflowCode("stops", "1", STOPS))
        client.start(project)
        begun = Workerhost("run", project, "Stops", "3", "--id", run, "--url", rest.url, folder=tmp_path)
        begun.wait_for(r"^completed  double\(3\)")
        shown = Workerhost("show", project, run, "--watch", "--url", rest.url, folder=tmp_path)
        shown.wait_for(r"^completed  double\(3\)")
        for each in psutil.Process(process.pid).children():
            each.kill()
        eventually(rest.answers, 60)
        client.signal(project, run, "go_on")
        for command in (begun, shown):
            assert command.wait() == 0, command.output
            assert command.output.splitlines()[-1] == "12"
            assert command.output.count("completed  double(3)") == 1
            assert command.output.count("completed  double(6)") == 1
