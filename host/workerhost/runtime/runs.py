"""All that is done with the runs of projects, assembled: starts, looks, messages, batches, webhooks."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from workerhost.runtime.batches.operations import Batches
from workerhost.runtime.batches.runner import BatchRunner
from workerhost.runtime.builds.active_code import ActiveCode
from workerhost.runtime.executions.history.operations import Histories
from workerhost.runtime.executions.listing.operations import ExecutionLists
from workerhost.runtime.executions.messages import Messages
from workerhost.runtime.executions.nodes.operations import NodeLists
from workerhost.runtime.executions.operations import Executions
from workerhost.runtime.executions.pausing.pauses import Pauses
from workerhost.runtime.executions.resetting.wanted import RunResetter
from workerhost.runtime.executions.starting.starter import ExecutionStarter
from workerhost.runtime.executions.starting.starts import Starts
from workerhost.runtime.executions.starting.with_message import MessageStarts
from workerhost.runtime.executions.stuck.finder import StuckFinder
from workerhost.runtime.executions.stuck.no_worker import WorkerReport
from workerhost.runtime.executions.watching.watches import RunWatches
from workerhost.runtime.hosts.jobs import TIDY_DELAY, Job
from workerhost.runtime.temporal.connection import TemporalConnection
from workerhost.runtime.types.arguments import ArgumentChecker
from workerhost.runtime.types.build_types import TypesOfBuilds
from workerhost.runtime.webhooks.known import KnownWebhooks
from workerhost.runtime.webhooks.operations import Webhooks
from workerhost.settings import Settings
from workerhost.store import Store
from workerhost.words import HostId

BATCHES_SECONDS, TIDY_SECONDS = 5.0, 3600.0
"""How often batches are taken up, and resets forgotten whose hosts have died."""


@dataclass(frozen=True)
class RunsContext:
    """What runs are handled with."""

    settings: Settings
    store: Store
    temporal: TemporalConnection
    types: TypesOfBuilds
    active_code: ActiveCode
    """Makes the build of a project that has none yet."""
    host_id: HostId
    status: Callable[[str], WorkerReport]
    """Says what the worker of a project does."""
    resetter: RunResetter
    known_webhooks: KnownWebhooks


class Runs:
    """The parts that handle runs. Made and stopped in the main thread; each part names the threads that may use it.

    Args:
        context: what they work with.
    """

    def __init__(self, context: RunsContext) -> None:
        self._store = store = context.store
        temporal = context.temporal
        stuck = StuckFinder(context.status)
        self.types = context.types
        self.argument_checker = ArgumentChecker(store, self.types)
        self.executions = Executions(temporal, stuck, self.argument_checker)
        self.messages = Messages(temporal, context.status, self.argument_checker)
        self.lists = ExecutionLists(temporal, stuck)
        self.histories = Histories(temporal)
        self.nodes = NodeLists(store, self.types, self.histories, self.messages)
        self.watches = RunWatches(temporal, self.executions.look, context.settings.watchers)
        self.pauses = Pauses(temporal)
        self.starts = Starts(temporal)
        message_starts = MessageStarts(temporal, self.executions, self.messages, self.argument_checker)
        self.starter = ExecutionStarter(store, context.active_code, self.starts, message_starts, self.argument_checker)
        self.batch_runner = BatchRunner(store, self.starter, context.resetter, temporal.options, context.host_id)
        self.batches = Batches(store, self.starter, self.batch_runner, self.argument_checker)
        self.webhooks = Webhooks(store, self.starter, self.executions, self.messages, context.known_webhooks)

    def jobs(self) -> Iterator[Job]:
        """Yield what is done for runs now and then."""
        yield Job(self.batch_runner.take_up_batches, BATCHES_SECONDS)
        yield Job(self._store.resets.forget, TIDY_SECONDS, delay=TIDY_DELAY)
