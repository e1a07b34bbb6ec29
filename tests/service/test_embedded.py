"""The embedded Temporal server: it serves when its start has returned, and says why where it does not start."""

import asyncio
from pathlib import Path

import pytest
from temporalio.api.taskqueue.v1 import TaskQueue
from temporalio.api.workflowservice.v1 import ListTaskQueuePartitionsRequest
from temporalio.client import Client

from workerhost.errors import ConfigurationError
from workerhost.runtime.temporal import embedded
from workerhost.runtime.temporal.embedded import EmbeddedTemporal
from workerhost.testing import free_port

ENDS_ONCE = """#!/bin/sh
if [ "$1" = server ] && [ ! -e "{folder}/tried" ]; then
    touch "{folder}/tried"
    echo "listen tcp 127.0.0.1:7234: bind: address already in use"
    exit 1
fi
exec "{binary}" "$@"
"""


async def _count(address: str) -> int:
    return (await (await Client.connect(address)).count_workflows()).count


def test_it_serves_when_its_start_has_returned(tmp_path: Path) -> None:
    server = EmbeddedTemporal(tmp_path, free_port(), None)
    server.start()
    try:
        assert asyncio.run(_count(server.address)) == 0
        assert server.failure() is None
    finally:
        server.stop()
    server.stop()
    assert "ended with exit code 0" in str(server.failure())


async def _partitions(address: str) -> list[str]:
    client = await Client.connect(address)
    request = ListTaskQueuePartitionsRequest(namespace="default", task_queue=TaskQueue(name="partitions"))
    answer = await client.workflow_service.list_task_queue_partitions(request)
    return [each.key for each in answer.workflow_task_queue_partitions]


def _partitions_of(folder: Path) -> int:
    server = EmbeddedTemporal(folder, free_port(), None)
    server.start()
    try:
        return len(asyncio.run(_partitions(server.address)))
    finally:
        server.stop()


def test_a_task_queue_is_one_partition_in_a_database_that_began_so(tmp_path: Path) -> None:
    assert [_partitions_of(tmp_path), _partitions_of(tmp_path)] == [1, 1]
    (tmp_path / "one-partition").unlink()  # as a version before left it
    assert _partitions_of(tmp_path) == 4


def test_it_tells_what_the_server_said_last_where_it_does_not_start(tmp_path: Path) -> None:
    (tmp_path / "temporal.db").write_text("no database")
    server = EmbeddedTemporal(tmp_path, free_port(), None)
    with pytest.raises(ConfigurationError, match=r"exit code 1 and said: .*file is not a database.*temporal\.log"):
        server.start()
    server.stop()


def test_it_starts_again_where_another_program_took_a_port_of_its_parts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # A stand-in for the server's first start alone: which ports it will choose cannot be known.
    stand_in = tmp_path / "temporal"
    stand_in.write_text(ENDS_ONCE.format(folder=tmp_path, binary=embedded.find_binary(tmp_path)))
    stand_in.chmod(0o755)
    monkeypatch.setattr(embedded, "find_binary", lambda _folder: stand_in)
    server = EmbeddedTemporal(tmp_path / "data", free_port(), None)
    server.start()
    try:
        assert asyncio.run(_count(server.address)) == 0
    finally:
        server.stop()
    assert "address already in use" in (tmp_path / "data" / "temporal.log").read_text()
