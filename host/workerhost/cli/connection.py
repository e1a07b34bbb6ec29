"""What the commands that call a running service share: where it is, and how its answers are asked for and shown."""

import json
import os
from collections.abc import Callable
from typing import Any, TypeVar

import click

from workerhost.client import Client
from workerhost.errors import InvalidRequestError
from workerhost.settings import load_settings
from workerhost.words import CURRENT

F = TypeVar("F", bound=Callable[..., Any])

BUILD_ID_LENGTH = 32
URL_HELP = "Address of the service; else WORKERHOST_URL, else this machine with the port WORKER_SERVICE_PORT or 3011."


def service_options(command: F) -> F:
    """Give a command the options `--url` and `--json`."""
    as_json = click.option("--json", "as_json", is_flag=True, help="Print the API's answer as JSON and nothing else.")
    return click.option("--url", help=URL_HELP)(as_json(command))


def service_url(given: str | None) -> str:
    """Return the given address of a service, or that in WORKERHOST_URL, or that of the service on this machine."""
    return given or os.environ.get("WORKERHOST_URL") or f"http://127.0.0.1:{load_settings().port}"


def connect(url: str | None) -> Client:
    """Return a client of the service."""
    return Client(service_url(url))


def show_json(answer: Any) -> None:
    """Print an answer for other programs."""
    click.echo(json.dumps(answer, ensure_ascii=False, indent=2))


def full_build_id(client: Client, project_id: str, build: str) -> str:
    """Return the id of a build of which the first digits are given, as tables show them.

    Raises:
        InvalidRequestError: several builds begin with these digits.
    """
    if build == CURRENT or len(build) >= BUILD_ID_LENGTH:
        return build
    found = [each.id for each in client.deployment(project_id).builds if each.id.startswith(build)]
    if len(found) > 1:
        raise InvalidRequestError(f"several builds of project {project_id} begin with {build}: {', '.join(found)}")
    return found[0] if found else build  # the service says that there is none
