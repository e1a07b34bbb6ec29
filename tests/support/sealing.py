"""Doing things in a fresh process that gives something up before."""

import json
import subprocess
import sys
import textwrap
from collections.abc import Sequence
from typing import Any

HARNESS = """
import errno, json, os, resource, sys
from pathlib import Path

from workerhost.code.sealing.kernel import PR_SET_NO_NEW_PRIVS, prctl

_out = os.dup(1)

def tell(value):
    os.write(_out, json.dumps(value).encode())
    os._exit(0)

def attempt(function):
    try:
        function()
    except OSError as error:
        return errno.errorcode.get(error.errno, str(error))
    return "done"

def forked(most):
    # At most so many children, each of which waits until this process ends.
    held, end = os.pipe()
    for number in range(most):
        try:
            if os.fork() == 0:
                os.close(end)
                os.read(held, 1)
                os._exit(0)
        except BlockingIOError:
            return number
    return most
"""
"""What `fresh_process` has beside the code that is given to it."""


def fresh_process(code: str, *arguments: str, prefix: Sequence[str] = ()) -> Any:
    """Run Python code in a process of its own, and return what it calls `tell` with.

    Args:
        code: what it does; `attempt` and `forked` of the harness are there.
        arguments: found in `sys.argv[1:]`.
        prefix: a command that starts the process.
    """
    ended = subprocess.run(
        [*prefix, sys.executable, "-c", HARNESS + textwrap.dedent(code), *arguments],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
        start_new_session=True,
    )
    assert ended.returncode == 0, ended.stderr
    return json.loads(ended.stdout)


WITHOUT_USER_NAMESPACES = (
    "unshare",
    "--user",
    "--map-root-user",
    "sh",
    "-c",
    'echo 0 >/proc/sys/user/max_user_namespaces && exec "$@"',
    "sh",
)
"""Starts a command where the kernel gives no more namespaces of users."""
