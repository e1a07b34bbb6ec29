"""What the commands that call a running service share: its client, their options, and how answers are shown."""

import contextlib
import json
from collections.abc import Callable, Iterator
from typing import Any, TypeVar

import click

from workerhost.cli.address import service_address
from workerhost.cli.completion import complete_open_runs, complete_projects, complete_runs
from workerhost.cli.suggestions import with_suggestion
from workerhost.client import ApiError, Client, NoServiceError
from workerhost.errors import InvalidRequestError
from workerhost.words import CURRENT

F = TypeVar("F", bound=Callable[..., Any])

BUILD_ID_LENGTH = 32
URL_HELP = (
    "Address of the service; else WORKERHOST_URL, else that of the `workerhost dev` of this folder or one above, else "
    "this machine with the port WORKER_SERVICE_PORT or 3011."
)

project_argument = click.argument("project", shell_complete=complete_projects)
"""The id of a project, as the first argument of a command."""
run_argument = click.argument("workflow_id", shell_complete=complete_runs)
"""The workflow id of a run, after the project."""
open_run_argument = click.argument("workflow_id", shell_complete=complete_open_runs)
"""The workflow id of a run that goes on, after the project."""
url_option = click.option("--url", help=URL_HELP)


def service_options(command: F) -> F:
    """Give a command the options `--url` and `--json`."""
    as_json = click.option("--json", "as_json", is_flag=True, help="Print the API's answer as JSON and nothing else.")
    return url_option(as_json(command))


@contextlib.contextmanager
def connect(url: str | None) -> Iterator[Client]:
    """Yield a client of the service.

    Args:
        url: what `--url` says.

    Raises:
        NoServiceError: none answers; the sentence says where it was looked for.
        ApiError: the service refuses a call; where a name is mistyped, the sentence names the closest one.
    """
    address = service_address(url)
    with Client(address.url) as client:
        try:
            yield client
        except NoServiceError as error:
            raise NoServiceError(f"{error} ({address.found})") from error
        except ApiError as error:
            raise with_suggestion(error, client) from error


def show_json(answer: Any) -> None:
    """Print an answer for other programs."""
    click.echo(_json(answer, indent=2))


def show_json_line(answer: Any) -> None:
    """Print an answer for other programs that read one line after the other, at once."""
    click.echo(_json(answer))


def _json(answer: Any, indent: int | None = None) -> str:
    """Return JSON in which nothing speaks to a terminal or ends a line that JSON does not end itself."""
    text = json.dumps(answer, ensure_ascii=False, indent=indent)
    shown = (each if each.isprintable() or each == "\n" else json.dumps(each)[1:-1] for each in text)
    return text if text.isprintable() else "".join(shown)


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
