"""The process that checks builds survives whatever the checked code does, and keeps to its time."""

import os
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psutil
import pytest

from support.checks import build_of, passes, refusal, warm_checker
from workerhost import ProjectCode, WorkflowCode
from workerhost.code.build import make_build
from workerhost.code.checker import CONCURRENT_CHECKS, BuildChecker
from workerhost.code.warm_process import WarmProcess
from workerhost.testing import ECHO, eventually

HASTE = 2
"""Seconds that a check may take where a test waits for their end."""


@pytest.fixture
def checker(warm_process: WarmProcess) -> BuildChecker:
    """A checker that gives each build all the time it needs."""
    return warm_checker(warm_process, 30)


@pytest.fixture
def hasty(warm_process: WarmProcess) -> BuildChecker:
    """A checker that gives each build little time."""
    return warm_checker(warm_process, HASTE)


def _descendants() -> list[psutil.Process]:
    return psutil.Process().children(recursive=True)


def test_a_build_that_passes_says_what_it_defines(checker: BuildChecker) -> None:
    activities = "from temporalio import activity\n\n\n@activity.defn(name='mail')\ndef send() -> None: ...\n"
    summary = checker.check(build_of(ECHO, activities))
    assert (summary.workflow_types, summary.activity_names) == (("Echo",), ("mail",))
    assert set(summary.modules) == {"echo.workflow", "echo.activities"}


def test_endless_loops_keep_another_build_waiting_for_one_time_limit_and_not_for_each(hasty: BuildChecker) -> None:
    with ThreadPoolExecutor(CONCURRENT_CHECKS) as executor:
        loops = [executor.submit(refusal, hasty, f"while True: {n}") for n in range(CONCURRENT_CHECKS)]
        began = time.monotonic()
        eventually(lambda: passes(hasty))
        assert time.monotonic() - began < CONCURRENT_CHECKS * HASTE
        assert all(f"did not end within {HASTE} s" in loop.result() for loop in loops)


def test_code_that_waits_is_refused_in_time_and_ended_with_its_process(hasty: BuildChecker) -> None:
    before = {process.pid for process in _descendants()}
    for code in ("while True: pass", "import time\ntime.sleep(60)"):
        assert f"did not end within {HASTE} s" in refusal(hasty, code)
    eventually(lambda: {process.pid for process in _descendants()} <= before)


def test_the_warm_process_is_started_again_after_it_died(checker: BuildChecker) -> None:
    # Its own children, which end a moment after their checks, have the same command line.
    children = psutil.Process().children()
    [warm] = [process for process in children if "workerhost.code.check_process" in process.cmdline()]
    warm.kill()
    warm.wait(10)
    assert checker.check(build_of(ECHO)).workflow_types == ("Echo",)


def test_code_that_kills_the_warm_process_refuses_itself_alone(checker: BuildChecker) -> None:
    for _ in range(5):
        assert refusal(checker, "import os, signal\nos.kill(os.getppid(), signal.SIGKILL)\n")
        assert checker.check(build_of(ECHO)).workflow_types == ("Echo",)


def test_what_the_code_prints_is_no_answer_and_blocks_nothing(checker: BuildChecker) -> None:
    flood = "import sys\nfor stream in (sys.stdout, sys.stderr):\n    stream.write('x' * 10_000_000)\n"
    assert checker.check(build_of(ECHO + "\n" + "print('{}')\n", flood)).workflow_types == ("Echo",)


def test_code_does_not_wait_for_input(checker: BuildChecker) -> None:
    assert checker.check(build_of(ECHO, "import sys\nsys.stdin.read()\n")).workflow_types == ("Echo",)


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
    assert reason in refusal(checker, code)
    assert checker.check(build_of(ECHO)).workflow_types == ("Echo",)


def test_a_check_changes_nothing_in_the_process_that_asks(checker: BuildChecker) -> None:
    code = "import os, threading\nos.environ['CHANGED'] = '1'\nos.chdir('/')\nthreading.stack_size(65536 * 2)\n"
    folder = Path.cwd()
    checker.check(build_of(ECHO, code))
    assert "CHANGED" not in os.environ
    assert Path.cwd() == folder


def test_the_warm_process_can_be_stopped_twice_and_is_started_again_by_a_check(
    checker: BuildChecker, warm_process: WarmProcess
) -> None:
    warm_process.stop()
    warm_process.stop()
    assert checker.check(build_of(ECHO)).workflow_types == ("Echo",)


def test_modules_that_the_code_of_projects_imports_are_there_before_a_check() -> None:
    process = WarmProcess(["no_such_module", "colorsys"])
    try:
        checker = warm_checker(process, 30)
        checker.check(build_of(ECHO, "import sys\n\nassert 'colorsys' in sys.modules\n"))
    finally:
        process.stop()


def test_the_same_sources_have_the_same_digest_in_any_order() -> None:
    codes = [WorkflowCode("a", "1", ECHO), WorkflowCode("b", "1", "x = 1")]
    first, second = (make_build("shop", ProjectCode(tuple(order), "test")) for order in (codes, codes[::-1]))
    assert first.id == second.id
    assert make_build("shop", ProjectCode((codes[0],), "test")).id != first.id
