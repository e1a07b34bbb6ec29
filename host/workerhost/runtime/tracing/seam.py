"""Where traces come in: what a client to Temporal brings along for the workers that use it."""

from abc import abstractmethod
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from temporalio.api.common.v1 import Payload
from temporalio.client import Client
from temporalio.client import Interceptor as ClientInterceptor
from temporalio.worker import Interceptor

if TYPE_CHECKING:
    from workerhost.runtime.builds.runner import BuildChooser

BuildOf = Callable[[Mapping[str, Payload]], str | None]
"""Returns the id of the build that the headers of an activity name."""


class ClientTracing(ClientInterceptor):
    """Makes spans of calls to Temporal, and knows how a worker makes those of its activities and runs.

    Safe to use from any thread.
    """

    @abstractmethod
    def activities(self, project_id: str, build_of: BuildOf) -> Interceptor:
        """Return what makes spans of the activities of a project; it comes before all other interceptors."""

    @abstractmethod
    def runs(self, project_id: str, chooser: "BuildChooser") -> "BuildChooser":
        """Return what chooses as `chooser` does, and makes spans of the project's runs."""


def tracing_of(client: Client) -> ClientTracing | None:
    """Return what makes spans for a client, or None where nothing does."""
    found = (each for each in client.config()["interceptors"] if isinstance(each, ClientTracing))
    return next(found, None)
