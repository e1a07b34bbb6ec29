"""Runs with very long histories are proven and moved like others."""

from typing import Any

from temporalio.client import Client

from support.runs import Runs
from workerhost.runtime.service import Service
from workerhost.testing import Api, eventually

EVENTS = 10_000
ROUNDS, TIMERS = 20, 250

LONG = '''
import asyncio
from datetime import timedelta

from temporalio import activity, workflow


@activity.defn
def nothing() -> None:
    pass


@workflow.defn
class Long:
    """Sets many timers in each of its rounds and cancels them; ends when it is told to."""

    def __init__(self) -> None:
        self.is_over = False

    @workflow.run
    async def run(self, rounds: int) -> str:
        for number in range(rounds):
            waiting = [asyncio.create_task(asyncio.sleep(3600)) for _ in range(TIMERS)]
            await workflow.execute_activity(nothing, start_to_close_timeout=timedelta(seconds=10))
            for timer in waiting:
                timer.cancel()
        await workflow.wait_condition(lambda: self.is_over)
        return "ended on MARK"

    @workflow.signal
    def end(self) -> None:
        self.is_over = True

    @workflow.query
    def build(self) -> str:
        return "MARK"
'''


def _long(mark: str, timers: str = str(TIMERS)) -> dict[str, str]:
    return {"version": mark, "workflowCode": LONG.replace("MARK", mark).replace("TIMERS", timers)}


def test_a_run_of_ten_thousand_events_is_moved_where_all_of_them_fit(
    api: Api, service: Service, project_id: str
) -> None:
    runs = Runs(api, service, project_id, "long", _long("A"))
    run = runs.begin("Long", ROUNDS)

    async def length(client: Client) -> Any:
        return (await client.get_workflow_handle(run).describe()).history_length

    eventually(lambda: runs.call(length) > EVENTS, 100)
    one_less_at_the_end = runs.publish(_long("B", f"{TIMERS} - (number == {ROUNDS - 1})"))
    event = runs.move(run, one_less_at_the_end, expect=409)["event"]
    assert event["id"] > EVENTS - TIMERS
    assert runs.history(run)[event["id"] - 1] == event["type"] == "TimerStarted"

    runs.move(run, runs.publish(_long("C")))
    assert runs.query(run) == "C"
    runs.signal(run, "end")
    assert runs.result(run) == "ended on C"
