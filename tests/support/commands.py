"""Commands that call a running service, in the process of the test: to start Python for each takes half a second."""

import io
import json
import sys
from contextlib import redirect_stderr, redirect_stdout
from subprocess import CompletedProcess
from typing import Any

import pytest

from workerhost import Client
from workerhost.cli import main

Done = CompletedProcess[str]


def call(client: Client | None, *arguments: str, expect: int = 0, **environment: str) -> Done:
    """Run a command on the service and return its output. Not for several threads at once."""
    address = ("--url", client.url) if client else ()
    done = _run([*arguments, *address], environment)
    assert done.returncode == expect, f"{arguments}: {done.returncode}\n{done.stdout}{done.stderr}"
    assert "Traceback" not in done.stderr
    return done


def call_json(client: Client, *arguments: str) -> Any:
    """Run a command with `--json` and return what it prints, which must be nothing else."""
    return json.loads(call(client, *arguments, "--json").stdout)


def complete(words: str, **environment: str) -> list[str]:
    """Return what a shell offers for the last of the words."""
    asked = {"_WORKERHOST_COMPLETE": "bash_complete", "COMP_WORDS": words, "COMP_CWORD": str(words.count(" "))}
    done = _run([], {**asked, **environment})
    assert (done.returncode, done.stderr) == (0, "")
    return [line.removeprefix("plain,") for line in done.stdout.splitlines() if line]


def _run(arguments: list[str], environment: dict[str, str]) -> Done:
    output, errors = (io.TextIOWrapper(io.BytesIO(), encoding="utf-8", write_through=True) for _ in range(2))
    code: Any = 0
    with pytest.MonkeyPatch.context() as patch, redirect_stdout(output), redirect_stderr(errors):
        for name, value in environment.items():
            patch.setenv(name, value)
        patch.setattr(sys, "argv", ["workerhost", *arguments])
        try:
            main()
        except SystemExit as end:
            code = end.code or 0
    return CompletedProcess(arguments, code, *(each.buffer.getvalue().decode() for each in (output, errors)))
