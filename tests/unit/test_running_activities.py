"""What ran in a process is known after its death."""

import os
import signal

import pytest

from workerhost.runtime.builds.running_activities import SLOTS, RunningActivities, RunningActivity

NAP = RunningActivity("shop", "nap", "order-7")


@pytest.mark.filterwarnings("ignore:.*multi-threaded:DeprecationWarning")
def test_what_ran_when_a_process_was_killed_can_be_read_by_the_one_that_forked_it() -> None:
    activities = RunningActivities()
    child = os.fork()
    if child == 0:
        activities.note_host("h1")
        with activities.running(RunningActivity("shop", "over", "x")):
            pass
        with activities.running(NAP):
            os.kill(os.getpid(), signal.SIGKILL)
    os.waitpid(child, 0)
    assert activities.host_id == "h1"
    assert activities.all() == [NAP]
    assert str(NAP) == "nap of project shop (workflow id order-7)"


def test_what_has_ended_is_forgotten_and_names_of_any_length_and_number_are_taken() -> None:
    activities = RunningActivities()
    held = [activities.running(RunningActivity("p", "n" * 2000, str(number))) for number in range(SLOTS + 5)]
    for each in held:
        each.__enter__()
    assert len(activities.all()) == SLOTS - 1
    for each in held:
        each.__exit__(None, None, None)
    assert activities.all() == []
    with activities.running(NAP):
        activities.close()
        assert activities.all() == []
