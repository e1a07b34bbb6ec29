"""Every example of the documentation works: each page is followed from top to bottom, on a live service."""

import os
import re
import shutil
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, field
from importlib.metadata import version
from pathlib import Path

import httpx
import pytest

from support.documentation import (
    COMMANDS,
    FOLLOWED_IN_A_CLONE,
    FOLLOWED_ON_A_SERVICE,
    PAGES,
    QUERIES,
    ROOT,
    TAKES_MINUTES,
    Block,
    blocks,
    check_answer,
    places,
    read_page,
)
from support.processes import OFFLINE, scratch_python
from workerhost import Client
from workerhost.cli.serving.local import LocalService, Ports
from workerhost.cli.serving.samples import run_samples, sample_projects
from workerhost.settings import Settings, variable_name
from workerhost.testing import eventually, free_port

RUN_ELSEWHERE = {
    "./scripts/start-worker.sh dev": (".ci/run", ["git clone --quiet", "./scripts/start-worker.sh dev"]),
    "./scripts/run-tests.sh": (".ci/run", ["./scripts/run-tests.sh"]),
}
"""Commands that no test here runs, each with the file that runs it and what must stand there."""

STAYS_RUNNING = ("workerhost dev", "workerhost serve", "workerhost host")
REFUSAL = "workerhost: "
"""What a command of workerhost prints to standard error where it ends with 1."""

TIMEOUT = 60


@dataclass
class Reader:
    """Somebody who follows a page: in a folder of their own, with a shell."""

    folder: Path
    replaced: dict[str, str]
    environment: dict[str, str]
    port: int
    """Where a service that the page starts answers."""
    database: Path | None = None
    running: list[subprocess.Popen[str]] = field(default_factory=list)

    def follow(self, page: str) -> None:
        for block in blocks(page):
            if block.text.strip() in RUN_ELSEWHERE or block.text.startswith(TAKES_MINUTES):
                continue
            if block.language in COMMANDS:
                self.run(block)
            elif block.language in QUERIES:
                self.ask(block)
            else:
                self.save(block)

    def save(self, block: Block) -> None:
        path, further_down = block.file
        target = self.folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text((target.read_text() if further_down else "") + self.as_here(block.text))

    def as_here(self, text: str) -> str:
        """Return what the page shows with the addresses that the service has here."""
        for shown, stand_in in self.replaced.items():
            text = text.replace(shown, stand_in)
        return text

    def ask(self, block: Block) -> None:
        assert self.database is not None
        with closing(sqlite3.connect(self.database)) as connection:
            assert connection.execute(block.text).fetchall(), f"{block.place} finds nothing"

    def run(self, block: Block) -> None:
        commands = self.as_here(block.text)
        last = commands.strip().splitlines()[-1]
        if last.startswith(STAYS_RUNNING) and not last.endswith("--help"):
            self.run_in_background(block, commands)
            return
        done = subprocess.run(
            ["bash", "-euo", "pipefail", "-c", commands],
            cwd=self.folder,
            env=self.environment,
            capture_output=True,
            text=True,
            timeout=TIMEOUT,
            check=False,
        )
        is_refused = block.answer is not None and block.answer.text.startswith(REFUSAL)
        ended = f"{block.place} ends with {done.returncode}:\n{done.stdout}{done.stderr}"
        assert done.returncode == (1 if is_refused else 0), ended
        if block.answer:
            check_answer(block, done.stderr[done.stderr.index(REFUSAL) :] if is_refused else done.stdout)
        else:
            assert '"success":false' not in done.stdout, f"{block.place}: {done.stdout}"

    def run_in_background(self, block: Block, commands: str) -> None:
        *before, last = commands.strip().splitlines()
        with (self.folder / "output").open("w") as output:
            process = subprocess.Popen(
                ["bash", "-euo", "pipefail", "-c", "\n".join([*before, f"exec {last}"])],
                cwd=self.folder,
                env=self.environment,
                stdout=output,
                stderr=subprocess.STDOUT,
                text=True,
            )
        self.running.append(process)
        answers = eventually(lambda: process.poll() is not None or self.is_ready(last), TIMEOUT)
        assert answers
        assert process.poll() is None, f"{block.place} ended:\n{self.output}"

    @property
    def output(self) -> str:
        return (self.folder / "output").read_text()

    def is_ready(self, command: str) -> bool:
        if "workerhost dev" in command:
            return "Ready." in self.output
        if "workerhost host" in command:
            return "runs the projects" in self.output
        try:
            return httpx.get(f"http://127.0.0.1:{self.port}/ready").is_success
        except httpx.HTTPError:
            return False

    def stop(self) -> None:
        """End what the page has started, as Ctrl-C does, in good order."""
        for process in self.running:
            process.send_signal(signal.SIGINT)
            assert process.wait(TIMEOUT) == 0, self.output


@pytest.fixture(scope="module")
def live(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalService]:
    """A service as `dev` starts it, with the sample projects deployed."""
    with pytest.MonkeyPatch.context() as patch:
        folder = tmp_path_factory.mktemp("live")
        patch.setenv("WORKERHOST_SAMPLES_ARTIFACT_DIRECTORY", str(folder / "artifacts"))
        ports = Ports(api=free_port(), temporal=free_port())
        with LocalService(folder, Settings(), ports, with_ui=False) as service:
            with Client(service.url) as client:
                assert run_samples(client, sample_projects())
            yield service


