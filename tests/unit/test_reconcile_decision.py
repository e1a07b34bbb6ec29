"""What a host does about its workers, decided from one look without touching anything."""

from typing import Any

from support import host_record
from workerhost.model import Deployment, Project
from workerhost.runtime.hosts.placement import LEASES_MOVED_AT_ONCE, Placement
from workerhost.runtime.hosts.reconcile_decision import (
    Action,
    EndAbandonedLeases,
    FollowDeployment,
    ReleaseLease,
    ReplaceWorker,
    Snapshot,
    StopWorker,
    WorkerView,
    decide,
)
from workerhost.store import HostRecord, Lease, WantedProject
from workerhost.words import BuildId, DesiredState, HostId, WorkerId, WorkerStatus

HERE, ELSEWHERE = HostId("here"), HostId("elsewhere")
DEPLOYED = Deployment(1, BuildId("d"))


def _project(name: str = "shop", generation: int = 0, deployment: Deployment = DEPLOYED, **settings: Any) -> Project:
    return Project(
        name, name, f"{name}-queue", DesiredState.RUNNING, settings, generation=generation, deployment=deployment
    )


def _lease(worker: str, host: HostId = HERE, replica: int = 0, status: str = "running") -> Lease:
    return Lease(WorkerId(worker), host, replica, WorkerStatus(status))


def _worker(name: str, project: Project | None = None, status: str = "running", **fields: Any) -> WorkerView:
    defaults: dict[str, Any] = {"follows": DEPLOYED, "says_so": True}
    return WorkerView(WorkerId(name), project or _project(), WorkerStatus(status), **(defaults | fields))


def _decide(
    *workers: WorkerView,
    wanted: tuple[WantedProject, ...] = (),
    hosts: tuple[HostRecord, ...] = (),
    **fields: Any,
) -> list[Action]:
    projects = {each.project.id: each for each in wanted}
    placement = Placement(projects, hosts or (host_record(HERE),), lambda _: ())
    snapshot = Snapshot(
        HERE,
        {worker.id: worker for worker in workers},
        projects,
        placement,
        **({"is_draining": False, "is_replaced": False} | fields),
    )
    return decide(snapshot)


def test_nothing_is_done_where_all_is_as_it_should_be() -> None:
    assert _decide(_worker("w"), wanted=(WantedProject(_project(), (_lease("w"),)),)) == []


def test_a_project_that_should_not_run_has_its_workers_stopped_those_that_failed_too() -> None:
    replaced = _worker("old", successor=WorkerId("new"))
    actions = _decide(_worker("new", status="failed"), replaced)
    assert set(actions) == {StopWorker(WorkerId("new")), StopWorker(WorkerId("old"))}


def test_a_worker_that_stops_is_left_alone() -> None:
    assert _decide(_worker("w", status="stopping"), _worker("v", status="stopped")) == []


def test_a_worker_of_an_earlier_generation_is_replaced_and_goes_on_until_its_successor_polls() -> None:
    now = _project(generation=1)
    assert _decide(_worker("old"), wanted=(WantedProject(now, (_lease("old"),)),)) == [
        ReplaceWorker(WorkerId("old"), now)
    ]
    old = _worker("old", successor=WorkerId("new"))
    for status in ("starting", "failed"):
        wanted = WantedProject(now, (_lease("new", status=status),))
        assert _decide(old, _worker("new", now, status), wanted=(wanted,)) == []
    wanted = WantedProject(now, (_lease("new"),))
    assert _decide(old, _worker("new", now), wanted=(wanted,)) == [StopWorker(WorkerId("old"))]


def test_a_row_that_says_that_the_successor_polls_is_enough() -> None:
    old, new = _worker("old", successor=WorkerId("new")), _worker("new", status="starting")
    assert _decide(old, new, wanted=(WantedProject(_project(), (_lease("new"),)),)) == [StopWorker(WorkerId("old"))]


def test_a_replaced_worker_ends_where_its_successor_is_gone_or_about_to_be() -> None:
    old = _worker("old", successor=WorkerId("new"))
    wanted = (WantedProject(_project(), (_lease("newest", status="starting"),)),)
    newest = _worker("newest", status="starting")
    new = _worker("new", status="stopping", successor=WorkerId("newest"))
    assert _decide(old, new, newest, wanted=wanted) == [StopWorker(WorkerId("old"))]
    assert _decide(old, newest, wanted=wanted) == [StopWorker(WorkerId("old"))]


