"""Arguments for workflows, signals, queries and updates, as they are written on a command line."""

import json
import math
from collections.abc import Callable
from typing import Any, NoReturn, TextIO, TypeVar

import click

F = TypeVar("F", bound=Callable[..., Any])

unchecked_option = click.option(
    "--unchecked", is_flag=True, help="Send name and arguments as they are, whatever the code takes."
)
"""Turns off that the service looks whether the arguments fit."""


def arguments_option(command: F) -> F:
    """Give a command the arguments ARGS, and the option `--args-json` for all of them at once.

    The command gets them as `args` and `args_json`, which `given_arguments` reads.
    """
    whole = click.option(
        "--args-json",
        metavar="FILE",
        type=click.File(encoding="utf-8"),
        help="Take all arguments from a file that holds a JSON list; - is standard input.",
    )
    return click.argument("args", nargs=-1)(whole(command))


def given_arguments(args: tuple[str, ...], args_json: TextIO | None) -> list[Any]:
    """Return the arguments that a command was given.

    Args:
        args: each is JSON, or else text.
        args_json: holds all of them, in a JSON list.

    Raises:
        click.UsageError: both are given, or the file holds no JSON list.
    """
    if args_json is None:
        return [argument(text) for text in args]
    if args:
        raise click.UsageError("--args-json has all arguments; give none beside it")
    try:
        values = _parse(args_json.read())
    except (ValueError, RecursionError) as error:
        raise click.UsageError(f"--args-json: {args_json.name} holds no JSON: {error}") from error
    if not isinstance(values, list):
        raise click.UsageError(f'--args-json: {args_json.name} must hold a JSON list, as in [1, "two"]')
    return values


def argument(text: str) -> Any:
    """Return what one argument means: the value where it is JSON, else the text as it is."""
    try:
        return _parse(text)
    except (ValueError, RecursionError):
        return text


def _parse(text: str) -> Any:
    return json.loads(text, parse_constant=_refuse, parse_float=_finite)


def _finite(text: str) -> float:
    value = float(text)
    return value if math.isfinite(value) else _refuse(text)


def _refuse(text: str) -> NoReturn:
    raise ValueError(f"{text} is no JSON number")
