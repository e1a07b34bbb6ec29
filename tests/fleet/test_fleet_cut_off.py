"""A host that is cut off from the database alone, by connections that have gone silent, while others publish."""

import asyncio
from collections import Counter
from pathlib import Path

from sqlalchemy import make_url
from temporalio.client import Client

from support import greeting
from support.fleet import Fleet
from support.postgresql import PostgreSQL
from support.silent_proxy import SilentProxy, silent_proxy
from workerhost.runtime.temporal.embedded import EmbeddedTemporal
from workerhost.testing import ECHO, eventually, unique_id

RUNS = 16


def test_a_host_that_others_gave_up_gives_no_new_run_the_build_it_knows(
    tmp_path: Path, temporal: EmbeddedTemporal, postgresql: PostgreSQL
) -> None:
    url = make_url(postgresql.create_database())
    with silent_proxy(f"{url.query['host']}/.s.PGSQL.5432") as proxy:
        fleet = Fleet(tmp_path, temporal, url.render_as_string(hide_password=False))
        try:
            _look_at_a_cut(fleet, proxy, _through(proxy, str(url.database)))
        finally:
            fleet.close()


def _look_at_a_cut(fleet: Fleet, proxy: SilentProxy, address: str) -> None:
    lonely = fleet.host(DATABASE_URL=address)
    [lonely_id] = fleet.hosts()
    _, client = fleet.serve()
    project = unique_id("cut")
    client.call("PUT", f"/projects/{project}", {"settings": {"replicas": 2}})
    client.call("PUT", f"/projects/{project}/workflows/echo", {"version": "1", "workflowCode": ECHO})
    client.call("POST", "/workers/start", {"projectId": project})
    eventually(lambda: fleet.loads() == [1, 1] and fleet.is_settled())
    assert "unconfirmedHosts" not in client.call("PUT", f"/projects/{project}/workflows/greeting", greeting("A"))

    proxy.cut()
    eventually(lambda: lonely_id not in fleet.hosts(), 40)
    answer = client.call("PUT", f"/projects/{project}/workflows/echo", _echo("new"))
    assert answer["unconfirmedHosts"] == [lonely_id]
    results = asyncio.run(_run(fleet.temporal.address, project))
    assert results == Counter({"new: tea": RUNS}), lonely.output[-2000:]

    proxy.mend()
    eventually(lambda: fleet.loads() == [1, 1] and fleet.is_settled(), 60)
    assert "unconfirmedHosts" not in client.call("PUT", f"/projects/{project}/workflows/echo", _echo("newest"))
    assert asyncio.run(_run(fleet.temporal.address, project)) == Counter({"newest: tea": RUNS})


def _through(proxy: SilentProxy, database: str) -> str:
    return f"postgresql+psycopg://postgres@{proxy.address}/{database}"


def _echo(mark: str) -> dict[str, str]:
    return {"version": mark, "workflowCode": ECHO.replace("echo: ", f"{mark}: ")}


async def _run(address: str, project: str) -> Counter[str]:
    client = await Client.connect(address)
    runs = (
        client.execute_workflow("Echo", "tea", id=unique_id("run"), task_queue=f"{project}-queue") for _ in range(RUNS)
    )
    return Counter(await asyncio.wait_for(asyncio.gather(*runs), 90))