@pytest.fixture
def reader(tmp_path: Path) -> Iterator[Reader]:
    port = free_port()
    environment = {
        **os.environ,
        **OFFLINE,
        "PATH": os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]]),
        "WORKER_SERVICE_PORT": str(port),
    }
    made = Reader(tmp_path, {}, environment, port)
    yield made
    made.stop()


@pytest.fixture
def live_reader(reader: Reader, live: LocalService) -> Reader:
    """A reader who has started that service."""
    reader.database = Path(live.environment()["DATABASE_URL"].removeprefix("sqlite:///"))
    reader.environment |= {"TEMPORAL_ADDRESS": live.temporal.address, "WORKERHOST_URL": live.url}
    reader.replaced = {"http://127.0.0.1:3011": live.url, "127.0.0.1:7233": live.temporal.address}
    return reader


@pytest.mark.samples
@pytest.mark.parametrize("page", FOLLOWED_ON_A_SERVICE)
def test_the_examples_of_a_page_work_in_its_order(page: str, live_reader: Reader) -> None:
    live_reader.follow(page)


@pytest.mark.samples
@pytest.mark.timeout(300)
def test_the_page_about_publishing_does_and_what_is_saved_is_published(live_reader: Reader) -> None:
    page = "docs/publish.md"
    live_reader.follow(page)
    [shown] = re.findall(r"^Published parcels: build [0-9a-f]+", read_page(page), re.MULTILINE)
    eventually(lambda: shown in live_reader.output)


@pytest.mark.samples
def test_the_plugin_of_the_documentation_is_built_and_does_what_the_page_says(reader: Reader) -> None:
    reader.replaced = {
        "workerhost dev": f"workerhost dev --temporal-port {free_port()} --ui-port {free_port()}",
        "http://127.0.0.1:3011": f"http://127.0.0.1:{reader.port}",
    }
    python = scratch_python(reader.folder / "scratch")
    reader.environment["PATH"] = f"{python.parent}{os.pathsep}{reader.environment['PATH']}"
    reader.follow("docs/plugins.md")
    assert 'ok Reception: "reception welcomes Ada"' in reader.output
    for line in ("an activity begins", "reception serves reception-queue"):
        eventually(lambda line=line: line in reader.output)  # type: ignore[misc]
    reader.stop()
    reader.running.clear()
    assert "reception rests" in reader.output


@pytest.mark.parametrize("page", FOLLOWED_IN_A_CLONE)
def test_the_commands_for_contributors_work_in_a_clone(page: str, reader: Reader) -> None:
    clone = reader.folder / "clone"
    shutil.copytree(ROOT, clone, ignore=shutil.ignore_patterns(".*", "__pycache__", "build"))
    reader.folder = clone
    reader.environment = {name: value for name, value in reader.environment.items() if not name.startswith("PYTEST")}
    reader.follow(page)


@pytest.mark.parametrize("commands", RUN_ELSEWHERE)
def test_what_is_run_elsewhere_is_run_there(commands: str) -> None:
    place, parts = RUN_ELSEWHERE[commands]
    assert any(block.text.strip() == commands for page in PAGES for block in blocks(page)), "no page has this command"
    assert [part for part in parts if part not in (ROOT / place).read_text()] == []


@pytest.mark.parametrize("page", PAGES)
def test_every_line_that_opens_a_block_belongs_to_one_that_a_test_sees(page: str) -> None:
    fences = [line for line in read_page(page).splitlines() if line.lstrip(" >").startswith(("```", "~~~"))]
    shown = [line for line in fences if line.lstrip(" >").removeprefix("```")]
    assert len(fences) == 2 * len(shown)


def test_the_table_of_settings_is_complete_and_true() -> None:
    rows = re.findall(r"^\| `([A-Z_]+)` \| ([^|]*?) ?\|", read_page("docs/operate.md"), re.MULTILINE)
    documented = {name: default.strip("` ") for name, default in rows if not name.startswith("TEMPORAL_")}
    defaults = {variable_name(name): each.default for name, each in Settings.model_fields.items()}
    assert documented == {name: _as_variable(value) for name, value in defaults.items()}


def _as_variable(value: object) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if value is None:
        return ""
    return ",".join(value) if isinstance(value, tuple) else str(value)


@pytest.mark.parametrize("page", PAGES)
def test_links_between_pages_lead_somewhere(page: str) -> None:
    for target in re.findall(r"\]\(([^)#]+)[^)]*\)", read_page(page)):
        assert target.startswith("https://") or ((ROOT / page).parent / target).exists(), target


@pytest.mark.parametrize("page", PAGES)
def test_links_to_a_place_in_a_page_find_it(page: str) -> None:
    for target, place in re.findall(r"\]\(((?!https:)[^)#]*)#([^)]+)\)", read_page(page)):
        text = ((ROOT / page).parent / target).read_text() if target else read_page(page)
        assert place in places(text), f"{target}#{place}"


def test_the_changelog_knows_the_present_version() -> None:
    assert f"## {version('workerhost')}\n" in read_page("CHANGELOG.md")