def test_a_worker_without_lease_goes_on_until_another_host_polls() -> None:
    hosts = (host_record(HERE), host_record(ELSEWHERE))
    for status, expected in (("starting", []), ("running", [StopWorker(WorkerId("w"))])):
        wanted = WantedProject(_project(), (_lease("other", ELSEWHERE, status=status),))
        assert _decide(_worker("w"), wanted=(wanted,), hosts=hosts) == expected


def test_a_host_that_drains_keeps_a_worker_for_as_long_as_somebody_may_take_over() -> None:
    wanted = (WantedProject(_project()),)
    alone = (host_record(HERE, is_draining=True),)
    both = (*alone, host_record(ELSEWHERE))
    assert _decide(_worker("w"), wanted=wanted, hosts=both, is_draining=True) == []
    assert _decide(_worker("w"), wanted=wanted, hosts=alone, is_draining=True, is_replaced=True) == []
    assert _decide(_worker("w"), wanted=wanted, hosts=alone, is_draining=True) == [StopWorker(WorkerId("w"))]


def test_a_surplus_replica_and_a_project_of_another_pool_are_let_go() -> None:
    surplus = _lease("w", replica=1)
    wanted = WantedProject(_project(), (_lease("other", ELSEWHERE), surplus))
    assert _decide(_worker("w"), wanted=(wanted,)) == [ReleaseLease(surplus)]

    lease, own = _lease("w"), _project(pool="own")
    hosts = (host_record(HERE), host_record(ELSEWHERE, pools=("own",)))
    assert ReleaseLease(lease) in _decide(_worker("w", own), wanted=(WantedProject(own, (lease,)),), hosts=hosts)


def test_workers_follow_what_is_deployed_and_say_so() -> None:
    new = Deployment(2, BuildId("e"))
    wanted = (WantedProject(_project(deployment=new), (_lease("w"),)),)
    follow = [FollowDeployment(WorkerId("w"), new)]
    assert _decide(_worker("w"), wanted=wanted) == follow
    assert _decide(_worker("w", follows=new, says_so=False), wanted=wanted) == follow
    assert _decide(_worker("w", follows=None), wanted=wanted) == [], "it looks for itself before its first poll"
    assert _decide(_worker("w", follows=new), wanted=wanted) == []


def test_a_worker_that_is_to_end_follows_nothing() -> None:
    old = _worker("old", successor=WorkerId("new"))
    newer = Deployment(2, BuildId("e"))
    wanted = (WantedProject(_project(deployment=newer), (_lease("new"),)),)
    assert _decide(old, _worker("new", follows=newer), wanted=wanted) == [StopWorker(WorkerId("old"))]


def test_leases_of_this_host_without_a_worker_are_given_back() -> None:
    leases = (_lease("lost"), _lease("other", ELSEWHERE, replica=1))
    wanted = (WantedProject(_project(replicas=2), leases),)
    assert _decide(wanted=wanted) == [EndAbandonedLeases(frozenset({WorkerId("lost")}))]
    assert _decide(wanted=wanted, only="shop") == []


def test_few_projects_move_at_once_and_those_under_way_count() -> None:
    projects = [_project(f"shop{number}") for number in range(20)]
    wanted = tuple(WantedProject(each, (_lease(f"w-{each.id}"),)) for each in projects)
    workers = [_worker(f"w-{each.id}", each) for each in projects]
    hosts = (host_record(HERE), host_record(ELSEWHERE))
    released = [each for each in _decide(*workers, wanted=wanted, hosts=hosts) if isinstance(each, ReleaseLease)]
    assert len(released) == LEASES_MOVED_AT_ONCE
    let_go = {each.lease for each in released[:2]}
    moving = tuple(WantedProject(each.project, tuple(set(each.leases) - let_go)) for each in wanted)
    actions = _decide(*workers, wanted=moving, hosts=hosts)
    assert len([each for each in actions if isinstance(each, ReleaseLease)]) == LEASES_MOVED_AT_ONCE - 2
