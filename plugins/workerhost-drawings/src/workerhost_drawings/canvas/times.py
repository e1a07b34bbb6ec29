"""Times and retry policies, as canvases write them."""

import re
from collections.abc import Mapping
from typing import Any

from workerhost_drawings.checks.near import near
from workerhost_drawings.flow.steps import Retry

LONGEST = 366 * 24 * 3600 * 1000
"""Milliseconds; a year."""

STRATEGIES = ("keep-trying", "fail-after-x", "exponential-backoff", "none")

_UNITS = {"ms": 1, "": 1000, "s": 1000, "m": 60_000, "h": 3_600_000, "d": 86_400_000}
_TIME = re.compile(r"(?P<number>\d{1,9}(?:\.\d{1,3})?) ?(?P<unit>ms|s|m|h|d|)")


class FieldError(ValueError):
    """What a field holds is of no use. Its text is a sentence.

    Args:
        reason: what is wrong, and what would do.
        field: the field within it, where it has several.
    """

    def __init__(self, reason: str, field: str = "") -> None:
        super().__init__(reason)
        self.field = field


def milliseconds(value: object) -> int:
    """Return a time that is written as `30s`, `500ms`, `5m`, `1h` or `2d`, or as a number of seconds.

    Raises:
        FieldError: it is no time, or none at all, or longer than a year.
    """
    text = str(value).strip() if isinstance(value, str | int | float) and not isinstance(value, bool) else ""
    found = _TIME.fullmatch(text)
    if found is None:
        raise FieldError("A time is written as 30s, 500ms, 5m, 1h or 2d, or as a number of seconds.")
    time = round(float(found["number"]) * _UNITS[found["unit"]])
    if not 0 < time <= LONGEST:
        raise FieldError("A time is longer than nothing, and a year at most.")
    return time


def retry(policy: object) -> Retry:
    """Return a retry policy.

    Raises:
        FieldError: it is none.
    """
    if not isinstance(policy, Mapping):
        raise FieldError("A retry policy is an object with a strategy.")
    strategy = policy.get("strategy") or ("fail-after-x" if policy.get("maxAttempts") else "keep-trying")
    if strategy not in STRATEGIES:
        raise FieldError(f"A strategy is one of {', '.join(STRATEGIES)}.{near(str(strategy), STRATEGIES)}", "strategy")
    if strategy == "none":
        return Retry(maximum_attempts=1)
    attempts = _number(policy, "maxAttempts", 1, 1_000_000)
    if strategy == "fail-after-x" and attempts is None:
        raise FieldError("The strategy fail-after-x needs maxAttempts.", "maxAttempts")
    first, longest = _time(policy, "initialInterval"), _time(policy, "maxInterval")
    if longest is not None and longest < (first or 1000):
        raise FieldError("maxInterval is shorter than initialInterval, which is 1s where it is not set.", "maxInterval")
    coefficient = _number(policy, "backoffCoefficient", 1, 1000)
    if coefficient is None and strategy == "exponential-backoff":
        coefficient = 2
    return Retry(
        maximum_attempts=0 if strategy == "keep-trying" or attempts is None else int(attempts),
        initial_interval=first,
        maximum_interval=longest,
        backoff_coefficient=coefficient,
    )


def _time(policy: Mapping[str, Any], field: str) -> int | None:
    value = policy.get(field)
    if value in (None, ""):
        return None
    try:
        return milliseconds(value)
    except FieldError as error:
        raise FieldError(str(error), field) from error


def _number(policy: Mapping[str, Any], field: str, least: int, most: int) -> float | None:
    value = policy.get(field)
    if value in (None, ""):
        return None
    if isinstance(value, str) and re.fullmatch(r"\d{1,7}(\.\d{1,3})?", value.strip()):
        value = float(value)
    whole = field == "maxAttempts"
    if isinstance(value, bool) or not isinstance(value, int | float) or not least <= value <= most:
        raise FieldError(f"{field} is a number from {least} to {most}.", field)
    if whole and value != int(value):
        raise FieldError(f"{field} is a whole number.", field)
    return value
