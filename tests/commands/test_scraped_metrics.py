"""Metrics of real services: what is in them, of which hosts, and what happens when one of those does not answer."""

import contextlib
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import psutil
import pytest
from prometheus_client.parser import text_string_to_metric_families

from support.processes import RestClient, Workerhost, serve, workerhost
from workerhost.runtime.metrics.families import FAMILIES, HOST_LABEL, SDK_PREFIX
from workerhost.runtime.metrics.siblings import ANSWER_SECONDS
from workerhost.runtime.temporal.embedded import EmbeddedTemporal
from workerhost.testing import eventually, free_port

CODE = """
import glob
import socket
from datetime import timedelta
from temporalio import activity, workflow
from temporalio.common import RetryPolicy

@activity.defn
async def look(name: str) -> list[str]:
    found = glob.glob("/tmp/workerhost-metrics-*/*") + glob.glob(f"{name}/*")
    for path in [*found, f"{name}/any.sock"]:
        try:
            socket.socket(socket.AF_UNIX).connect(path)
            found.append(f"{path} answers")
        except OSError:
            pass
    return found

@activity.defn
async def fail() -> None:
    raise ValueError("no")

@workflow.defn
class Busy:
    @workflow.run
    async def run(self, name: str) -> list[str]:
        seconds = timedelta(seconds=20)
        found = await workflow.execute_activity(look, name, start_to_close_timeout=seconds)
        try:
            await workflow.execute_activity(
                fail, start_to_close_timeout=seconds,
                retry_policy=RetryPolicy(initial_interval=timedelta(milliseconds=1), maximum_attempts=3),
            )
        except Exception:
            pass
        return found
"""

SLOW = """
import asyncio
from datetime import timedelta
from temporalio import activity, workflow

@activity.defn
async def wait() -> None:
    for _ in range(600):
        activity.heartbeat()
        await asyncio.sleep(0.1)

@workflow.defn
class Slow:
    @workflow.run
    async def run(self) -> None:
        minute = timedelta(minutes=1)
        await asyncio.gather(*(workflow.execute_activity(wait, start_to_close_timeout=minute) for _ in range(8)))
"""

Samples = dict[tuple[str, ...], float]


class Scrape:
    """One answer of `GET /metrics`."""

    def __init__(self, url: str) -> None:
        answer = httpx.get(f"{url}/metrics", timeout=30, trust_env=False)
        assert answer.status_code == 200, answer.text
        assert answer.headers["Content-Type"] == "text/plain; version=0.0.4; charset=utf-8"
        self.text = answer.text
        self.families = list(text_string_to_metric_families(answer.text))

    def values(self, name: str, *labels: str) -> Samples:
        """Return the samples of that name by those labels."""
        samples = [each for family in self.families for each in family.samples if each.name == name]
        return {tuple(each.labels[label] for label in labels): each.value for each in samples}

    def up(self) -> Samples:
        return self.values("workerhost_host_up", HOST_LABEL)


@pytest.fixture(scope="module")
def two_hosts(
    tmp_path_factory: pytest.TempPathFactory, temporal: EmbeddedTemporal
) -> Iterator[tuple[Workerhost, RestClient, Path]]:
    """A service of two hosts, whose folders for temporary files are the test's own."""
    folder = tmp_path_factory.mktemp("metrics")
    with (
        tempfile.TemporaryDirectory(prefix="wh") as temporary,  # pytest's own is too long for the path of a socket
        serve(folder, temporal, "--workers", "2", WORKERHOST_HANG_TIMEOUT="6", TMPDIR=temporary) as (process, client),
    ):
        eventually(lambda: len(Scrape(client.url).up()) == 2)
        yield process, client, Path(temporary)
        assert process.end() == 0
        assert not list(Path(temporary).glob("workerhost-metrics-*")), "nothing is left behind"


def test_both_hosts_are_in_one_answer_with_what_was_counted(two_hosts: tuple[Workerhost, RestClient, Path]) -> None:
    _, client, temporary = two_hosts
    client.deploy("metered", "busy", {"version": "1", "workflowCode": CODE})
    (folder,) = temporary.glob("workerhost-metrics-*")
    assert folder.stat().st_mode & 0o777 == 0o700
    assert client.run("metered", "Busy", str(folder)) == [], "code of projects does not reach the hosts' sockets"
    refused = httpx.put(f"{client.url}/projects/metered/workflows/broken", json={"version": "1", "workflowCode": "x ="})
    assert refused.status_code == 422

    scrape = Scrape(client.url)
    names = [each.name for each in scrape.families]
    assert len(names) == len(set(names)), "a family stands there twice"
    known = {each.name.removesuffix("_total") for each in FAMILIES}
    assert {each for each in names if not each.startswith((SDK_PREFIX, "process_"))} <= known
    assert all(HOST_LABEL in sample.labels for family in scrape.families for sample in family.samples)
    assert set(scrape.up().values()) == {1}

    runs = scrape.values("workerhost_runs_total", "project", "workflow_type", "outcome")
    assert runs == {("metered", "Busy", "completed"): 1}
    activities = scrape.values("workerhost_activities_total", "project", "activity", "outcome")
    assert activities == {("metered", "look", "completed"): 1, ("metered", "fail", "failed"): 3}
    assert scrape.values("workerhost_activity_retries_total", "activity") == {("fail",): 2}
    publishes = scrape.values("workerhost_publishes_total", "outcome")
    assert publishes == {("accepted",): 1, ("refused",): 1}
    assert 'outcome="refused",code="build_refused"' in scrape.text
    assert scrape.values("workerhost_process_forks_total", "project") == {("metered",): 1}
    assert sum(scrape.values("workerhost_workers", HOST_LABEL, "status").values()) == 1
    assert sum(scrape.values("workerhost_lease_moves_total", HOST_LABEL, "move").values()) == 1
    route = ("/projects/<project_id>/workflows/<name>", "PUT", "422")
    assert scrape.values("workerhost_api_request_seconds_count", "route", "method", "status")[route] == 1
    assert scrape.values("workerhost_database_seconds_count", "kind")["select",] > 1
    assert any(name == "temporal_request" for name in names)
    if promtool := shutil.which("promtool"):
        checked = subprocess.run(
            [promtool, "check", "metrics"], check=False, input=scrape.text, text=True, capture_output=True
        )
        assert (checked.returncode, checked.stdout, checked.stderr) == (0, "", "")


