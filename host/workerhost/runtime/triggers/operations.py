"""The triggers of drawn workflows: checked before a publish, set up after it, and left alone by everybody else."""

from collections.abc import Mapping, Sequence

from workerhost.errors import ConflictError
from workerhost.model import Project, WorkflowCode
from workerhost.runtime.schedules.operations import Schedules
from workerhost.runtime.triggers.following import TriggerFollower
from workerhost.runtime.triggers.setting_up import TriggerWarning
from workerhost.runtime.triggers.taken import TriggerChecker
from workerhost.runtime.webhooks.known import KnownWebhooks
from workerhost.store import Store
from workerhost.words import TriggerKind

LEFT_SECONDS = 10.0
"""How often it is looked what is left to be done."""


class Triggers:
    """Triggers of drawn workflows. Safe to use from any thread; every call may block.

    Args:
        store: where the triggers of active versions are, and which are set up.
        schedules: those of projects.
    """

    def __init__(self, store: Store, schedules: Schedules) -> None:
        self._store = store
        self.known_webhooks = KnownWebhooks(store.webhooks)
        self._checker = TriggerChecker(store, schedules)
        self._follower = TriggerFollower(store, schedules, self.known_webhooks)

    def check(self, project: Project, codes: Sequence[WorkflowCode]) -> None:
        """Refuse versions of workflows whose triggers cannot be set up.

        Raises:
            DrawingRefusedError: definitions do not fit; all problems are named.
            ConflictError: schedules or webhooks of these names are there, and are not those of these workflows.
        """
        self._checker.check(project, codes)

    def follow(self, project_id: str) -> Sequence[TriggerWarning]:
        """Have the triggers of a project be those of its active versions; return what could not be done yet."""
        return self._follower.follow(project_id)

    def follow_left(self) -> None:
        """Do what is left to be done, for some projects.

        Raises:
            StoreUnavailableError: the database does not answer.
        """
        self._follower.follow_left()

    def owners(self, project_id: str, kind: TriggerKind) -> Mapping[str, str]:
        """Return the workflows that brought schedules or webhooks along, by the names of these."""
        owned = self._store.triggers.owned(project_id)
        return {name: each.workflow for (of_kind, name), each in owned.items() if of_kind == kind}

    def refuse_owned(self, project_id: str, kind: TriggerKind, name: str) -> None:
        """Refuse that somebody changes what belongs to a drawing.

        Raises:
            ConflictError: a schedule or a webhook is a workflow's.
        """
        workflow = self._store.triggers.owner(project_id, kind, name)
        if workflow is not None:
            raise ConflictError(
                f"{kind} {name} of project {project_id} belongs to workflow {workflow}, whose drawing says what it "
                "does; change the drawing and publish it",
                code="trigger_of_workflow",
            )
