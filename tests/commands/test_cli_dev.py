"""Commands find the `workerhost dev` of the folder that they are called in, whatever its port."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from support.processes import all_gone, workerhost
from workerhost.testing import free_port


def status(folder: Path) -> "subprocess.CompletedProcess[str]":
    """Call `workerhost status` in a folder."""
    hidden = ("WORKERHOST_URL", "WORKERHOST_DATA_DIR")
    environment = {name: value for name, value in os.environ.items() if name not in hidden}
    return subprocess.run(
        [sys.executable, "-m", "workerhost", "status"],
        cwd=folder,
        env={**environment, "WORKER_SERVICE_PORT": str(free_port())},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


@pytest.mark.samples
def test_a_dev_is_found_from_its_folder_and_below_until_it_ends_or_is_killed(tmp_path: Path) -> None:
    below = tmp_path / "hello" / "greeting"
    below.mkdir(parents=True)
    ports = [part for name in ("", "temporal-", "ui-") for part in (f"--{name}port", str(free_port()))]
    with workerhost("dev", *ports, folder=tmp_path) as process:
        process.wait_for("^Ready")
        for folder in (tmp_path, below):
            found = status(folder)
            assert found.returncode == 0, found.stderr
            assert "samples" in found.stdout
        family = process.family()
        process.end(signal.SIGKILL)
        all_gone(family)
        refused = status(below)
        assert refused.returncode == 1
        assert f"the `workerhost dev` of {tmp_path / '.workerhost'} was killed" in refused.stderr
    with workerhost("dev", *ports, folder=tmp_path) as process:
        process.wait_for("^Ready")
        assert status(below).returncode == 0
        assert process.end(signal.SIGINT) == 0
    refused = status(below)
    assert refused.returncode == 1
    assert f"no `workerhost dev` runs in {below} or a folder above it" in refused.stderr
