"""Whether the names of triggers are free, looked at before a drawing is stored."""

from collections.abc import Sequence

from workerhost.drawing import DrawingProblem
from workerhost.errors import ConflictError, DrawingRefusedError, TemporalRefusedError, TemporalUnavailableError
from workerhost.model import Project, WorkflowCode
from workerhost.runtime.schedules.operations import Schedules
from workerhost.runtime.triggers.wanted import WantedTrigger, WantedWebhook, key_of, read_triggers
from workerhost.store import Store
from workerhost.words import AuthenticationKind, TriggerKind


class TriggerChecker:
    """Checks the triggers of drawings that are to be published. Safe to use from any thread; every call may block.

    Args:
        store: where webhooks are, and whose they are.
        schedules: those of projects.
    """

    def __init__(self, store: Store, schedules: Schedules) -> None:
        self._store = store
        self._schedules = schedules

    def check(self, project: Project, codes: Sequence[WorkflowCode]) -> None:
        """Refuse versions of workflows whose triggers cannot be set up.

        Args:
            project: whose they are.
            codes: what is to be published; those that are not drawn have no triggers.

        Raises:
            DrawingRefusedError: definitions do not fit; all problems are named.
            ConflictError: schedules or webhooks of these names are there, and are not those of these workflows.
            StoreUnavailableError: the database does not answer.
        """
        wanted: list[WantedTrigger] = []
        problems: dict[str, list[DrawingProblem]] = {}
        for code in codes:
            if code.drawing is not None and code.drawing.triggers:
                fit, unfit = read_triggers(project.id, code.name, code.drawing.triggers)
                unfit += self._without_secret(fit)
                wanted += fit
                if unfit:
                    problems[code.name] = unfit
        if problems:
            raise DrawingRefusedError(problems)
        if wanted and (taken := self._taken(project, wanted, {code.name for code in codes})):
            raise ConflictError("; ".join(taken), code="trigger_taken")

    def _without_secret(self, wanted: Sequence[WantedTrigger]) -> list[DrawingProblem]:
        problems = []
        for each in wanted:
            if not isinstance(each, WantedWebhook):
                continue
            known = each.definition.authentication
            if known.kind == AuthenticationKind.NONE or known.secret is not None:
                continue
            present = self._store.webhooks.find(each.definition.project_id, each.name)
            if present is None or present.authentication.kind != known.kind:
                reason = f"{each.kind} {each.name}: authentication.secret is required"
                problems.append(DrawingProblem(reason, each.node))
        return problems

    def _taken(self, project: Project, wanted: Sequence[WantedTrigger], published: set[str]) -> list[str]:
        owned = self._store.triggers.owned(project.id)
        users = {
            (TriggerKind(trigger.kind), trigger.name): workflow
            for workflow, trigger in self._store.workflows.active_triggers(project.id)
            if workflow not in published and trigger.kind in tuple(TriggerKind)
        }
        sentences = []
        for each in wanted:
            key = key_of(each)
            if key in users:
                sentences.append(_sentence(project, each, f"is a trigger of workflow {users[key]}"))
            elif key not in owned and self._is_there(project, each):
                sentences.append(_sentence(project, each, "is there already, and was not made for this drawing"))
            users[key] = each.workflow
        return sentences

    def _is_there(self, project: Project, wanted: WantedTrigger) -> bool:
        if isinstance(wanted, WantedWebhook):
            return self._store.webhooks.find(project.id, wanted.name) is not None
        try:
            return self._schedules.find(project, wanted.name) is not None
        except (TemporalUnavailableError, TemporalRefusedError):
            return False  # it is looked at again before it is set up


def _sentence(project: Project, wanted: WantedTrigger, what: str) -> str:
    place = f"{wanted.kind} {wanted.name} of project {project.id}"
    return f"{place} {what}; give the one of workflow {wanted.workflow} another name"
