"""The profile `observability` of the compose file: Prometheus and Grafana, with what their folders say."""

import json
import re
from pathlib import Path
from typing import Any

import yaml

DOCKER = Path(__file__).parents[2] / "docker"
FOLDER = DOCKER / "observability"
SERVICES: dict[str, Any] = yaml.safe_load((DOCKER / "compose.yaml").read_text())["services"]
WATCHING = {name: each for name, each in SERVICES.items() if each.get("profiles") == ["observability"]}


def mounts(service: str) -> dict[str, Path]:
    """Return what of the repository is mounted in a container, by its place there."""
    parts = [each.split(":") for each in SERVICES[service]["volumes"]]
    return {place[0]: DOCKER / name for name, *place in parts if name.startswith(".")}


def test_they_start_when_asked_for_alone_and_nobody_else_needs_them() -> None:
    assert set(WATCHING) == {"prometheus", "grafana"}
    for name in set(SERVICES) - set(WATCHING):
        assert not set(SERVICES[name].get("depends_on", {})) & set(WATCHING)


def test_they_are_of_one_version_and_reached_from_this_machine_alone() -> None:
    for name, service in WATCHING.items():
        assert re.search(r":v?\d+\.\d+\.\d+$", service["image"]), name
        assert all(port.startswith("127.0.0.1:") for port in service["ports"]), name
        assert "healthcheck" in service, name


def test_their_files_are_there_and_cannot_be_changed_from_within() -> None:
    for name in WATCHING:
        assert all(path.exists() for path in mounts(name).values()), name
        assert all(each.endswith(":ro") for each in SERVICES[name]["volumes"] if each.startswith(".")), name


def test_prometheus_asks_all_containers_of_the_service() -> None:
    config = yaml.safe_load((FOLDER / "prometheus.yaml").read_text())
    [named] = config["scrape_configs"][0]["dns_sd_configs"]
    assert named["names"] == ["workerhost"]
    assert SERVICES["workerhost"]["ports"][0].endswith(f":{named['port']}")
    rules = [f"/etc/prometheus/{name}" for name in config["rule_files"]]
    assert set(rules) <= set(mounts("prometheus"))
    assert f"--config.file={next(iter(mounts('prometheus')))}" in SERVICES["prometheus"]["command"]


def test_grafana_finds_prometheus_and_the_dashboard_and_lets_nobody_in_as_administrator() -> None:
    provisioning = FOLDER / "grafana" / "provisioning"
    [source] = yaml.safe_load((provisioning / "datasources" / "prometheus.yaml").read_text())["datasources"]
    assert source["url"] == f"http://prometheus:{SERVICES['prometheus']['ports'][0].rpartition(':')[2]}"
    [provider] = yaml.safe_load((provisioning / "dashboards" / "workerhost.yaml").read_text())["providers"]
    dashboards = mounts("grafana")[provider["options"]["path"]]
    environment = SERVICES["grafana"]["environment"]
    home = Path(environment["GF_DASHBOARDS_DEFAULT_HOME_DASHBOARD_PATH"])
    assert home.parent == Path(provider["options"]["path"])
    assert json.loads((dashboards / home.name).read_text())["uid"] == "workerhost"
    assert environment["GF_AUTH_DISABLE_LOGIN_FORM"] == "true"
    assert environment["GF_AUTH_BASIC_ENABLED"] == "false"
    assert environment["GF_AUTH_ANONYMOUS_ORG_ROLE"] == "Viewer"
