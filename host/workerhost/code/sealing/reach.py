"""What Python itself needs to reach, for code that may reach nothing else."""

import os
import sys
from collections.abc import Iterator
from pathlib import Path

_OF_THE_SYSTEM = (
    "/usr",
    "/lib",
    "/lib64",
    "/bin",
    # Where names, times and certificates are looked up.
    *(f"/etc/{name}" for name in ("ssl", "ca-certificates", "localtime", "mime.types", "ld.so.cache", "alternatives")),
    *(f"/etc/{name}" for name in ("hosts", "resolv.conf", "nsswitch.conf", "services", "protocols", "passwd", "group")),
    # What libraries ask about the machine when they are imported.
    *("/proc/cpuinfo", "/proc/meminfo", "/proc/stat", "/sys/devices/system/cpu"),
)

DEVICES = tuple(Path("/dev", name) for name in ("null", "zero", "full", "random", "urandom"))
"""What any process may write to."""


def what_python_reads() -> list[Path]:
    """Return the files and folders from which this process may import, and those of the system that this needs."""
    folders = {
        sys.prefix,
        sys.base_prefix,
        sys.exec_prefix,
        *(each for each in sys.path if each),
        *_editable_packages(),
    }
    return [Path(each) for each in (*_OF_THE_SYSTEM, *_certificates(), *sorted(folders))]


def _certificates() -> Iterator[str]:
    """Yield what an operator has programs trust in place of the system's certificates."""
    for name in ("SSL_CERT_FILE", "SSL_CERT_DIR"):
        if each := os.environ.get(name):
            yield str(Path(each).resolve())


def _editable_packages() -> Iterator[str]:
    """Yield the folders of packages that are installed in place, which need not stand on `sys.path`."""
    for name, module in list(sys.modules.items()):
        if name.startswith("__editable__"):  # the modules that setuptools writes for them
            yield from getattr(module, "MAPPING", {}).values()
