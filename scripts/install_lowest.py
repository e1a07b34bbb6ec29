"""Install the lowest versions that an installed workerhost and the named extras of it allow, beside it.

What they need in turn is as new as it can be. `python scripts/install_lowest.py EXTRA …`
"""

import importlib.metadata
import re
import subprocess
import sys

_BOUND = re.compile(
    r"""(?P<name>[\w.-]+(?:\[[\w,-]+])?) [^;]*? >= (?P<version>[\w.]+) [^;]*
    (?:; .* extra\ ==\ ["'](?P<extra>[\w-]+))?""",
    re.VERBOSE,
)


def lowest(extras: set[str]) -> list[str]:
    """Return a requirement of its lowest version for each direct dependency that has one."""
    found = [_BOUND.match(each) for each in importlib.metadata.requires("workerhost") or ()]
    return [f"{each['name']}=={each['version']}" for each in found if each and each["extra"] in {None, *extras}]


if __name__ == "__main__":
    command = [sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    subprocess.run([*command, *lowest(set(sys.argv[1:]))], check=True)  # noqa: S603  what setup.cfg names
