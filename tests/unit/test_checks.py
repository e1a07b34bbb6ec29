"""The process that checks builds survives whatever the checked code does, and keeps to its time."""

import os
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psutil
import pytest

from workerhost import ProjectCode, WorkflowCode
from workerhost.code.build import Build, make_build
from workerhost.code.checker import CONCURRENT_CHECKS, BuildChecker
from workerhost.code.loading import host_passthrough
from workerhost.code.warm_process import WarmProcess
from workerhost.errors import BuildRefusedError
from workerhost.testing import ECHO, eventually

HASTE = 2
"""Seconds that a check may take where a test waits for their end."""


@pytest.fixture
def checker(warm_process: WarmProcess) -> BuildChecker:
    """A checker that gives each build all the time it needs."""
    return _warm(warm_process, 30)


@pytest.fixture
def hasty(warm_process: WarmProcess) -> BuildChecker:
    """A checker that gives each build little time."""
    return _warm(warm_process, HASTE)


def _warm(process: WarmProcess, timeout: float) -> BuildChecker:
    """Return a checker whose process has done its imports."""
    made = BuildChecker(process, timeout, host_passthrough(()))
    eventually(lambda: _passes(made))
    return made


def _passes(checker: BuildChecker) -> bool:
    try:
        return checker.check(_build(ECHO)).workflow_types == ("Echo",)
    except BuildRefusedError:
        return False


def _build(code: str, activities: str | None = None) -> Build:
    return make_build("shop", ProjectCode((WorkflowCode("echo", "1", code, activities),), "test"))


def _refusal(checker: BuildChecker, code: str) -> str:
    with pytest.raises(BuildRefusedError) as caught:
        checker.check(_build(code))
    return str(caught.value)


def _descendants() -> list[psutil.Process]:
    return psutil.Process().children(recursive=True)


def test_a_build_that_passes_says_what_it_defines(checker: BuildChecker) -> None:
    activities = "from temporalio import activity\n\n\n@activity.defn(name='mail')\ndef send() -> None: ...\n"
    summary = checker.check(_build(ECHO, activities))
    assert (summary.workflow_types, summary.activity_names) == (("Echo",), ("mail",))
    assert set(summary.modules) == {"echo.workflow", "echo.activities"}


def test_endless_loops_keep_another_build_waiting_for_one_time_limit_and_not_for_each(hasty: BuildChecker) -> None:
    with ThreadPoolExecutor(CONCURRENT_CHECKS) as executor:
        loops = [executor.submit(_refusal, hasty, f"while True: {n}") for n in range(CONCURRENT_CHECKS)]
        began = time.monotonic()
        eventually(lambda: _passes(hasty))
        assert time.monotonic() - began < CONCURRENT_CHECKS * HASTE
        assert all(f"did not end within {HASTE} s" in loop.result() for loop in loops)


def test_code_that_waits_is_refused_in_time_and_ended_with_its_process(hasty: BuildChecker) -> None:
    before = {process.pid for process in _descendants()}
    for code in ("while True: pass", "import time\ntime.sleep(60)"):
        assert f"did not end within {HASTE} s" in _refusal(hasty, code)
    eventually(lambda: {process.pid for process in _descendants()} <= before)


def test_a_process_that_the_code_starts_is_ended_with_its_check(checker: BuildChecker, tmp_path: Path) -> None:
    written = tmp_path / "pid"
    code = f"""
import subprocess

child = subprocess.Popen(["sleep", "60"])
with open({str(written)!r}, "w") as file:
    file.write(str(child.pid))
"""
    checker.check(_build(ECHO, code))
    pid = int(written.read_text())
    eventually(lambda: not psutil.pid_exists(pid) or psutil.Process(pid).status() == psutil.STATUS_ZOMBIE)


def test_the_warm_process_is_started_again_after_it_died(checker: BuildChecker) -> None:
    # Its own children, which end a moment after their checks, have the same command line.
    children = psutil.Process().children()
    [warm] = [process for process in children if "workerhost.code.check_process" in process.cmdline()]
    warm.kill()
    warm.wait(10)
    assert checker.check(_build(ECHO)).workflow_types == ("Echo",)


def test_code_that_kills_the_warm_process_refuses_itself_alone(checker: BuildChecker) -> None:
    for _ in range(5):
        assert _refusal(checker, "import os, signal\nos.kill(os.getppid(), signal.SIGKILL)\n")
        assert checker.check(_build(ECHO)).workflow_types == ("Echo",)


def test_what_the_code_prints_is_no_answer_and_blocks_nothing(checker: BuildChecker) -> None:
    flood = "import sys\nfor stream in (sys.stdout, sys.stderr):\n    stream.write('x' * 10_000_000)\n"
    assert checker.check(_build(ECHO + "\n" + "print('{}')\n", flood)).workflow_types == ("Echo",)


def test_code_does_not_wait_for_input(checker: BuildChecker) -> None:
    assert checker.check(_build(ECHO, "import sys\nsys.stdin.read()\n")).workflow_types == ("Echo",)


@pytest.mark.parametrize(
    ("code", "reason"),
    [
        ("x = [0] * 10**12", "MemoryError"),
        ("import os\nos._exit(0)", "ended the Python process"),
        ("import os\nos.abort()", "ended the Python process"),
        ("import sys\nsys.exit()", "ends the interpreter"),
        ("quit()", "ends the interpreter"),
    ],
)
def test_code_that_goes_too_far_is_refused_with_its_reason(checker: BuildChecker, code: str, reason: str) -> None:
    assert reason in _refusal(checker, code)
    assert checker.check(_build(ECHO)).workflow_types == ("Echo",)


def test_a_check_changes_nothing_in_the_process_that_asks(checker: BuildChecker) -> None:
    code = "import os, threading\nos.environ['CHANGED'] = '1'\nos.chdir('/')\nthreading.stack_size(65536 * 2)\n"
    folder = Path.cwd()
    checker.check(_build(ECHO, code))
    assert "CHANGED" not in os.environ
    assert Path.cwd() == folder


def test_the_warm_process_can_be_stopped_twice_and_is_started_again_by_a_check(
    checker: BuildChecker, warm_process: WarmProcess
) -> None:
    warm_process.stop()
    warm_process.stop()
    assert checker.check(_build(ECHO)).workflow_types == ("Echo",)


def test_the_same_sources_have_the_same_digest_in_any_order() -> None:
    codes = [WorkflowCode("a", "1", ECHO), WorkflowCode("b", "1", "x = 1")]
    first, second = (make_build("shop", ProjectCode(tuple(order), "test")) for order in (codes, codes[::-1]))
    assert first.id == second.id
    assert make_build("shop", ProjectCode((codes[0],), "test")).id != first.id


def test_code_that_is_checked_does_not_see_the_services_secrets(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("DATABASE_URL", "TEMPORAL_API_KEY"):
        monkeypatch.setenv(name, "s3cret")
    process = WarmProcess()
    try:
        checker = BuildChecker(process, 10, host_passthrough(()))
        assert "s3cret" not in _refusal(checker, "import os\n\nraise RuntimeError(str(dict(os.environ)))\n")
    finally:
        process.stop()
