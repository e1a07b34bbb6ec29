"""Which hosts and which web pages the API answers, for each address that it may listen on."""

import pytest

from workerhost.api.reading.origins import Addressees, ForeignHostError, ForeignOriginError


def is_answered(addressees: Addressees, host: str | None, origin: str | None = None, method: str = "POST") -> bool:
    try:
        addressees.check(host, origin, None, method)
    except (ForeignHostError, ForeignOriginError):
        return False
    return True


@pytest.mark.parametrize("bind", ["127.0.0.1", "localhost", "::1", "127.0.0.2"])
def test_on_loopback_only_names_of_this_machine_are_answered(bind: str) -> None:
    addressees = Addressees(bind, ())
    shown = f"[{bind}]" if ":" in bind else bind
    for host in ("localhost", "LocalHost:3011", "127.0.0.1:3011", "[::1]:3011", shown, f"{shown}:1", None):
        assert is_answered(addressees, host), host
    for host in ("evil.example", "localhost.evil.example", "localhost.", "10.0.0.1", "0.0.0.0", "[::2]", ""):
        assert not is_answered(addressees, host), host
    for host in ("localhost@evil.example", "evil.example/localhost", "evil.example?localhost", "[::1", "localhost:x"):
        assert not is_answered(addressees, host), host


def test_names_that_are_set_are_answered_too() -> None:
    addressees = Addressees("127.0.0.1", ("api.example.com",))
    assert is_answered(addressees, "API.example.com:443")
    assert is_answered(addressees, "localhost")
    assert not is_answered(addressees, "www.example.com")


def test_behind_an_open_address_any_name_is_answered_until_names_are_set() -> None:
    assert is_answered(Addressees("0.0.0.0", ()), "whatever.example:3011")
    addressees = Addressees("0.0.0.0", ("api.example.com",))
    for host in ("api.example.com", "127.0.0.1:3011", "10.1.2.3:3011", "[fd00::1]:3011", "localhost"):
        assert is_answered(addressees, host), host
    assert not is_answered(addressees, "evil.example")


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_a_page_is_answered_where_it_has_the_name_of_the_service(method: str) -> None:
    addressees = Addressees("127.0.0.1", ("app.example.com",))
    host = "localhost:3011"
    for origin in ("http://localhost:3011", "https://app.example.com", "http://app.example.com:8080"):
        assert is_answered(addressees, host, origin, method), origin
    for origin in (
        "http://localhost:3000",
        "http://localhost",
        "http://evil.example",
        "null",
        "",
        "http://127.0.0.1:3011",
    ):
        assert not is_answered(addressees, host, origin, method), origin


def test_a_page_that_says_nothing_of_itself_may_look_and_change_nothing() -> None:
    addressees = Addressees("127.0.0.1", ())
    for site in ("cross-site", "same-site"):
        addressees.check("localhost", None, site, "GET")
        with pytest.raises(ForeignOriginError):
            addressees.check("localhost", None, site, "DELETE")
    for site in ("same-origin", "none"):
        addressees.check("localhost", None, site, "DELETE")
