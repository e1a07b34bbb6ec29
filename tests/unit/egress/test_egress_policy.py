"""What a project may reach is decided by the name it asks for, and by the addresses that are behind it."""

from ipaddress import ip_address, ip_network

import pytest

from workerhost.errors import ConfigurationError
from workerhost.runtime.egress.addresses import is_allowed, is_of_this_machine
from workerhost.runtime.egress.policy import NetworkPolicy, plain_name, read_host_addresses
from workerhost.settings import load_settings

LISTED = NetworkPolicy(hosts=("Example.com.", "*.example.org", "bücher.example", "1.1.1.1"))


@pytest.mark.parametrize(
    "host", ["example.com", "EXAMPLE.COM.", "www.example.org", "a.b.example.org", "xn--bcher-kva.example", "1.1.1.1"]
)
def test_a_host_of_the_list_may_be_reached_however_it_is_written(host: str) -> None:
    assert LISTED.refusal_of(plain_name(host), 443) is None


@pytest.mark.parametrize("host", ["www.example.com", "example.org", "badexample.org", "example.com.evil", "1.0.0.1"])
def test_a_host_that_is_not_in_the_list_may_not(host: str) -> None:
    assert "not among the hosts" in str(LISTED.refusal_of(plain_name(host), 443))


def test_an_empty_list_lets_nothing_out_and_none_lets_out_to_any_host() -> None:
    assert NetworkPolicy(hosts=()).refusal_of("example.com", 443)
    assert NetworkPolicy(hosts=None).refusal_of("example.com", 443) is None


def test_the_services_own_hosts_are_refused_also_where_they_are_listed() -> None:
    policy = NetworkPolicy(hosts=("db.internal",), own_services=frozenset({("DB.internal.", 5432)}))
    assert "belongs to the service itself" in str(policy.refusal_of("db.internal", 5432))
    assert policy.refusal_of("db.internal", 80) is None


@pytest.mark.parametrize(
    "name", ["", ".", "*", "a..b", "-a.example", "a b", "a/b", "x" * 64, "a." * 127 + "a", "http://a", "a:1", "[::1]"]
)
def test_what_is_no_name_is_refused_where_a_policy_is_made(name: str) -> None:
    with pytest.raises(ValueError, match="is not the name of a host"):
        NetworkPolicy(hosts=(name,))


@pytest.mark.parametrize("address", ["8.8.8.8", "2606:4700::1111", "64:ff9b::808:808"])
def test_public_addresses_may_be_reached(address: str) -> None:
    assert is_allowed(ip_address(address), ())


@pytest.mark.parametrize(
    "address",
    [
        *("127.0.0.1", "127.9.9.9", "0.0.0.0", "10.0.0.1", "172.16.0.1", "192.168.1.1", "169.254.169.254"),
        *("100.64.0.1", "192.0.0.8", "192.0.2.1", "192.88.99.1", "198.18.0.1", "224.0.0.1", "240.0.0.1"),
        *("255.255.255.255", "::1", "::", "fe80::1", "fc00::1", "fec0::1", "ff0e::1", "2001:db8::1", "3fff::1"),
        *(
            "::127.0.0.1",
            "64:ff9b::7f00:1",
            "64:ff9b::a9fe:a9fe",
            "64:ff9b:1::808:808",
            "2002:7f00:1::1",
            "2002:808:808::1",
        ),
        *(
            "2002:a00:1::1",
            "2002:808:808::1",
            "2001:0:808:808::f5ff:fffe",
            "2001:0:7f00:1::f7f7:f7f7",
            "4000::1",
            "5f00::1",
        ),
    ],
)
def test_addresses_that_are_not_public_or_lead_to_such_may_not(address: str) -> None:
    assert not is_allowed(ip_address(address), ())


def test_an_operator_opens_a_network_in_all_its_forms() -> None:
    networks = (ip_network("10.0.0.0/8"), ip_network("fd00::/8"))
    for address in ("10.1.2.3", "fd00::1", "64:ff9b::a01:203"):
        assert is_allowed(ip_address(address), networks)
    for address in ("192.168.0.1", "fc00::1", "64:ff9b::c0a8:1", "127.0.0.1"):
        assert not is_allowed(ip_address(address), networks)


def test_open_networks_are_read_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    assert load_settings().open_networks == ()
    monkeypatch.setenv("WORKERHOST_OPEN_NETWORKS", "10.0.0.0/8, fd00::/8")
    assert load_settings().open_networks == (ip_network("10.0.0.0/8"), ip_network("fd00::/8"))
    monkeypatch.setenv("WORKERHOST_OPEN_NETWORKS", "10.0.0.0/8,elsewhere")
    with pytest.raises(ConfigurationError, match=r"^WORKERHOST_OPEN_NETWORKS: "):
        load_settings()


def test_host_addresses_are_read_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WORKERHOST_HOST_ADDRESSES", "Billing.internal=10.1.0.7, pay.example:443=[fd00::8]:8443")
    assert load_settings().host_addresses == ("billing.internal=10.1.0.7", "pay.example:443=[fd00::8]:8443")
    for wrong in ("billing=elsewhere", "10.1.0.7", "billing=10.1.0.999", "=10.1.0.7", "a/b=10.1.0.7"):
        monkeypatch.setenv("WORKERHOST_HOST_ADDRESSES", wrong)
        with pytest.raises(ConfigurationError, match=r"^WORKERHOST_HOST_ADDRESSES: .* would do"):
            load_settings()


def test_hosts_are_where_the_operator_says() -> None:
    placed = read_host_addresses(
        ["billing.internal=10.1.0.7", "pay.example:443=[fd00::8]:8443", "six.example=[fd00::9]"]
    )
    policy = NetworkPolicy(hosts=None, host_addresses=placed)
    assert policy.place_of("billing.internal", 80) == ("10.1.0.7", 80)
    assert policy.place_of("pay.example", 443) == ("fd00::8", 8443)
    assert policy.place_of("pay.example", 80) == ("pay.example", 80)
    assert policy.place_of("six.example", 80) == ("fd00::9", 80)
    assert policy.place_of("other.example", 80) == ("other.example", 80)


def test_addresses_of_this_machine_are_told_from_others() -> None:
    assert is_of_this_machine(ip_address("127.0.0.1"))
    assert is_of_this_machine(ip_address("127.3.2.1"))
    assert not is_of_this_machine(ip_address("192.0.2.1"))
    assert not is_of_this_machine(ip_address("2001:db8::1"))
