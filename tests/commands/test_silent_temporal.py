"""Connections to Temporal that go silent without being closed, while new ones work."""

import asyncio
import time
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import Any

from temporalio.client import Client

from support.processes import RestClient, workerhost
from support.silent_proxy import silent_proxy
from workerhost.runtime.temporal.embedded import EmbeddedTemporal
from workerhost.testing import ECHO, eventually, free_port, unique_id


def test_a_host_finds_out_and_its_status_says_so(tmp_path: Path, temporal: EmbeddedTemporal) -> None:
    project, port = unique_id("silent"), free_port()
    with (
        silent_proxy(temporal.address) as proxy,
        workerhost("serve", "--port", str(port), folder=tmp_path, TEMPORAL_ADDRESS=proxy.address) as process,
    ):
        client = RestClient(f"http://127.0.0.1:{port}")
        try:
            eventually(client.answers)
            client.deploy(project, "echo", {"version": "1", "workflowCode": ECHO})
            assert client.run(project, "Echo", "tea") == "echo: tea"
            proxy.forget()
            began = time.monotonic()
            with ThreadPoolExecutor(1) as thread:
                running = thread.submit(asyncio.run, _run(temporal.address, project))
                status = eventually(partial(_with_error, client, project))
                assert "Temporal does not answer" in status["error"]
                assert running.result(40) == "echo: coffee"
            assert time.monotonic() - began < 20  # it was 45 s
            eventually(lambda: "Temporal answers again" in process.output)
            eventually(lambda: not _with_error(client, project))
            assert process.output.count("Temporal does not answer at") == 1
            assert process.output.count("Temporal answers again, after") == 1
        finally:
            client.close()


def _with_error(client: RestClient, project: str) -> Any:
    found = client.call("GET", f"/workers/status/{project}")
    return found if found["error"] else None


async def _run(address: str, project: str) -> object:
    client = await Client.connect(address)
    return await client.execute_workflow("Echo", "coffee", id=unique_id("run"), task_queue=f"{project}-queue")
