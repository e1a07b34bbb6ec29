"""Metrics of real services: what is in them, of which hosts, and what it is when one of those does not answer."""

import time
from pathlib import Path

import httpx
from prometheus_client import Metric
from prometheus_client.parser import text_string_to_metric_families

from support.processes import serve
from workerhost.runtime.temporal.embedded import EmbeddedTemporal
from workerhost.testing import ECHO


def scraped(url: str) -> dict[str, Metric]:
    """Return the families of a scrape by name."""
    answer = httpx.get(f"{url}/metrics")
    assert answer.status_code == 200
    assert answer.headers["Content-Type"].startswith("text/plain; version=0.0.4")
    families = list(text_string_to_metric_families(answer.text))
    by_name = {each.name: each for each in families}
    assert len(by_name) == len(families), "a family stands there twice"
    return by_name


def test_look(tmp_path: Path, temporal: EmbeddedTemporal) -> None:
    with serve(tmp_path, temporal, "--workers", "2") as (process, client):
        client.deploy("metered", "echo", {"version": "1", "workflowCode": ECHO})
        client.call(
            "POST", "/projects/metered/executions", {"workflowType": "Echo", "args": ["hello"], "workflowId": "a"}
        )
        client.call("GET", "/projects/metered/executions/a?wait=30")
        time.sleep(7)
        Path("/tmp/m.txt").write_text(httpx.get(f"{client.url}/metrics").text)
        print({k: len(v.samples) for k, v in scraped(client.url).items()})
        assert process.end() == 0
