"""Checking pieces of code as the host does."""

import pytest

from workerhost import ProjectCode, WorkflowCode
from workerhost.code.build import Build, make_build
from workerhost.code.checker import BuildChecker
from workerhost.code.loading import host_passthrough
from workerhost.code.warm_process import WarmProcess
from workerhost.errors import BuildRefusedError
from workerhost.testing import ECHO, eventually


def build_of(code: str, activities: str | None = None) -> Build:
    return make_build("shop", ProjectCode((WorkflowCode("echo", "1", code, activities),), "test"))


def warm_checker(process: WarmProcess, timeout: float) -> BuildChecker:
    """Return a checker whose process has done its imports."""
    made = BuildChecker(process, timeout, host_passthrough(()))
    eventually(lambda: passes(made))
    return made


def passes(checker: BuildChecker) -> bool:
    try:
        return checker.check(build_of(ECHO)).workflow_types == ("Echo",)
    except BuildRefusedError:
        return False


def refusal(checker: BuildChecker, code: str, activities: str | None = None) -> str:
    with pytest.raises(BuildRefusedError) as caught:
        checker.check(build_of(code, activities))
    return str(caught.value)
