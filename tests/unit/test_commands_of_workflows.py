"""What of a workflow's commands reaches beyond its project."""

from collections.abc import Callable, Collection, Mapping

import pytest
from temporalio.api.enums.v1 import WorkflowIdReusePolicy
from temporalio.bridge.proto.workflow_completion import WorkflowActivationCompletion

from workerhost.runtime.processes.permissions import MOST_OTHER_RUNS, NO_RUN, NotPermittedError, Permissions
from workerhost.runtime.temporal.run_owners import OwnedRun


def _permissions(runs_of: Callable[[Collection[str]], Mapping[str, OwnedRun]] = lambda _ids: {}) -> Permissions:
    return Permissions("shop", "default", "shop-queue", frozenset({"till-queue"}), runs_of)


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

    def runs_of(ids: Collection[str]) -> Mapping[str, OwnedRun]:
        questions.append(len(ids))
        return dict.fromkeys(ids, OwnedRun("till-queue", "run", is_open=True))

    completion = WorkflowActivationCompletion()
    for number in range(MOST_OTHER_RUNS):
        command = completion.successful.commands.add().request_cancel_external_workflow_execution
        command.workflow_execution.workflow_id = str(number)
    _check(_permissions(runs_of), completion)
    assert questions == [MOST_OTHER_RUNS]
    completion.successful.commands.add().signal_external_workflow_execution.workflow_execution.workflow_id = "one more"
    with pytest.raises(NotPermittedError, match="it signals or cancels 1001 runs in one task; 1000 are possible"):
        _check(_permissions(runs_of), completion)


@pytest.mark.parametrize(
    ("run", "narrowed"),
    [
        (OwnedRun("shop-queue", "open", is_open=True), ""),
        (OwnedRun("shop-queue", "closed", is_open=False), "closed"),
        (None, NO_RUN),
    ],
)
def test_what_is_sent_reaches_nobody_who_takes_the_id_afterwards(run: OwnedRun | None, narrowed: str) -> None:
    completion = WorkflowActivationCompletion()
    signal = completion.successful.commands.add().signal_external_workflow_execution
    cancel = completion.successful.commands.add().request_cancel_external_workflow_execution
    child = completion.successful.commands.add().start_child_workflow_execution
    signal.workflow_execution.workflow_id = cancel.workflow_execution.workflow_id = child.workflow_id = "order"
    child.workflow_id_reuse_policy = WorkflowIdReusePolicy.WORKFLOW_ID_REUSE_POLICY_TERMINATE_IF_RUNNING
    _check(_permissions(lambda _ids: {"order": run} if run else {}), completion)
    assert signal.workflow_execution.run_id == cancel.workflow_execution.run_id == narrowed
    ends_others = child.workflow_id_reuse_policy == WorkflowIdReusePolicy.WORKFLOW_ID_REUSE_POLICY_TERMINATE_IF_RUNNING
    assert ends_others == (narrowed == "")


def test_a_signal_to_a_child_is_the_servers_to_check() -> None:
    completion = WorkflowActivationCompletion()
    completion.successful.commands.add().signal_external_workflow_execution.child_workflow_id = "child"
    _check(_permissions(lambda _ids: pytest.fail("it was asked")), completion)
