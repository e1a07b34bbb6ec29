"""What of a workflow's commands reaches beyond its project."""

from collections.abc import Callable, Collection, Mapping

import pytest
from temporalio.bridge.proto.workflow_completion import WorkflowActivationCompletion

from workerhost.runtime.processes.permissions import MOST_OTHER_RUNS, NotPermittedError, Permissions


def _permissions(queues_of: Callable[[Collection[str]], Mapping[str, str]] = lambda _ids: {}) -> Permissions:
    return Permissions("shop", "default", "shop-queue", frozenset({"till-queue"}), queues_of)


def _check(permissions: Permissions, completion: WorkflowActivationCompletion) -> None:
    permissions.check_runs(permissions.check_queues(completion))


def test_a_child_in_another_namespace_is_refused() -> None:
    completion = WorkflowActivationCompletion()
    child = completion.successful.commands.add().start_child_workflow_execution
    child.workflow_type, child.task_queue, child.namespace = "Echo", "shop-queue", "elsewhere"
    with pytest.raises(NotPermittedError, match="it starts workflow Echo on task queue shop-queue, which is not its"):
        _check(_permissions(), completion)
    child.namespace = "default"
    _check(_permissions(), completion)


def test_a_signal_into_another_namespace_is_refused_without_a_question() -> None:
    completion = WorkflowActivationCompletion()
    target = completion.successful.commands.add().signal_external_workflow_execution.workflow_execution
    target.namespace, target.workflow_id = "elsewhere", "run"
    with pytest.raises(NotPermittedError, match="it signals run run, which is not its"):
        _check(_permissions(lambda _ids: pytest.fail("it was asked")), completion)


def test_nexus_is_refused() -> None:
    completion = WorkflowActivationCompletion()
    completion.successful.commands.add().schedule_nexus_operation.endpoint = "billing"
    with pytest.raises(NotPermittedError, match="it calls Nexus endpoint billing, which is not its"):
        _check(_permissions(), completion)


def test_all_runs_of_a_task_are_asked_for_at_once_and_there_are_not_too_many() -> None:
    questions: list[int] = []

    def queues_of(ids: Collection[str]) -> Mapping[str, str]:
        questions.append(len(ids))
        return dict.fromkeys(ids, "till-queue")

    completion = WorkflowActivationCompletion()
    for number in range(MOST_OTHER_RUNS):
        command = completion.successful.commands.add().request_cancel_external_workflow_execution
        command.workflow_execution.workflow_id = str(number)
    _check(_permissions(queues_of), completion)
    assert questions == [MOST_OTHER_RUNS]
    completion.successful.commands.add().signal_external_workflow_execution.workflow_execution.workflow_id = "one more"
    with pytest.raises(NotPermittedError, match="it signals or cancels 1001 runs in one task; 1000 are possible"):
        _check(_permissions(queues_of), completion)
