"""Where commands look for the service."""

import json
import os
import subprocess
import sys
from pathlib import Path

import psutil
import pytest

from workerhost.cli.address import FILE, service_address, told_in

URL = "http://127.0.0.1:4711"


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The data folder of a `dev`, in whose parent the commands are called."""
    for name in ("WORKERHOST_URL", "WORKER_SERVICE_PORT", "WORKERHOST_DATA_DIR"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.chdir(tmp_path)
    made = tmp_path / ".workerhost"
    made.mkdir()
    return made


def test_the_dev_of_a_folder_is_found_in_it_and_below_it_while_it_runs(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    below = folder.parent / "hello" / "greeting"
    below.mkdir(parents=True)
    with told_in(folder, URL):
        assert service_address(None).url == URL
        monkeypatch.chdir(below)
        found = service_address(None)
        assert (found.url, str(folder) in found.found) == (URL, True)
    assert service_address(None).url == "http://127.0.0.1:3011"
    assert list(folder.iterdir()) == []


def test_what_the_user_names_comes_first(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with told_in(folder, URL):
        monkeypatch.setenv("WORKERHOST_URL", "http://elsewhere")
        assert service_address(None).url == "http://elsewhere"
        assert service_address("http://given").url == "http://given"


def test_the_data_folder_may_be_another(folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    other = tmp_path / "elsewhere"
    other.mkdir()
    monkeypatch.setenv("WORKERHOST_DATA_DIR", str(other))
    with told_in(other, URL):
        monkeypatch.chdir("/")
        assert service_address(None).url == URL


def test_without_a_dev_the_usual_port_is_tried_and_the_sentence_says_what_was(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WORKER_SERVICE_PORT", "4000")
    found = service_address(None)
    assert found.url == "http://127.0.0.1:4000"
    for part in ("--url", "WORKERHOST_URL", f"no `workerhost dev` runs in {Path.cwd()}", "4000"):
        assert part in found.found


def test_what_a_dev_has_left_that_was_killed_is_recognised(folder: Path) -> None:
    with subprocess.Popen([sys.executable, "-c", "pass"]) as ended:
        pass
    here = psutil.Process()
    for pid, started in ((ended.pid, here.create_time()), (here.pid, here.create_time() - 1000)):
        (folder / FILE).write_text(json.dumps({"url": URL, "pid": pid, "started": started}))
        found = service_address(None)
        assert found.url == "http://127.0.0.1:3011"
        assert "was killed" in found.found


@pytest.mark.parametrize("text", ["", "{", "[]", '{"url": 3}', "\udcff"])
def test_a_file_that_says_nothing_is_passed_over(folder: Path, text: str) -> None:
    (folder / FILE).write_bytes(text.encode(errors="surrogateescape"))
    assert service_address(None).url == "http://127.0.0.1:3011"


def test_a_file_of_somebody_else_is_passed_over(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with told_in(folder, URL):
        owner = (folder / FILE).stat().st_uid
        if owner == 0:
            os.chown(folder / FILE, 12345, -1)
        else:
            monkeypatch.setattr("workerhost.cli.address.os.getuid", lambda: owner + 1)
        assert service_address(None).url == "http://127.0.0.1:3011"
