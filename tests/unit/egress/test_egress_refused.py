"""What a project must not reach is refused by name, under whatever name it asks for it."""

import logging
from pathlib import Path

import pytest

from support.egress import LOOPBACK, OPEN, PUBLIC, Internet, Names, get, page_server, tunnel
from workerhost.runtime.egress.limits import EgressLimits
from workerhost.runtime.egress.policy import NetworkPolicy
from workerhost.runtime.egress.proxy import EgressProxy

REFUSED_ADDRESSES = (
    *("127.0.0.1", "169.254.169.254", "10.0.0.1", "[::1]", "[::ffff:127.0.0.1]", "0.0.0.0", "[64:ff9b::a00:1]"),
    *("inside.example.com", "db.internal"),
)


@pytest.mark.parametrize("host", REFUSED_ADDRESSES)
def test_what_is_not_public_is_refused_with_a_sentence_and_without_its_address(
    proxy: EgressProxy, path: Path, internet: Internet, host: str
) -> None:
    proxy.open_for("shop", path, NetworkPolicy(hosts=None))
    shown = "127.0.0.1" if "ffff" in host else host
    answer = get(path, f"http://{host}:8080/")
    assert (answer.status, answer.headers["Content-Type"]) == (403, "text/plain; charset=utf-8")
    assert answer.body == f"{shown}:8080 is refused: its address is not a public one\n"
    client, refused = tunnel(path, f"{host}:443")
    client.close()
    assert refused.status == 403
    assert refused.reason == f"Forbidden: {shown}:443 is refused: its address is not a public one"
    assert internet.reached == []


@pytest.mark.parametrize("text", ["127.1", "2130706433", "0x7f.1", "localhost"])
def test_other_ways_to_write_a_loopback_address_are_seen_through(path: Path, text: str) -> None:
    proxy = EgressProxy()  # resolves as this machine does, which asks nobody for these
    proxy.start()
    proxy.open_for("shop", path, NetworkPolicy(hosts=None))
    assert get(path, f"http://{text}/").body == f"{text}:80 is refused: its address is not a public one\n"
    proxy.stop()


def test_a_name_is_resolved_once_and_reached_at_the_address_that_was_checked(
    proxy: EgressProxy, path: Path, names: Names, internet: Internet
) -> None:
    names.answers["rebound.example"] = [[PUBLIC], ["127.0.0.1"]]
    proxy.open_for("shop", path, NetworkPolicy(hosts=None))
    assert get(path, "http://rebound.example/").status == 200
    assert (names.asked, internet.reached) == (["rebound.example"], [PUBLIC])
    assert get(path, "http://rebound.example/").status == 403
    assert internet.reached == [PUBLIC]


def test_a_host_that_the_operator_places_is_reached_there_in_open_networks_alone(
    path: Path, page: int, names: Names
) -> None:
    proxy = EgressProxy(names)
    proxy.start()
    placed = {"pay.example:80": f"127.0.0.1:{page}"}
    opening = proxy.open_for("shop", path, NetworkPolicy(hosts=None, host_addresses=placed))
    assert get(path, "http://pay.example/").body == "pay.example:80 is refused: its address is not a public one\n"
    opening.close()
    opening = proxy.open_for("shop", path, NetworkPolicy(None, LOOPBACK, host_addresses=placed))
    assert get(path, "http://pay.example/").status == 200
    opening.close()
    proxy.open_for("shop", path, NetworkPolicy(("example.com",), LOOPBACK, host_addresses=placed))
    assert get(path, "http://pay.example/").status == 403
    assert names.asked == []
    proxy.stop()


def test_a_name_with_one_address_that_is_not_public_is_refused(
    proxy: EgressProxy, path: Path, names: Names, internet: Internet
) -> None:
    names.answers["both.example"] = [[PUBLIC, "::ffff:10.0.0.1"]]
    proxy.open_for("shop", path, NetworkPolicy(hosts=None))
    assert get(path, "http://both.example/").status == 403
    assert internet.reached == []


def test_hosts_that_are_not_listed_are_refused_before_they_are_resolved(
    proxy: EgressProxy, path: Path, names: Names
) -> None:
    proxy.open_for("shop", path, NetworkPolicy(hosts=("*.example.com",)))
    answer = get(path, "http://Example.com./")
    assert answer.body == "example.com:80 is refused: it is not among the hosts that this project may reach\n"
    assert names.asked == []
    assert get(path, f"http://{PUBLIC}/").status == 403


@pytest.mark.parametrize(
    "asked", ["db.internal", "127.0.0.1", "127.0.0.2", "0.0.0.0", "alias.example.com", "64:ff9b::7f00:1"]
)
def test_the_services_own_database_is_refused_under_every_name_and_in_open_networks_too(
    proxy: EgressProxy, path: Path, names: Names, internet: Internet, asked: str
) -> None:
    names.answers["alias.example.com"] = [["127.0.0.1"]]
    page = internet.port
    everything = OPEN.open_networks[0].supernet(new_prefix=0)
    policy = NetworkPolicy(None, (everything,), frozenset({("db.internal", page)}))
    proxy.open_for("shop", path, policy)
    shown = f"[{asked}]" if ":" in asked else asked
    assert get(path, f"http://{shown}:{page}/").body == f"{shown}:{page} is refused: it belongs to the service itself\n"
    assert internet.reached == []
    with page_server() as other:
        assert get(path, f"http://127.0.0.1:{other}/").status == 200


def test_nothing_at_the_port_of_an_own_service_is_reached_while_its_name_is_unknown(
    proxy: EgressProxy, path: Path, internet: Internet
) -> None:
    proxy.open_for("shop", path, NetworkPolicy(None, LOOPBACK, frozenset({("unknown.internal", 7233)})))
    assert get(path, "http://example.com:7233/").status == 502
    assert internet.reached == []


def test_a_name_that_is_not_known_and_a_target_that_is_away_are_named(
    proxy: EgressProxy, path: Path, internet: Internet
) -> None:
    internet.port = 0
    proxy.open_for("shop", path, NetworkPolicy(hosts=None))
    unknown, away = get(path, "http://nowhere.example/"), get(path, "http://example.com/")
    assert (unknown.status, unknown.body) == (502, "nowhere.example cannot be resolved\n")
    assert (away.status, away.body) == (502, "example.com:80 does not answer (Connection refused)\n")


def test_the_next_address_of_a_name_is_tried_where_one_does_not_answer(path: Path, page: int) -> None:
    many = [f"93.184.215.{number}" for number in range(1, 6)]
    internet = Internet()
    proxy = EgressProxy(Names({"many.example": [many]}), internet)
    proxy.start()
    proxy.open_for("shop", path, NetworkPolicy(hosts=None))
    assert get(path, "http://many.example/").status == 502
    assert internet.reached == many[: EgressLimits.addresses]
    proxy.stop()


def test_a_refusal_is_logged_once_with_the_project_and_the_address(
    path: Path, names: Names, caplog: pytest.LogCaptureFixture
) -> None:
    proxy = EgressProxy(names)
    proxy.start()
    proxy.open_for("shop", path, NetworkPolicy(hosts=None))
    with caplog.at_level(logging.WARNING):
        for _ in range(6):
            assert get(path, "http://inside.example.com/").status == 403
    proxy.stop()
    line = "network of project shop: inside.example.com:80 is refused: its address is not a public one (at 10.0.0.1)"
    assert caplog.messages == [line]
