"""Calls that Schemathesis makes up from the document, right and wrong ones: the service keeps to what it says."""

import subprocess
import sys
from pathlib import Path

import pytest

from support.processes import serve
from workerhost.runtime.temporal.embedded import EmbeddedTemporal

CONFIGURATION = Path(__file__).with_name("schemathesis.toml")


@pytest.mark.timeout(600)
def test_the_service_keeps_to_its_document(tmp_path: Path, temporal: EmbeddedTemporal) -> None:
    with serve(tmp_path, temporal, WORKERHOST_START_TIMEOUT="5") as (process, client):
        client.deploy("samples")
        document = f"{client.url}/openapi.json"
        command = [sys.executable, "-m", "schemathesis.cli", "--config-file", str(CONFIGURATION), "run", document]
        options = ["--checks=all", "--max-examples=20", "--workers=2", "--request-timeout=60", "--no-color"]
        done = subprocess.run([*command, *options], check=False, capture_output=True, text=True, cwd=tmp_path)
        assert done.returncode == 0, done.stdout[-20_000:] + done.stderr
        assert "Test cases:" in done.stdout
        assert "Traceback" not in process.output
