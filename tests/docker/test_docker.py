"""The image and the compose file. No engine runs here: what the image would do is done in a scratch folder instead."""

import os
import re
import shlex
import shutil
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import httpx
import pytest
import yaml
from dockerfile_parse import DockerfileParser

from workerhost.runtime.temporal.embedded import DYNAMIC_CONFIG, EmbeddedTemporal
from workerhost.settings import Settings, variable_name
from workerhost.testing import eventually, free_port

ROOT = Path(__file__).parents[2]
DOCKERFILE = ROOT / "docker" / "Dockerfile"
COMPOSE = ROOT / "docker" / "compose.yaml"
INSTALLED = "/opt/workerhost"


def _run(*command: str) -> None:
    scripts = Path(sys.executable).parent
    done = subprocess.run([scripts / command[0], *command[1:]], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_dockerfile_is_as_hadolint_wants_it() -> None:
    _run("hadolint", "--no-color", str(DOCKERFILE))


def test_the_compose_file_is_as_its_specification_says() -> None:
    _run("check-jsonschema", "--builtin-schema", "vendor.compose-spec", str(COMPOSE))


def _services() -> dict[str, Any]:
    services: dict[str, Any] = yaml.safe_load(COMPOSE.read_text())["services"]
    return services


def test_services_wait_for_what_they_need() -> None:
    services = _services()
    for service in services.values():
        for name, needed in service.get("depends_on", {}).items():
            if needed["condition"] == "service_healthy":
                assert "healthcheck" in services[name], name
    needs = services["workerhost"]["depends_on"]
    assert needs["postgresql"]["condition"] == "service_healthy"
    assert needs["temporal-namespace"]["condition"] == "service_completed_successfully"
    # Its own health check is the image's.
    assert "HEALTHCHECK" in [each["instruction"] for each in _instructions()]


def test_several_containers_of_the_service_do_not_want_the_same_port_or_name() -> None:
    service = _services()["workerhost"]
    assert "container_name" not in service
    first, last = re.findall(r"(\d+)-(\d+):3011", service["ports"][0])[0]
    assert int(last) - int(first) >= 2


def test_the_service_s_variables_are_settings_and_its_files_are_there() -> None:
    services = _services()
    known = {variable_name(name) for name in Settings.model_fields} | {"TEMPORAL_ADDRESS", "PGPASSWORD"}
    assert set(services["workerhost"]["environment"]) <= known
    assert (COMPOSE.parent / services["workerhost"]["build"]["context"] / "docker" / "Dockerfile").is_file()
    assert (COMPOSE.parent / services["temporal"]["volumes"][0].partition(":")[0]).is_file()
    ended = Settings()
    seconds = int(services["workerhost"]["stop_grace_period"].removesuffix("s"))
    assert seconds > ended.hand_over_timeout + ended.drain_timeout + 20


def test_the_server_has_the_limits_that_the_embedded_one_has() -> None:
    written = yaml.safe_load((ROOT / "docker" / "temporal.yaml").read_text())
    assert {key: values[0]["value"] for key, values in written.items()} == DYNAMIC_CONFIG


def _instructions() -> list[dict[str, Any]]:
    structure: list[dict[str, Any]] = DockerfileParser(path=str(DOCKERFILE), cache_content=True).structure
    return structure


def _first_stage() -> list[dict[str, Any]]:
    """Return the instructions up to the second FROM."""
    found = _instructions()
    second = [number for number, each in enumerate(found) if each["instruction"] == "FROM"][1]
    return found[:second]


def test_the_image_is_made_of_what_dockerignore_lets_in() -> None:
    ignored = (ROOT / ".dockerignore").read_text().splitlines()
    allowed = {line[1:] for line in ignored if line.startswith("!")}
    copies = [shlex.split(each["value"])[:-1] for each in _first_stage() if each["instruction"] == "COPY"]
    assert {name.partition("/")[0] for names in copies for name in names} == allowed


def test_an_edit_of_the_sources_installs_nothing_that_is_needed_anew() -> None:
    steps = [f"{each['instruction']} {each['value']}" for each in _first_stage()]
    sources = next(number for number, each in enumerate(steps) if each.startswith("COPY host"))
    before = [each for each in steps[:sources] if each.startswith("RUN")]
    after = [each for each in steps[sources:] if each.startswith("RUN")]
    assert ["pip install" in each for each in before] == [True]
    assert ["--no-deps" in each for each in after] == [True]


def test_a_password_may_hold_any_character() -> None:
    environment = _services()["workerhost"]["environment"]
    assert "PASSWORD" not in environment["DATABASE_URL"]
    assert environment["PGPASSWORD"].startswith("${POSTGRES_PASSWORD")


def test_what_goes_on_running_has_limits() -> None:
    for name, service in _services().items():
        if service.get("restart") == "unless-stopped":
            assert {"mem_limit", "cpus", "pids_limit"} <= set(service), name


def _final(instruction: str) -> str:
    """Return the value of the last instruction of that kind."""
    return str([each["value"] for each in _instructions() if each["instruction"] == instruction][-1])


class Container:
    """What a container of the image would be: its files in a folder, its environment."""

    def __init__(self, folder: Path) -> None:
        self.root = folder
        self.source = folder / "source"
        self.data = folder / "data"
        self.source.mkdir(parents=True)
        for each in _first_stage():
            if each["instruction"] == "COPY":
                self._copy(*shlex.split(each["value"]))
            elif each["instruction"] == "RUN":
                self._install(each["value"])
        self.data.mkdir()

    def _copy(self, *names: str) -> None:
        *sources, target = names
        for name in sources:
            if (ROOT / name).is_dir():
                unwanted = shutil.ignore_patterns("__pycache__", "*.egg-info", "build", "tests")
                shutil.copytree(ROOT / name, self.source / target, ignore=unwanted, dirs_exist_ok=True)
            else:
                (self.source / target).mkdir(parents=True, exist_ok=True)
                shutil.copy(ROOT / name, self.source / target)

    def _install(self, command: str) -> None:
        command = command.replace(INSTALLED, str(self.root / "opt")).replace(
            "python -m venv", f"{sys.executable} -m venv"
        )
        done = subprocess.run(
            ["sh", "-euc", command], cwd=self.source, capture_output=True, text=True, check=False, timeout=300
        )
        assert done.returncode == 0, done.stdout + done.stderr

    def files(self) -> dict[Path, int]:
        """Return all files but those in /data, with their sizes."""
        found = (path for path in self.root.rglob("*") if self.data not in (path, *path.parents))
        return {path: path.lstat().st_size for path in found if not path.is_dir()}

    def command(self, value: str) -> list[str]:
        """Return the command of an instruction in its list form."""
        return [str(each) for each in yaml.safe_load(value)]

    def environment(self, **more: str) -> dict[str, str]:
        """Return what ENV says, in this container's folder, with `more` as `docker run --env` would give it."""
        pairs = dict(part.partition("=")[::2] for part in shlex.split(_final("ENV")))
        own = {
            name: value.replace(INSTALLED, str(self.root / "opt")).replace("/data", str(self.data))
            for name, value in pairs.items()
        }
        own["PATH"] = own["PATH"].replace("$PATH", os.environ["PATH"])
        return {**own, "HOME": "/nonexistent", "TMPDIR": str(self.data), **more}


@pytest.fixture(scope="module")
def container(tmp_path_factory: pytest.TempPathFactory) -> Container:
    return Container(tmp_path_factory.mktemp("image"))


@pytest.mark.timeout(400)
def test_the_image_s_steps_and_entry_point_work_and_write_to_data_alone(
    container: Container, temporal: EmbeddedTemporal
) -> None:
    """Its root file system may be read-only, then; and SIGTERM drains it."""
    before = container.files()
    port = str(free_port())
    environment = container.environment(
        DATABASE_URL=f"sqlite:///{container.data}/workerhost.db",
        TEMPORAL_ADDRESS=temporal.address,
        WORKER_SERVICE_PORT=port,
    )
    entry_point = container.command(_final("ENTRYPOINT")) + container.command(_final("CMD"))
    program = container.root / "opt" / "bin" / entry_point[0]
    with subprocess.Popen(
        [program, *entry_point[1:]],
        cwd=container.data,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    ) as process:
        try:
            eventually(lambda: process.poll() is not None or _answers(port), 60)
            assert process.poll() is None, process.stdout and process.stdout.read()
            assert httpx.get(f"http://127.0.0.1:{port}/hosts", trust_env=False).json()["count"] == 1
            assert _health(container, environment) == 0
            process.send_signal(signal.SIGTERM)
            assert process.wait(60) == 0
        finally:
            process.kill()
    assert _health(container, environment) != 0
    assert container.files() == before
    assert not Path(environment["HOME"]).exists()
    assert _final("STOPSIGNAL") == "SIGTERM"
    assert "--interval=30s" in _final("HEALTHCHECK")
    assert _final("USER").split(":")[0] not in ("root", "0")


def _answers(port: str) -> bool:
    try:
        return httpx.get(f"http://127.0.0.1:{port}/ready", trust_env=False).is_success
    except httpx.HTTPError:
        return False


def _health(container: Container, environment: dict[str, str]) -> int:
    """Run the image's health check and return its exit code."""
    command = container.command(_final("HEALTHCHECK").partition("CMD ")[2])
    program = container.root / "opt" / "bin" / command[0]
    return subprocess.run([program, *command[1:]], env=environment, capture_output=True, check=False).returncode
