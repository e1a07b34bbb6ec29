"""`scripts/start-worker.sh` sets up what it needs, says what is wrong, and does nothing twice.

Python and pip are stand-ins that write down how they are called; `.ci/run` does all of it for real.
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from workerhost.settings import Settings, variable_name

ROOT = Path(__file__).parents[2]
SETUP = ["setup.cfg", "pyproject.toml", *(f"plugins/workerhost-{each}/setup.cfg" for each in ("drawings", "samples"))]
REAL = os.path.realpath(sys.executable)

PYTHON = f"""#!/bin/bash
case "$*" in
    "-m venv --clear -- "*)
        echo "made with ${{0##*/}}" >>calls
        rm -rf "$5" && mkdir -p "$5/bin" && cp "$0" "$5/bin/python"
        ;;
    "-m pip "*)
        mkdir in-use || {{ echo "two at once" >>calls; exit 1; }}
        echo "installed" >>calls
        printf '#!/bin/sh\\necho "workerhost $* in $PWD"\\n' >.venv/bin/workerhost
        chmod +x .venv/bin/workerhost
        rmdir in-use
        [[ ! -e no-network ]]
        ;;
    *) exec -a "$0" "{REAL}" "$@" ;;
esac
"""
WITHOUT_VENV = f"""#!/bin/bash
[[ "$*" != *ensurepip* ]] || exit 1
exec -a "$0" "{REAL}" "$@"
"""
SHIM = """#!/bin/bash
echo "python3: command not found, it is there in other versions" >&2
exit 127
"""


class Checkout:
    """What of a checkout the script needs, in a folder with a space, and a PATH that begins with `bin`."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder / "a checkout"
        for name in [*SETUP, *(f"plugins/workerhost-{each}/pyproject.toml" for each in ("drawings", "samples"))]:
            target = self.folder / name
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / name, target)
        shutil.copytree(ROOT / "scripts", self.folder / "scripts")
        self.bin = folder / "bin"
        self.elsewhere = folder / "elsewhere"
        self.elsewhere.mkdir()
        self.add_command("bin/python3", PYTHON)

    def add_command(self, path: str, source: str) -> Path:
        command = self.folder.parent / path
        command.parent.mkdir(exist_ok=True)
        command.write_text(source)
        command.chmod(0o755)
        return command

    def begin(self, *arguments: str, **environment: str) -> "subprocess.Popen[str]":
        return subprocess.Popen(
            [self.folder / "scripts" / "start-worker.sh", *arguments],
            cwd=self.elsewhere,
            env={"HOME": str(self.elsewhere), "PATH": f"{self.bin}:{os.environ['PATH']}", **environment},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def start(self, *arguments: str, expect: int = 0, **environment: str) -> tuple[str, str]:
        """Run the script to its end and return what it wrote to standard output and standard error."""
        process = self.begin(*arguments, **environment)
        output, errors = process.communicate(timeout=60)
        assert process.returncode == expect, output + errors
        return output, errors

    def calls(self) -> list[str]:
        """Return what was done since this was asked before."""
        log = self.folder / "calls"
        done = log.read_text().splitlines() if log.exists() else []
        log.unlink(missing_ok=True)
        return done


@pytest.fixture
def checkout(tmp_path: Path) -> Checkout:
    return Checkout(tmp_path)


@pytest.mark.parametrize("option", ["-h", "--help"])
def test_help_shows_how_to_use_it(checkout: Checkout, option: str) -> None:
    output, errors = checkout.start(option)
    assert output.startswith("usage: scripts/start-worker.sh [options]")
    assert errors == ""


def test_another_word_than_dev_shows_how_to_use_it_as_an_error(checkout: Checkout) -> None:
    output, errors = checkout.start("serve", expect=2)
    assert output == ""
    assert errors.startswith("usage: scripts/start-worker.sh [options]")
    assert checkout.calls() == []


def test_production_says_all_that_is_missing_before_it_sets_anything_up(checkout: Checkout) -> None:
    output, errors = checkout.start(expect=1)
    assert output == ""
    assert errors == (
        "Not set: DATABASE_URL TEMPORAL_ADDRESS. Set them in .env (copy .env.example) or in the environment.\n"
    )
    assert "TEMPORAL_ADDRESS" in checkout.start(expect=1, DATABASE_URL="sqlite:///x.db")[1]
    assert checkout.calls() == []


ENV_FILE = """
# how this machine is set up
DATABASE_URL=postgresql+psycopg://me:a=b#c@db/x
export TEMPORAL_ADDRESS="temporal:7233"
  WORKERHOST_POOL='one,two'
WORKERHOST_LOG_LEVEL=$(touch made-by-env)
"""


def test_production_takes_env_for_what_is_not_set_and_serves(checkout: Checkout) -> None:
    names = "DATABASE_URL TEMPORAL_ADDRESS WORKERHOST_POOL WORKERHOST_LOG_LEVEL"
    (checkout.folder / ".env").write_text(ENV_FILE.replace("\n", "\r\n"))
    checkout.start("--port", "4000", TEMPORAL_ADDRESS="elsewhere:7233")
    command = checkout.folder / ".venv" / "bin" / "workerhost"
    command.write_text(f'#!/bin/bash\necho "$*"\nfor name in {names}; do echo "${{!name}}"; done\n')
    output, errors = checkout.start("--port", "4000", TEMPORAL_ADDRESS="elsewhere:7233")
    assert output.splitlines() == [
        "serve --port 4000",
        "postgresql+psycopg://me:a=b#c@db/x",
        "elsewhere:7233",
        "one,two",
        "$(touch made-by-env)",
    ]
    assert errors == ""
    assert not (checkout.folder / "made-by-env").exists()


def test_a_line_of_env_that_is_nothing_is_named(checkout: Checkout) -> None:
    (checkout.folder / ".env").write_text("DATABASE_URL=sqlite:///x.db\nnonsense\n")
    assert ".env, line 2, is not NAME=value." in checkout.start(expect=1)[1]


def test_every_variable_of_the_example_is_one_that_is_read() -> None:
    lines = [line for line in (ROOT / ".env.example").read_text().splitlines() if line and not line.startswith("#")]
    names = {line.partition("=")[0] for line in lines}
    settings = {variable_name(name) for name in Settings.model_fields}
    assert names - settings == {"TEMPORAL_ADDRESS", "TEMPORAL_NAMESPACE", "POSTGRES_PASSWORD"}
    assert "${POSTGRES_PASSWORD" in (ROOT / "docker" / "compose.yaml").read_text()


def test_the_first_start_sets_up_and_runs_dev_in_the_checkout_with_the_options(checkout: Checkout) -> None:
    output, errors = checkout.start("dev", "--port", "4000")
    assert checkout.calls() == ["made with python3", "installed"]
    assert output.splitlines()[-1] == f"workerhost dev --port 4000 in {checkout.folder}"
    assert "\x1b" not in output + errors, "colours are for terminals"


def test_a_second_start_only_runs_dev(checkout: Checkout) -> None:
    checkout.start("dev")
    checkout.calls()
    assert checkout.start("dev") == (f"workerhost dev in {checkout.folder}\n", "")
    assert checkout.calls() == []


@pytest.mark.parametrize("name", SETUP)
def test_a_start_after_dependencies_changed_installs_them(checkout: Checkout, name: str) -> None:
    checkout.start("dev")
    checkout.calls()
    with (checkout.folder / name).open("a") as file:
        file.write("\n")
    checkout.start("dev")
    assert checkout.calls() == ["installed"]


def test_what_could_not_be_installed_is_said_and_made_again_by_the_next_start(checkout: Checkout) -> None:
    (checkout.folder / "no-network").touch()
    _, errors = checkout.start("dev", expect=1)
    assert "pip could not install workerhost" in errors
    checkout.calls()

    (checkout.folder / "no-network").unlink()
    checkout.start("dev")
    assert checkout.calls() == ["made with python3", "installed"]


def test_a_checkout_that_was_moved_is_set_up_again(checkout: Checkout) -> None:
    checkout.start("dev")
    checkout.calls()
    checkout.folder = checkout.folder.rename(checkout.folder.with_name("moved"))
    checkout.start("dev")
    assert checkout.calls() == ["made with python3", "installed"]


def test_an_environment_whose_python_is_gone_is_made_again(checkout: Checkout) -> None:
    checkout.start("dev")
    checkout.calls()
    (checkout.folder / ".venv" / "bin" / "python").unlink()
    checkout.start("dev")
    assert checkout.calls() == ["made with python3", "installed"]


def test_starts_at_the_same_time_set_up_once(checkout: Checkout) -> None:
    for process in [checkout.begin("dev") for _ in range(4)]:
        output, errors = process.communicate(timeout=60)
        assert process.returncode == 0, output + errors
    assert checkout.calls() == ["made with python3", "installed"]


def test_a_command_of_a_version_manager_that_fails_is_passed_over(checkout: Checkout) -> None:
    checkout.add_command("shims/python3", SHIM)
    checkout.start("dev", PATH=f"{checkout.bin.with_name('shims')}:{checkout.bin}:{os.environ['PATH']}")
    assert checkout.calls() == ["made with python3", "installed"]


def test_the_python_that_is_named_is_taken(checkout: Checkout) -> None:
    checkout.start("dev", PYTHON=str(checkout.add_command("named", PYTHON)))
    assert checkout.calls() == ["made with named", "installed"]


def test_a_named_python_that_does_not_run_is_said(checkout: Checkout) -> None:
    _, errors = checkout.start("dev", expect=1, PYTHON=str(checkout.add_command("named", SHIM)))
    assert (
        errors
        == f"PYTHON is set to {checkout.bin.with_name('named')}, which is not a Python 3.11 or newer that runs.\n"
    )


def test_a_python_without_venv_is_said_with_what_to_install(checkout: Checkout) -> None:
    _, errors = checkout.start("dev", expect=1, PYTHON=str(checkout.add_command("named", WITHOUT_VENV)))
    assert "On Debian and Ubuntu: apt install python3-venv" in errors


def test_no_python_at_all_is_said() -> None:
    script = ". scripts/common.sh; python_candidates() { :; }; found=$(find_python); echo not reached"
    found = subprocess.run(
        ["bash", "-euc", script], cwd=ROOT, env={"PATH": "/usr/bin:/bin"}, capture_output=True, text=True, check=False
    )
    assert (found.returncode, found.stdout) == (1, "")
    assert found.stderr.startswith("No Python 3.11 or newer was found. Install one")
