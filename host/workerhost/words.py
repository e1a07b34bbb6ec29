"""Types for words: ids that are easily confused, and states and kinds as the API and the database have them."""

from enum import StrEnum
from typing import NewType

BuildId = NewType("BuildId", str)
"""Names a build: the digest of its modules, in hex digits."""

CURRENT = BuildId("current")
"""Stands for the id of the project's current build in requests."""

WorkflowId = NewType("WorkflowId", str)
"""Names an execution, across all of its runs. Not the id of a row of `workflows`, which names code."""

RunId = NewType("RunId", str)
"""Names one run of an execution."""

HostId = NewType("HostId", str)
"""Names a host, from its start to its end."""

WorkerId = NewType("WorkerId", str)
"""Names a project worker, from its start to its end."""


class DesiredState(StrEnum):
    """What a project should do."""

    RUNNING = "running"
    STOPPED = "stopped"


class Isolation(StrEnum):
    """Where the code of a project runs."""

    PROCESS = "process"
    """In processes of its own, sealed from the host and from other projects."""
    THREAD = "thread"
    """In the host, which must trust it."""


class WorkerStatus(StrEnum):
    """What a project worker does."""

    STARTING = "starting"
    """It is being prepared, or waits for Temporal."""
    RUNNING = "running"
    """It polls."""
    STOPPING = "stopping"
    """It ends what it has begun."""
    STOPPED = "stopped"
    """It has ended, or its host is gone."""
    FAILED = "failed"
    """It could not start, or died; it is tried again."""

    @property
    def goes_on(self) -> bool:
        """Whether nobody has asked a worker of this status to end."""
        return self in (WorkerStatus.STARTING, WorkerStatus.RUNNING, WorkerStatus.FAILED)


class HostStatus(StrEnum):
    """What a host does."""

    LIVE = "live"
    DRAINING = "draining"
    """It hands its projects over and ends."""
    LATE = "late"
    """Its heartbeats have stopped."""


class IsolationKind(StrEnum):
    """What a machine may give to seal the code of projects with."""

    PROCESS = "process"
    """A process of its own, with limits."""
    USER = "user"
    """A user of its own."""
    NAMESPACES = "namespaces"
    """Process ids, network, IPC and mounts of its own."""
    LANDLOCK = "landlock"
    """Files that it does not need are closed to it."""
    SECCOMP = "seccomp"
    """System calls that it does not need are refused."""
    NETWORK = "network"
    """It can be kept from the network, by one or the other."""


class ExecutionStatus(StrEnum):
    """How far an execution has come, in Temporal's words."""

    RUNNING = "RUNNING"
    COMPLETED = "COMPLETED"
    FAILED = "FAILED"
    CANCELED = "CANCELED"
    TERMINATED = "TERMINATED"
    CONTINUED_AS_NEW = "CONTINUED_AS_NEW"
    TIMED_OUT = "TIMED_OUT"


class StepKind(StrEnum):
    """What a step of a run is."""

    ACTIVITY = "activity"
    LOCAL_ACTIVITY = "localActivity"
    TIMER = "timer"
    CHILD_WORKFLOW = "childWorkflow"
    SIGNAL = "signal"
    """One that the run has got, or has sent to another run."""
    UPDATE = "update"


class StepStatus(StrEnum):
    """How far a step of a run has come."""

    SCHEDULED = "scheduled"
    """It waits to begin."""
    RUNNING = "running"
    RETRYING = "retrying"
    """It has failed, and waits for its next try."""
    COMPLETED = "completed"
    FAILED = "failed"
    TIMED_OUT = "timedOut"
    CANCELED = "canceled"

    @property
    def is_end(self) -> bool:
        """Whether nothing more comes of a step of this status."""
        return self not in (StepStatus.SCHEDULED, StepStatus.RUNNING, StepStatus.RETRYING)


HOST_MESSAGES = "workerhost:"
"""How names of signals, queries and updates begin that are between this service and code that was compiled from
drawings. They are not listed, and may be sent like any others."""


class MessageKind(StrEnum):
    """What can be said to a run."""

    SIGNAL = "signal"
    QUERY = "query"
    UPDATE = "update"


