"""Projects in the host, whose activities end it again and again, get a process of their own."""

import re
from pathlib import Path

from support.callers import CALLER
from support.processes import serve
from workerhost.runtime.temporal.embedded import EmbeddedTemporal
from workerhost.testing import ECHO, eventually, unique_id

CRASH = """
import os

from temporalio import activity


@activity.defn
def crash() -> None:
    os._exit(3)
"""

PATIENT = CALLER.replace("maximum_attempts=3", "maximum_attempts=20")


def test_a_project_with_which_hosts_die_is_put_into_a_process_of_its_own(
    tmp_path: Path, temporal: EmbeddedTemporal
) -> None:
    deadly, neighbour = unique_id("project"), unique_id("project")
    with serve(tmp_path, temporal, "--workers", "2", WORKERHOST_ISOLATION="thread") as (process, client):
        client.deploy(neighbour, "echo", {"version": "1", "workflowCode": ECHO})
        client.deploy(deadly, "caller", {"version": "1", "workflowCode": PATIENT, "activitiesCode": CRASH})
        client.call("POST", f"/projects/{deadly}/executions", {"workflowType": "Caller", "args": ["crash", []]})
        process.wait_for(f"project {deadly} runs in a process of its own: [3-9] hosts died in the last hour", 60)
        process.wait_for(f"project {deadly}: its process died: exit code 3 in activity crash", 60)
        assert client.run(neighbour, "Echo", "beside") == "echo: beside"
        status = eventually(lambda: (found := client.call("GET", f"/workers/status/{deadly}"))["error"] and found)
        sentence = r"while these activities ran: crash \([3-9] times\); so its code runs in a process of its own"
        assert re.search(sentence, status["error"])
        assert process.end() == 0
