"""Child processes and ports, for commands that start other programs."""

import ctypes
import resource
import signal
import socket
import subprocess
from collections.abc import Iterable

from workerhost.errors import ConfigurationError

_PR_SET_PDEATHSIG = 1  # from <linux/prctl.h>
PORTS_TO_TRY = 100


def die_with_parent() -> None:
    """Have the kernel kill this process when its parent ends, however that ends (Linux only)."""
    ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)


def allow_open_files() -> None:
    """Let this process have as many files open as its hard limit allows."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))


def end(process: "subprocess.Popen[bytes]", timeout: float) -> int:
    """Ask a child to end, kill it where it does not within `timeout` seconds, and return its exit code."""
    if process.poll() is None:
        process.terminate()
    try:
        return process.wait(timeout)
    except subprocess.TimeoutExpired:
        process.kill()
        return process.wait()


def is_free(port: int, address: str = "127.0.0.1") -> bool:
    """Tell whether a server could listen on that port now."""
    with socket.socket(socket.AF_INET6 if ":" in address else socket.AF_INET) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((address, port))
        except OSError:
            return False
        return True


def choose_port(what: str, named: int | None, default: int, *, taken: Iterable[int] = ()) -> int:
    """Return the port that was named, or the first free one from the default on.

    Args:
        what: for the error's sentence.
        named: the port that the user asked for, if any.
        default: where to begin looking.
        taken: ports that are spoken for already.

    Raises:
        ConfigurationError: the port that was named is in use.
    """
    if named is not None:
        if not is_free(named):
            raise ConfigurationError(f"port {named} for {what} is in use; end what listens there or name another port")
        return named
    for port in range(default, default + PORTS_TO_TRY):
        if port not in taken and is_free(port):
            return port
    raise ConfigurationError(f"no free port for {what} between {default} and {default + PORTS_TO_TRY - 1}")