class ScheduleOverlap(StrEnum):
    """What a schedule does when it is to start a run while the one before runs."""

    SKIP = "skip"
    """It starts none."""
    BUFFER_ONE = "bufferOne"
    """It starts one as soon as the one before has ended, and leaves out further ones."""
    BUFFER_ALL = "bufferAll"
    """It starts each as soon as the one before has ended."""
    CANCEL_OTHER = "cancelOther"
    """It cancels the one that runs, and starts the next one when that has ended."""
    TERMINATE_OTHER = "terminateOther"
    """It ends the one that runs at once."""
    ALLOW_ALL = "allowAll"
    """It starts each at its time."""


class StuckCode(StrEnum):
    """What keeps a running execution from going on."""

    WORKFLOW_TASK_FAILS = "workflow_task_fails"
    """Its code raises, or does not fit its history, each time that it is tried."""
    NO_WORKER = "no_worker"
    """A task of it waits, and no worker takes it."""
    ACTIVITY_RETRIES = "activity_retries"
    """An activity has failed and is tried again."""
    ACTIVITY_UNKNOWN = "activity_unknown"
    """It asks for an activity that neither its build nor a plugin has."""
    NO_BUILD = "no_build"
    """There is no build for it: none of its type, or its own is gone."""


class BuildState(StrEnum):
    """Which runs a build takes."""

    CURRENT = "current"
    """New runs take it."""
    RAMPING = "ramping"
    """A share of new runs takes it."""
    DRAINING = "draining"
    """Runs that are open end on it."""
    DRAINED = "drained"
    """No run is open on it."""


class DeploymentEventKind(StrEnum):
    """What changed which builds the runs of a project take."""

    PUBLISHED = "published"
    RAMP_STARTED = "ramp_started"
    RAMP_CHANGED = "ramp_changed"
    PROMOTED = "promoted"
    ROLLED_BACK = "rolled_back"
    MOVED = "moved"
    """Runs go on with another build."""
    RETURNED = "returned"
    """A run that was moved went back to the build that its history names."""


class ModuleChangeKind(StrEnum):
    """What became of a module from one version or build to another."""

    ADDED = "added"
    REMOVED = "removed"
    CHANGED = "changed"


class MoveStatus(StrEnum):
    """How far a move of many runs has come."""

    RUNNING = "running"
    COMPLETED = "completed"
    FAILED = "failed"


class BatchOperation(StrEnum):
    """What a batch does with each of its executions."""

    START = "start"
    CANCEL = "cancel"
    TERMINATE = "terminate"
    SIGNAL = "signal"
    DELETE = "delete"
    RESET = "reset"


class BatchStatus(StrEnum):
    """How far a batch has come."""

    WAITING = "waiting"
    """No host works on it yet, or its host has handed it over."""
    RUNNING = "running"
    STOPPING = "stopping"
    """It ends what it has begun."""
    COMPLETED = "completed"
    """All has been tried; some of it may have failed."""
    STOPPED = "stopped"
    """Somebody has stopped it."""
    FAILED = "failed"
    """It cannot go on."""

    @property
    def is_end(self) -> bool:
        """Whether nothing more comes of a batch of this status."""
        return self in (BatchStatus.COMPLETED, BatchStatus.STOPPED, BatchStatus.FAILED)


class WebhookAction(StrEnum):
    """What a call of a webhook does."""

    START = "start"
    """It starts an execution."""
    SIGNAL = "signal"
    """It sends a signal to an execution."""
    UPDATE = "update"
    """It has an execution take an update."""
    QUERY = "query"
    """It has an execution answer a query."""


class AuthenticationKind(StrEnum):
    """How a webhook knows its callers."""

    HMAC = "hmac"
    """They sign what they send with a secret."""
    HEADER = "header"
    """They send a secret in a header."""
    NONE = "none"
    """It does not; whoever knows the address may call it."""


class SignatureScheme(StrEnum):
    """Where the signature of a call stands, and what is signed."""

    GENERIC = "generic"
    GITHUB = "github"
    STRIPE = "stripe"
    SLACK = "slack"


class VariableScope(StrEnum):
    """Whose a variable is that is kept for a project."""

    PROJECT = "project"
    """The project's, for what its workflows count or agree on."""
    SERVICE = "service"
    """The service's that its drawings declare it for; names are apart from those of the project."""


GOING_ON = tuple(status for status in WorkerStatus if status.goes_on)
"""The statuses of a worker that nobody has asked to end."""

ALIVE = (*GOING_ON, WorkerStatus.STOPPING)
"""The statuses of a worker that its host still looks after."""


class Period(StrEnum):
    """How long a time the figures of one row are of; each begins with a full one, in UTC."""

    HOUR = "hour"
    DAY = "day"
