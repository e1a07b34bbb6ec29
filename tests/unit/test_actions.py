"""Actions are counted as the table in Temporal's documentation says: https://docs.temporal.io/cloud/actions"""

from typing import Any

import pytest
from temporalio.bridge.proto.workflow_activation import WorkflowActivation
from temporalio.bridge.proto.workflow_completion import WorkflowActivationCompletion

from workerhost.runtime.builds.actions import ActionCount


def activation(*jobs: str, length: int = 3, is_replaying: bool = False) -> WorkflowActivation:
    made = WorkflowActivation(history_length=length, is_replaying=is_replaying)
    for job in jobs:
        getattr(made.jobs.add(), job).SetInParent()
    return made


def completion(*commands: str) -> WorkflowActivationCompletion:
    made = WorkflowActivationCompletion()
    made.successful.SetInParent()
    for command in commands:
        getattr(made.successful.commands.add(), command).SetInParent()
    return made


def local_activity_ended(length: int = 3) -> WorkflowActivation:
    made = activation("resolve_activity", length=length)
    made.jobs[0].resolve_activity.is_local = True
    return made


@pytest.mark.parametrize(
    ("jobs", "commands", "actions"),
    [
        (["initialize_workflow"], [], 1),
        (["initialize_workflow"], ["continue_as_new_workflow_execution"], 1),
        (["initialize_workflow", "signal_workflow"], ["complete_workflow_execution"], 2),
        (["signal_workflow", "signal_workflow"], [], 2),
        (["do_update"], ["update_response", "update_response"], 1),
        (["query_workflow"], ["respond_to_query"], 1),
        (["update_random_seed"], [], 1),
        (["initialize_workflow", "update_random_seed"], ["set_patch_marker"], 2),
        (["fire_timer"], ["start_timer", "start_timer"], 2),
        (["resolve_child_workflow_execution_start"], ["start_child_workflow_execution"], 1),
        (["resolve_activity"], ["schedule_activity", "request_cancel_activity", "cancel_timer"], 0),
        (["fire_timer"], ["upsert_workflow_search_attributes", "modify_workflow_properties"], 1),
        (["fire_timer"], ["schedule_nexus_operation", "request_cancel_nexus_operation"], 2),
        (["fire_timer"], ["set_patch_marker", "set_patch_marker"], 1),
        (["resolve_signal_external_workflow"], ["signal_external_workflow_execution"], 0),
        (["cancel_workflow"], ["cancel_workflow_execution"], 0),
    ],
)
def test_each_kind_counts_as_the_table_says(jobs: list[str], commands: list[str], actions: int) -> None:
    assert ActionCount().of(activation(*jobs), completion(*commands)) == actions


def test_a_run_that_a_schedule_starts_counts_the_schedule_too() -> None:
    began = activation("initialize_workflow")
    began.jobs[0].initialize_workflow.search_attributes.indexed_fields["TemporalScheduledById"].data = b'"daily"'
    assert ActionCount().of(began, completion()) == 3


def test_all_local_activities_of_one_workflow_task_count_as_one() -> None:
    count = ActionCount()
    first = count.of(activation("initialize_workflow"), completion("schedule_local_activity", "set_patch_marker"))
    same_task = [count.of(local_activity_ended(), completion("schedule_local_activity")) for _ in range(3)]
    next_task = count.of(local_activity_ended(length=7), completion())
    assert (first, same_task, next_task) == (2, [0, 0, 0], 1)


@pytest.mark.parametrize("status", ["replayed", "failed"])
def test_replays_and_tasks_that_fail_count_their_queries_alone(status: str) -> None:
    jobs = ("initialize_workflow", "signal_workflow", "query_workflow")
    done: Any = completion("start_timer", "set_patch_marker")
    if status == "failed":
        done = WorkflowActivationCompletion()
        done.failed.failure.message = "no"
    assert ActionCount().of(activation(*jobs, is_replaying=status == "replayed"), done) == 1
