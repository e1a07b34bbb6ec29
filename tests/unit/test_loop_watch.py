"""Signs of life of event loops."""

import asyncio
import threading

import pytest

from workerhost.runtime.workers.loop_watch import LoopWatch


def test_a_loop_does_not_owe_what_the_one_before_it_was_asked() -> None:
    watch, ended = LoopWatch(), asyncio.new_event_loop()
    assert [watch.look(ended), watch.look(ended)] == [0, 1]
    ended.close()

    async def look() -> list[int]:
        owed = []
        for _ in range(3):
            owed.append(watch.look(asyncio.get_running_loop()))
            await asyncio.sleep(0)
        return owed

    assert asyncio.run(look()) == [0, 0, 0]
    with pytest.raises(RuntimeError, match="closed"):
        watch.look(ended)
    assert asyncio.run(look()) == [0, 0, 0]


def test_an_answer_in_the_moment_of_the_question_is_not_lost() -> None:
    watch, loop = LoopWatch(), asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    try:
        for _ in range(5000):
            assert watch.look(loop) == 0
            asyncio.run_coroutine_threadsafe(asyncio.sleep(0), loop).result(10)
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()
