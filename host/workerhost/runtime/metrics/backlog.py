"""How much waits in the task queues of the projects that this host runs, as Temporal's server says."""

import asyncio
import logging
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping

from prometheus_client import Metric
from prometheus_client.core import GaugeMetricFamily
from temporalio.api.enums.v1 import TaskQueueType
from temporalio.api.taskqueue.v1 import TaskQueue
from temporalio.api.workflowservice.v1 import DescribeTaskQueueRequest
from temporalio.client import Client
from temporalio.service import RPCError

from workerhost.errors import WorkerhostError
from workerhost.runtime.metrics.families import QUEUE_BACKLOG, QUEUE_BACKLOG_AGE
from workerhost.runtime.metrics.host_figures import HostFigures, ServedProject
from workerhost.runtime.metrics.names import LabelNames
from workerhost.runtime.temporal.connection import RPC_TIMEOUT, TemporalConnection
from workerhost.words import WorkerStatus

log = logging.getLogger(__name__)

LOOK_SECONDS = 5.0
"""How often queues are looked at while somebody scrapes."""

SCRAPED_SECONDS = 90.0
"""How long after a scrape they are."""

ACTIVE_SECONDS = 60.0
"""How long a project is looked at after something happened in it."""

MOST_AT_A_LOOK = 50
"""Projects that are looked at each time, with two requests each: at most 20 requests a second."""

AT_ONCE = 8

KINDS = {
    "workflow": TaskQueueType.TASK_QUEUE_TYPE_WORKFLOW,
    "activity": TaskQueueType.TASK_QUEUE_TYPE_ACTIVITY,
}

Backlog = tuple[int, float]
"""Tasks, and the age of the oldest one in seconds."""


class BacklogWatch:
    """Asks for the backlogs, and is a collector of a registry.

    Only while somebody scrapes, and only for projects in which something happened of late, that have a backlog, or
    whose workers do not run. `look` belongs to one thread at a time; the rest may be used from any.

    Args:
        temporal: the way to the server.
        figures: returns which projects this host runs.
        names: decide which projects are shown by name.
    """

    def __init__(self, temporal: TemporalConnection, figures: Callable[[], HostFigures], names: LabelNames) -> None:
        self._temporal = temporal
        self._figures = figures
        self._names = names
        self._scraped_at = float("-inf")
        self._active_until: dict[str, float] = {}
        self._looked_at: dict[str, float] = {}
        self._known: Mapping[str, Mapping[str, Backlog]] = {}

    def note_scrape(self) -> None:
        """Have the queues looked at for a while."""
        self._scraped_at = time.monotonic()

    def look(self) -> None:
        """Ask the server for the backlogs of some projects, if somebody scrapes."""
        now = time.monotonic()
        active = self._names.active()  # taken in any case, so that it does not grow
        self._active_until |= dict.fromkeys(active, now + ACTIVE_SECONDS)
        self._active_until = {key: until for key, until in self._active_until.items() if until > now}
        if now - self._scraped_at > SCRAPED_SECONDS:
            return
        served = {each.id: each for each in self._figures().projects}
        known = {key: backlogs for key, backlogs in self._known.items() if key in served}
        chosen = self._choose(served)
        if chosen:
            try:
                known |= self._temporal.call(lambda client: self._ask(client, chosen), timeout=2 * LOOK_SECONDS)
            except (WorkerhostError, RPCError) as error:
                log.debug("the backlogs are not known: %s", error)
                known = {}  # what is old says nothing
            self._looked_at |= dict.fromkeys((each.id for each in chosen), now)
        self._looked_at = {key: at for key, at in self._looked_at.items() if key in served}
        self._known = known

    def collect(self) -> Iterator[Metric]:
        """Yield the families."""
        count = GaugeMetricFamily(QUEUE_BACKLOG.name, QUEUE_BACKLOG.help, labels=QUEUE_BACKLOG.labels)
        age = GaugeMetricFamily(QUEUE_BACKLOG_AGE.name, QUEUE_BACKLOG_AGE.help, labels=QUEUE_BACKLOG_AGE.labels)
        tasks, ages = Counter[tuple[str, str]](), dict[tuple[str, str], float]()
        for project_id, backlogs in self._known.items():
            for kind, (waiting, oldest) in backlogs.items():
                key = self._names.known(project_id), kind
                tasks[key] += waiting
                ages[key] = max(oldest, ages.get(key, 0.0))
        for key, waiting in tasks.items():
            count.add_metric(key, waiting)
            age.add_metric(key, ages[key])
        yield count
        yield age

    def _choose(self, served: Mapping[str, ServedProject]) -> list[ServedProject]:
        """Return the projects to ask for: those with a backlog or a worker that does not run first."""
        stuck = [each for each in served.values() if each.status != WorkerStatus.RUNNING or self._waits(each.id)]
        busy = [each for each in served.values() if each.id in self._active_until and each not in stuck]
        chosen: list[ServedProject] = []
        for group, share in ((stuck, MOST_AT_A_LOOK * 3 // 4), (busy, MOST_AT_A_LOOK)):
            oldest_first = sorted(group, key=lambda each: self._looked_at.get(each.id, 0.0))
            chosen += oldest_first[: share - len(chosen)]
        return chosen

    def _waits(self, project_id: str) -> bool:
        return any(waiting for waiting, _ in self._known.get(project_id, {}).values())

    async def _ask(self, client: Client, projects: list[ServedProject]) -> dict[str, dict[str, Backlog]]:
        places = asyncio.Semaphore(AT_ONCE)

        async def ask(project: ServedProject) -> dict[str, Backlog]:
            async with places:
                return {kind: await _backlog(client, project.task_queue, number) for kind, number in KINDS.items()}

        answers = await asyncio.gather(*map(ask, projects), return_exceptions=True)
        known = {}
        for project, answer in zip(projects, answers, strict=True):
            if isinstance(answer, RPCError):  # of one project: what the server refuses for it, it may say of others
                log.debug("the backlog of project %s is not known: %s", project.id, answer)
            elif isinstance(answer, BaseException):
                raise answer
            else:
                known[project.id] = answer
        return known


async def _backlog(client: Client, task_queue: str, kind: TaskQueueType.ValueType) -> Backlog:
    request = DescribeTaskQueueRequest(
        namespace=client.namespace, task_queue=TaskQueue(name=task_queue), task_queue_type=kind, report_stats=True
    )
    answer = await client.workflow_service.describe_task_queue(request, timeout=RPC_TIMEOUT)
    age = answer.stats.approximate_backlog_age.ToTimedelta().total_seconds()
    return answer.stats.approximate_backlog_count, age
