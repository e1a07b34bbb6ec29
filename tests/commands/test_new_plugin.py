"""A plugin that `workerhost plugins new` writes installs, passes its tests and is listed."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from support.processes import OFFLINE, scratch_python

FILES = [
    ".gitignore",
    "README.md",
    "pyproject.toml",
    "setup.cfg",
    "src/workerhost_{package}/__init__.py",
    "tests/conftest.py",
    "tests/test_plugin.py",
]


def _new(folder: Path, *arguments: str, expect: int = 0) -> str:
    """Run the command and return what it prints: to standard error where it is refused."""
    command = [sys.executable, "-m", "workerhost", "plugins", "new", *arguments]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    assert done.returncode == expect, done.stdout + done.stderr
    return done.stderr if expect else done.stdout


def _files(folder: Path) -> list[str]:
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())


@pytest.mark.timeout(300)
def test_it_installs_passes_its_tests_and_is_listed(tmp_path: Path) -> None:
    printed = _new(tmp_path, "mail-2-go")
    plugin = tmp_path / "workerhost-mail-2-go"
    assert _files(plugin) == sorted(name.format(package="mail_2_go") for name in FILES)
    assert printed.startswith("Wrote workerhost-mail-2-go. Next:\n")

    python = scratch_python(tmp_path / "scratch")
    environment = {**os.environ, **OFFLINE}
    environment["PATH"] = os.pathsep.join(map(str, (python.parent, Path(sys.executable).parent, os.environ["PATH"])))
    ran = []
    for command in [line.strip() for line in printed.splitlines()[2:-1]]:
        done = subprocess.run(
            ["bash", "-c", command], cwd=plugin, env=environment, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, f"{command}: {done.stdout}{done.stderr}"
        ran.append(done.stdout)
    _, tests, listing = ran
    assert "2 passed" in tests
    assert "mail-2-go 0.1.0\n" in listing
    assert "  activities: mail2GoGreet\n" in listing


def test_a_folder_that_is_there_is_left_as_it_is(tmp_path: Path) -> None:
    (tmp_path / "workerhost-greetings").mkdir()
    (tmp_path / "workerhost-greetings" / "setup.cfg").write_text("mine")
    expected = "workerhost: workerhost-greetings is there already; nothing was written\n"
    assert _new(tmp_path, "greetings", expect=1) == expected
    assert _files(tmp_path) == ["workerhost-greetings/setup.cfg"]
    assert (tmp_path / "workerhost-greetings" / "setup.cfg").read_text() == "mine"


def test_it_is_written_to_another_folder_that_is_named(tmp_path: Path) -> None:
    (tmp_path / "plugins").mkdir()
    assert "  cd plugins/workerhost-3d\n" in _new(tmp_path, "3d", "--folder", "plugins")
    assert _files(tmp_path / "plugins") == sorted(f"workerhost-3d/{each.format(package='3d')}" for each in FILES)
