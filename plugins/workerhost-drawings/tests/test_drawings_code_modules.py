"""What drawn workflows import is there before their processes begin."""

import importlib

from workerhost import ProjectCode, WorkflowCode
from workerhost.code.build import make_build
from workerhost.code.checker import BuildChecker
from workerhost.code.loading import host_passthrough
from workerhost.code.warm_process import WarmProcess
from workerhost.testing import ECHO
from workerhost_drawings.emitting.imports import IMPORTED, V1
from workerhost_drawings.plugin import workerhost_register_code_modules

ACTIVITIES = """
import sys

known = set(sys.modules)
from workerhost_drawings.v1 import errors, events, jq, js, lanes, objects, run, schemas, variables

assert set(sys.modules) == known, sorted(set(sys.modules) - known)
"""
"""Not in the module of the workflow, since the sandbox shows modules only as they are imported in it."""


def test_all_that_emitted_code_imports_of_the_plugin_is_named() -> None:
    named = workerhost_register_code_modules()
    emitted = {f"{V1}.{name}" for name, module in IMPORTED.items() if module == V1}
    assert {*emitted, f"{V1}.run"} <= set(named)
    for module in named:
        importlib.import_module(module)


def test_a_check_of_a_drawn_workflow_imports_nothing_of_the_plugin_for_itself(warm_process: WarmProcess) -> None:
    checker = BuildChecker(warm_process, 30, host_passthrough(["workerhost_drawings"]))
    build = make_build("shop", ProjectCode((WorkflowCode("echo", "1", ECHO, ACTIVITIES),), "test"))
    assert checker.check(build).workflow_types == ("Echo",)
