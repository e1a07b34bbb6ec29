"""Formatting with ruff, whatever settings stand around."""

import subprocess

import ruff  # type: ignore[import-untyped]  # a module that tells where its program is, and no more

from workerhost_drawings.emitting.notes import as_comments

LINE_LENGTH = 120
TIMEOUT_SECONDS = 20


class FormattingError(RuntimeError):
    """The formatter did not do its work. The text is a sentence."""


def formatted(code: str) -> str:
    """Return code in the form that ruff gives it; comments stand in it as numbered places still.

    Raises:
        FormattingError: ruff could not be run, or did not end well.
    """
    command = [
        ruff.find_ruff_bin(),
        "format",
        "--isolated",
        "--no-cache",
        "--quiet",
        f"--line-length={LINE_LENGTH}",
        "--target-version=py311",
        "--stdin-filename=workflow.py",
        "-",
    ]
    try:
        done = subprocess.run(  # noqa: S603  the installed ruff, with fixed arguments
            command, input=as_comments(code).encode(), capture_output=True, timeout=TIMEOUT_SECONDS, check=False
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise FormattingError(f"the code of the drawing could not be formatted: {error}") from error
    if done.returncode != 0:
        said = " ".join(done.stderr.decode(errors="replace").split())
        raise FormattingError(f"the code of the drawing could not be formatted: ruff says {said:.300}")
    return done.stdout.decode()
