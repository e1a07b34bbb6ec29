"""The script that makes the blocking client: what is committed is what it makes, and it says what it cannot make."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SCRIPT = "scripts/generate_client.py"
CLIENT = "host/workerhost/client"


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """A folder with the script and both clients, to be changed."""
    for name in ("_async", "_sync"):
        shutil.copytree(ROOT / CLIENT / name, tmp_path / CLIENT / name, ignore=shutil.ignore_patterns("__pycache__"))
    (tmp_path / SCRIPT).parent.mkdir()
    shutil.copy(ROOT / SCRIPT, tmp_path / SCRIPT)
    return tmp_path


def run(root: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, root / SCRIPT, *arguments], capture_output=True, text=True, check=False)


def test_the_blocking_client_is_up_to_date() -> None:
    done = run(ROOT, "--check")
    assert (done.returncode, done.stderr) == (0, "")


def test_a_change_of_either_client_is_found_and_made_good(copy: Path) -> None:
    asynchronous, blocking = copy / CLIENT / "_async/moves.py", copy / CLIENT / "_sync/moves.py"
    asynchronous.write_text(asynchronous.read_text().replace("def move_all", "def move_every_run"))
    blocking.write_text(blocking.read_text() + "# changed by hand\n")
    found = run(copy, "--check")
    assert found.returncode == 1
    for line in ("+    def move_every_run(", "-# changed by hand", f"--- {CLIENT}/_sync/moves.py (written)"):
        assert line in found.stderr
    assert run(copy).returncode == 0
    assert run(copy, "--check").returncode == 0
    assert "changed by hand" not in blocking.read_text()


def test_a_module_that_has_no_asynchronous_form_is_found_and_deleted(copy: Path) -> None:
    left_over = copy / CLIENT / "_sync/left_over.py"
    left_over.write_text("FORGOTTEN = 1\n")
    assert "-FORGOTTEN = 1" in run(copy, "--check").stderr
    run(copy)
    assert not left_over.exists()


@pytest.mark.parametrize(
    ("code", "sentence"),
    [
        ("import asyncio\n\nasyncio.gather(1)\n", "line 3: asyncio.gather(1)"),
        ('"""For asynchronous code."""\n', "line 1 of the blocking form still speaks of asynchronous code"),
    ],
)
def test_what_has_no_blocking_form_is_refused(copy: Path, code: str, sentence: str) -> None:
    (copy / CLIENT / "_async/more.py").write_text(code)
    done = run(copy)
    assert done.returncode == 1
    assert f"{CLIENT}/_async/more.py: {sentence}" in done.stderr


def test_what_is_said_and_done_asynchronously_is_said_and_done_in_blocking_words(copy: Path) -> None:
    (copy / CLIENT / "_async/more.py").write_text(
        '''"""Something of the asynchronous client."""

import asyncio
import time


class AsyncThing:
    async def read(self) -> None:
        """Read; call `await thing.read()`."""
        async with self.lock as lock:
            await asyncio.sleep(1)
            text = await asyncio.to_thread(read_file, "path", time.time())
        async for each in text:
            print(each)
'''
    )
    assert run(copy).returncode == 0
    _, _, made = (copy / CLIENT / "_sync/more.py").read_text().split("\n", 2)
    assert (
        made
        == '''"""Something of the blocking client."""

import time


class Thing:
    def read(self) -> None:
        """Read; call `thing.read()`."""
        with self.lock as lock:
            time.sleep(1)
            text = read_file("path", time.time())
        for each in text:
            print(each)
'''
    )
