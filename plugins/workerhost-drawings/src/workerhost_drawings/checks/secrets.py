"""Finds secrets that are written into a drawing, where everyone reads them who sees it."""

import re
from collections.abc import Iterator
from typing import Any

from workerhost_drawings.problems import Findings

_KEYS = re.compile(
    r"pass(word|wd|phrase)|(api|private|access|signing|secret)[-_]?key|secret|token$|authorization", re.IGNORECASE
)
_TEXTS = re.compile(
    r"AKIA[0-9A-Z]{16}\b"  # Amazon
    r"|\bgh[pousr]_[A-Za-z0-9]{30,}"  # GitHub
    r"|\bglpat-[A-Za-z0-9_-]{20,}"  # GitLab
    r"|\bxox[abprs]-[A-Za-z0-9-]{10,}"  # Slack
    r"|\b[sr]k[-_](?:live[-_]|test[-_]|proj-|ant-)?[A-Za-z0-9_-]{20,}"  # Stripe, OpenAI and others
    r"|\bAIza[0-9A-Za-z_-]{30,}"  # Google
    r"|-----BEGIN [A-Z ]{0,20}PRIVATE KEY"
    r"|\beyJ[A-Za-z0-9_-]{10,}\.eyJ[A-Za-z0-9_-]{10,}\."  # a JSON web token
    r"|://[^/\s:@${}]{1,100}:[^/\s:@${}]{1,100}@"  # a password in an address
)


def secret_places(value: Any, path: str = "") -> Iterator[str]:
    """Yield the paths of texts that look like secrets. A text with an expression in it takes it from elsewhere.

    Args:
        value: what is drawn; not nested deeper than a drawing may be.
        path: where it stands.
    """
    pairs = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, each in pairs:
        place = f"{path}.{key}" if path else str(key)
        if isinstance(each, dict | list):
            yield from secret_places(each, place)
        elif isinstance(each, str) and (_names_secret(key, each) or _TEXTS.search(each)):
            yield place


def _names_secret(key: object, text: str) -> bool:
    return isinstance(key, str) and _KEYS.search(key) is not None and len(text) >= 4 and "${" not in text


def warn_of_secrets(value: Any, findings: Findings, node: str | None, instead: str, path: str | None = None) -> None:
    """Warn about texts that look like secrets.

    Args:
        value: what is drawn.
        findings: where warnings go.
        node: that it belongs to.
        instead: how an expression names a value of the environment.
        path: where the value stands, if that is enough to know.
    """
    for place in secret_places(value):
        findings.warning(
            "This looks like a secret, and everyone reads it who sees the drawing. "
            f"{instead} takes it from the project's environment instead; runs still hold it then. An activity of a "
            "plugin that finds it by itself keeps it from both.",
            *(node, path or place),
        )
