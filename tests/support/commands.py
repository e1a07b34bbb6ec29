"""Commands that call a running service, each in a process of its own."""

import json
import os
import subprocess
import sys
from typing import Any

from workerhost import Client

Done = subprocess.CompletedProcess[str]


def call(client: Client | None, *arguments: str, expect: int = 0, **environment: str) -> Done:
    """Run a command on the service and return its output."""
    address = ("--url", client.url) if client else ()
    done = subprocess.run(
        [sys.executable, "-m", "workerhost", *arguments, *address],
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == expect, f"{arguments}: {done.returncode}\n{done.stdout}{done.stderr}"
    assert "Traceback" not in done.stderr
    return done


def call_json(client: Client, *arguments: str) -> Any:
    """Run a command with `--json` and return what it prints, which must be nothing else."""
    return json.loads(call(client, *arguments, "--json").stdout)


def complete(words: str, **environment: str) -> list[str]:
    """Return what a shell offers for the last of the words."""
    asked = {"_WORKERHOST_COMPLETE": "bash_complete", "COMP_WORDS": words, "COMP_CWORD": str(words.count(" "))}
    done = subprocess.run(
        [sys.executable, "-c", "from workerhost.cli import main; main()"],
        env={**os.environ, **asked, **environment},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
    return [line.removeprefix("plain,") for line in done.stdout.splitlines() if line]
