"""Commands that cannot start say why in a sentence, and end with exit code 1."""

import os
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from support.processes import workerhost
from support.sealing import WITHOUT_USER_NAMESPACES
from workerhost.runtime.temporal.embedded import EmbeddedTemporal
from workerhost.testing import free_port


@pytest.mark.parametrize("command", [["serve"], ["host"]])
@pytest.mark.parametrize(
    ("url", "sentence"),
    [
        ("postgresql+psycopg://nobody:s3cret@127.0.0.1:1/none", "cannot be used: .*127.0.0.1.*refused"),
        ("mysql://somewhere/x", "DATABASE_URL names mysql"),
        ("nonsense", "DATABASE_URL is not a database URL"),
    ],
)
def test_a_wrong_database_is_a_sentence_and_an_exit_code(
    command: list[str], url: str, sentence: str, tmp_path: Path, temporal: EmbeddedTemporal
) -> None:
    variables = {"DATABASE_URL": url, "TEMPORAL_ADDRESS": temporal.address, "WORKER_SERVICE_PORT": str(free_port())}
    with workerhost(*command, folder=tmp_path, **variables) as process:
        assert process.wait() == 1
        process.wait_for(f"^workerhost: .*{sentence}")
        assert "s3cret" not in process.output
        assert "Traceback" not in process.output


@pytest.mark.parametrize("command", [["serve"], ["host"], ["db", "upgrade"]])
def test_a_database_of_a_newer_version_is_left_alone(
    command: list[str], tmp_path: Path, temporal: EmbeddedTemporal
) -> None:
    file = tmp_path / "newer.db"
    with sqlite3.connect(file) as connection:
        connection.execute("CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL)")
        connection.execute("INSERT INTO alembic_version VALUES ('9999')")
    connection.close()
    variables = {"DATABASE_URL": f"sqlite:///{file}", "TEMPORAL_ADDRESS": temporal.address}
    with workerhost(*command, folder=tmp_path, WORKER_SERVICE_PORT=str(free_port()), **variables) as process:
        assert process.wait() == 1
        process.wait_for("^workerhost: .*9999.*upgrade workerhost")
        assert "Traceback" not in process.output


@pytest.mark.parametrize("command", [["serve"], ["host"]])
def test_a_namespace_that_does_not_exist_is_a_sentence(
    command: list[str], tmp_path: Path, temporal: EmbeddedTemporal
) -> None:
    variables = {"TEMPORAL_ADDRESS": temporal.address, "TEMPORAL_NAMESPACE": "nowhere"}
    with workerhost(*command, folder=tmp_path, WORKER_SERVICE_PORT=str(free_port()), **variables) as process:
        assert process.wait() == 1
        process.wait_for("^workerhost: Temporal .* has no namespace nowhere; create it, or set TEMPORAL_NAMESPACE")
        assert "Traceback" not in process.output


@pytest.mark.parametrize("command", ["serve", "host"])
def test_a_machine_that_does_not_give_what_is_required_is_a_sentence(
    command: str, tmp_path: Path, temporal: EmbeddedTemporal
) -> None:
    variables = {
        "DATABASE_URL": f"sqlite:///{tmp_path / 'workerhost.db'}",
        "TEMPORAL_ADDRESS": temporal.address,
        "WORKER_SERVICE_PORT": str(free_port()),
        "WORKERHOST_REQUIRE_ISOLATION": "process,namespaces",
    }
    ended = subprocess.run(
        [*WITHOUT_USER_NAMESPACES, sys.executable, "-m", "workerhost", command],
        cwd=tmp_path,
        env=os.environ | variables,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert ended.returncode == 1
    sentence = "workerhost: WORKERHOST_REQUIRE_ISOLATION asks for what this machine does not give: namespaces: No space"
    assert sentence in ended.stderr
    assert "Traceback" not in ended.stderr


BROKEN = """
from workerhost.api import server
from workerhost.cli.serving.serve import prepare
from workerhost.settings import load_settings


def broken(_service):
    raise RuntimeError("this host cannot start")


server.create_app = broken
settings = load_settings()
prepare(settings)
server.ControlServer(settings).run()
"""


def test_a_host_that_cannot_start_ends_the_service(tmp_path: Path) -> None:
    environment = {**os.environ, "WORKER_SERVICE_PORT": str(free_port()), "DATABASE_URL": f"sqlite:///{tmp_path}/db"}
    ended = subprocess.run(
        [sys.executable, "-c", BROKEN],
        cwd=tmp_path,
        env=environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert ended.returncode == 1
    assert "this host cannot start" in ended.stderr + ended.stdout