def test_a_backlog_is_shown_while_somebody_scrapes(two_hosts: tuple[Workerhost, RestClient, Path]) -> None:
    _, client, _ = two_hosts
    client.deploy("waiting", "slow", {"version": "1", "workflowCode": SLOW}, settings={"maxConcurrentActivities": 1})
    body = {"workflowType": "Slow", "workflowId": "slow"}
    client.call("POST", "/projects/waiting/executions", body)
    try:
        eventually(
            lambda: (
                Scrape(client.url).values("workerhost_queue_backlog", "project", "kind").get(("waiting", "activity"), 0)
                >= 5
            ),
            30,
        )
        age = Scrape(client.url).values("workerhost_queue_backlog_age_seconds", "project", "kind")
        assert age["waiting", "activity"] > 0
    finally:
        client.call("POST", "/projects/waiting/executions/slow/terminate", {})
        client.call("POST", "/workers/stop", {"projectId": "waiting"})


def test_a_host_that_hangs_and_is_replaced_shows(two_hosts: tuple[Workerhost, RestClient, Path]) -> None:
    process, client, _ = two_hosts
    before = set(Scrape(client.url).up())
    victim = next(each for each in psutil.Process(process.pid).children() if _is_host(each))
    victim.send_signal(signal.SIGSTOP)
    began = time.monotonic()
    scrape = eventually(lambda: _with_one_down(client.url), 5)
    assert time.monotonic() - began < 5 + ANSWER_SECONDS
    assert scrape is not None
    eventually(lambda: _is_whole_again(client.url, before), 60)


def _with_one_down(url: str) -> Scrape | None:
    with contextlib.suppress(httpx.HTTPError):
        scrape = Scrape(url)
        if sorted(scrape.up().values()) == [0, 1]:
            return scrape
    return None


def _is_whole_again(url: str, before: set[tuple[str, ...]]) -> bool:
    with contextlib.suppress(httpx.HTTPError):
        up = Scrape(url).up()
        return len(up) == 2 and set(up.values()) == {1} and set(up) != before
    return False


def _is_host(process: psutil.Process) -> bool:
    """Tell whether the process is a host, which listens for its siblings."""
    with contextlib.suppress(psutil.Error):
        return any(str(each.laddr).endswith(".new") for each in process.net_connections("unix"))
    return False


def test_a_host_without_api_answers_at_a_port_of_its_own(tmp_path: Path, temporal: EmbeddedTemporal) -> None:
    port = free_port()
    environment = {"TEMPORAL_ADDRESS": temporal.address, "WORKERHOST_METRICS_PORT": str(port)}
    with workerhost("host", folder=tmp_path, **environment) as process:
        process.wait_for("runs the projects of the pool")
        url = f"http://127.0.0.1:{port}"
        eventually(lambda: _answers(url))
        scrape = Scrape(url)
        assert list(scrape.up().values()) == [1]
        assert scrape.values("workerhost_build_info", HOST_LABEL)
        assert httpx.get(f"{url}/health").status_code == 404
        foreign = httpx.get(f"{url}/metrics", headers={"Host": "example.com"})
        assert (foreign.status_code, "WORKERHOST_ALLOWED_HOSTS" in foreign.text) == (403, True)
        assert process.end() == 0


def _answers(url: str) -> bool:
    with contextlib.suppress(httpx.HTTPError):
        return httpx.get(f"{url}/metrics").is_success
    return False


def test_without_metrics_there_are_none(tmp_path: Path, temporal: EmbeddedTemporal) -> None:
    with serve(tmp_path, temporal, WORKERHOST_METRICS="false", TMPDIR=str(tmp_path)) as (process, client):
        answer = httpx.get(f"{client.url}/metrics")
        assert (answer.status_code, answer.json()["code"]) == (404, "metrics_off")
        assert "WORKERHOST_METRICS" in answer.json()["error"]
        assert not list(tmp_path.glob("workerhost-metrics-*"))
        assert process.end() == 0
