"""Which host runs which project: decided from one look, by every host for itself."""

from collections.abc import Sequence
from typing import Any

from support import host_record
from workerhost.model import Deployment, Project
from workerhost.runtime.hosts.placement import PATIENCE_SECONDS, Placement, is_made_alike, pool_of, replicas_of
from workerhost.store import Lease, WantedProject


def _project(project_id: str, **settings: Any) -> Project:
    return Project(project_id, project_id, f"{project_id}-queue", "running", settings, deployment=Deployment(1, "d"))


def _wanted(project_id: str, *holders: str, status: str = "running", **settings: Any) -> WantedProject:
    leases = (Lease(f"{project_id}-{host}", host, number, status) for number, host in enumerate(holders))
    return WantedProject(_project(project_id, **settings), tuple(leases))


def _free(count: int, **settings: Any) -> list[WantedProject]:
    return [_wanted(f"free{number}", **settings) for number in range(count)]


def _placement(wanted: Sequence[WantedProject], *hosts: Any, needs: Sequence[str] = ()) -> Placement:
    return Placement({each.project.id: each for each in wanted}, hosts, lambda _: needs)


def _at_once(_project_id: str, _replica: int) -> float:
    return 0


def _late(_project_id: str, _replica: int) -> float:
    return PATIENCE_SECONDS


def test_hosts_claim_their_share_and_together_all() -> None:
    hosts = [host_record(name) for name in ("a", "b", "c")]
    claims = [_placement(_free(9), *hosts).claims(host.id, _at_once) for host in hosts]
    assert [len(each) for each in claims] == [3, 3, 3]


def test_a_host_with_its_share_leaves_the_rest_to_others_for_a_while_only() -> None:
    wanted = [*(_wanted(f"mine{number}", "a") for number in range(4)), *_free(2)]
    placement = _placement(wanted, host_record("a"), host_record("b"))
    assert placement.claims("a", _at_once) == []
    assert len(placement.claims("a", _late)) == 2
    assert len(placement.claims("b", _at_once)) == 2


def test_a_host_claims_no_more_than_it_has_room_for() -> None:
    placement = _placement([_wanted("mine", "a"), *_free(9)], host_record("a", capacity=3))
    assert len(placement.claims("a", _late)) == 2


def test_hosts_that_are_late_or_drain_or_are_unknown_claim_nothing() -> None:
    hosts = [host_record("late", is_late=True), host_record("draining", is_draining=True), host_record("live")]
    placement = _placement(_free(3), *hosts)
    assert [len(placement.claims(name, _late)) for name in ("late", "draining", "unknown", "live")] == [0, 0, 0, 3]


def test_replicas_go_to_different_hosts() -> None:
    wanted = [_wanted("big", "a", replicas=3)]
    placement = _placement(wanted, host_record("a"), host_record("b"))
    assert placement.claims("a", _late) == []
    [claim] = placement.claims("b", _late)
    assert claim.replica in (1, 2)
    assert not placement.is_covered(wanted[0])
    assert _placement(wanted, host_record("a")).is_covered(wanted[0]), "no other host is there"


def test_a_pool_s_projects_go_to_its_hosts_and_do_not_count_for_others() -> None:
    own = [_wanted(f"own{number}", pool="own") for number in range(4)]
    hosts = [host_record("a"), host_record("b", pools=("own",)), host_record("c", pools=("default", "own"))]
    placement = _placement([*own, *_free(4)], *hosts)
    claims = {host.id: {claim.project.id for claim in placement.claims(host.id, _at_once)} for host in hosts}
    assert all(name.startswith("free") for name in claims["a"])
    assert all(name.startswith("own") for name in claims["b"])
    assert (len(claims["a"]), len(claims["b"]), len(claims["c"])) == (2, 2, 4)


def test_a_host_without_a_plugin_that_the_build_needs_does_not_claim_it() -> None:
    hosts = [host_record("without"), host_record("with", plugins={"mail": "1.0"})]
    placement = _placement(_free(1), *hosts, needs=["mail"])
    assert placement.claims("without", _late) == []
    assert len(placement.claims("with", _late)) == 1
    assert placement.can_run_elsewhere(_project("free0"), "without")
    assert not placement.can_run_elsewhere(_project("free0"), "with")
    assert placement.belongs_elsewhere(_project("free0"), "without")
    assert not placement.belongs_elsewhere(_project("free0"), "with")


def test_why_nobody_claims_a_project_is_said() -> None:
    full = _placement([_wanted("other", "a")], host_record("a", capacity=1))
    assert "are full" in str(full.obstacle(_project("x")))
    assert "no live host serves the pool own; start one with --pool own" in str(
        full.obstacle(_project("x", pool="own"))
    )
    lacking = _placement([], host_record("a"), needs=["mail", "chat"])
    assert "chat, mail" in str(lacking.obstacle(_project("x")))
    assert _placement([], host_record("a")).obstacle(_project("x")) is None


def test_a_host_with_more_than_its_share_hands_some_to_a_host_that_joined() -> None:
    mine = [_wanted(f"mine{number}", "a") for number in range(20)]
    placement = _placement(mine, host_record("a"), host_record("b"))
    assert len(placement.moves("a", 5)) == 5
    assert len(placement.moves("a", 50)) == 10
    assert placement.moves("b", 5) == set()
    assert _placement(mine, host_record("a")).moves("a", 5) == set()


def test_nothing_moves_to_a_host_that_cannot_take_it_or_before_it_runs() -> None:
    mine = [_wanted(f"mine{number}", "a") for number in range(20)]
    assert (
        _placement(mine, host_record("a", plugins={"mail": "1"}), host_record("b"), needs=["mail"]).moves("a", 5)
        == set()
    )
    assert len(_placement(mine, host_record("a"), host_record("b", capacity=2)).moves("a", 5)) == 2
    starting = [_wanted(f"mine{number}", "a", status="starting") for number in range(20)]
    assert _placement(starting, host_record("a"), host_record("b")).moves("a", 5) == set()
    everywhere = [_wanted(f"mine{number}", "a", "b", replicas=2) for number in range(20)]
    assert _placement(everywhere, host_record("a"), host_record("b")).moves("a", 5) == set()


def test_a_project_is_covered_by_live_hosts_that_poll_alone() -> None:
    a, b = host_record("a"), host_record("b")
    assert _placement([], a, b).is_covered(_wanted("x", "b"))
    assert not _placement([], a, b).is_covered(_wanted("x", "b", status="starting"))
    assert not _placement([], a, host_record("b", is_late=True)).is_covered(_wanted("x", "b"))
    assert not _placement([], a).is_covered(_wanted("x", "b"))
    assert not _placement([], a, b).is_covered(_wanted("x"))


def test_settings_that_a_product_wrote_wrong_mean_the_defaults() -> None:
    for settings in ([1], "x", {"pool": 3, "replicas": "many"}, {"replicas": 0, "pool": ""}):
        project = Project("x", "x", "x-queue", "running", settings)
        assert (pool_of(project), replicas_of(project)) == ("default", 1)
        assert is_made_alike(project, project)


def test_a_worker_is_replaced_for_its_limits_and_not_for_where_it_runs() -> None:
    assert is_made_alike(_project("x"), _project("x", replicas=3, pool="own"))
    assert not is_made_alike(_project("x"), _project("x", maxConcurrentActivities=3))
