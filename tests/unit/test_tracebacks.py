"""Tracebacks of builds: their lines are there from the first one on, whoever asks."""

import linecache
from importlib import import_module

from support.checks import build_of
from workerhost.code.importer import FINDER


def test_the_lines_of_a_build_are_there_before_a_traceback_is_shown_and_gone_with_it() -> None:
    build = build_of("first = 1\n\n\ndef second():\n    return first\n")
    FINDER.add(build)
    try:
        module = import_module(next(name for name, own in build.module_names().items() if own.endswith("workflow")))
        file = module.second.__code__.co_filename
        linecache.checkcache()
        # Without the globals of the module, as a thread asks that lost the entry it had found to another thread.
        assert linecache.getline(file, 5) == "    return first\n"
    finally:
        FINDER.remove(build)
    assert linecache.getline(file, 5) == ""
