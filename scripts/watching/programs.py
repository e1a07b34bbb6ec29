"""Where Prometheus' own programs are."""

import shutil

PROMETHEUS, PROMTOOL = "prometheus", "promtool"


class MissingProgramError(Exception):
    """A program is not installed; says what to install."""


def program(name: str) -> str:
    """Return the path of a program of Prometheus.

    Raises:
        MissingProgramError: it is not installed.
    """
    found = shutil.which(name)
    if found is None:
        raise MissingProgramError(
            f"{name} is missing. On Debian and Ubuntu: apt install prometheus, which brings it. Its service need not run:"
            " systemctl disable --now prometheus"
        )
    return found
