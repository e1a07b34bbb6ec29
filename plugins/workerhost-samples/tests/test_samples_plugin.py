from configparser import ConfigParser
from importlib.metadata import entry_points
from pathlib import Path
from typing import Any

import pytest
from pluggy import PluginManager
from pydantic import TypeAdapter, ValidationError
from temporalio import activity

from workerhost import hookspecs
from workerhost_samples import plugin
from workerhost_samples.activities import sample_activities
from workerhost_samples.settings import SamplesSettings

ROOT = Path(__file__).parents[1]
NAMES = [
    "sampleActivity",
    "buildPackage",
    "httpRequest",
    "transformData",
    "waitFor",
    "logMessage",
    "validateData",
]


def test_the_installed_entry_point_is_a_plugin_with_hooks_that_workerhost_knows() -> None:
    (entry_point,) = entry_points(group="workerhost", name="samples")
    manager = PluginManager("workerhost")
    manager.add_hookspecs(hookspecs)
    manager.register(entry_point.load())
    manager.check_pending()
    assert len(manager.hook.workerhost_register_activity_sets()) == 1
    assert len(manager.hook.workerhost_register_sample_projects()) == 1


def test_the_plugin_contributes_the_seven_activities_in_one_set() -> None:
    (activity_set,) = plugin.workerhost_register_activity_sets()
    definitions = [activity._Definition.must_from_callable(a) for a in activity_set.activities]
    assert activity_set.name == "samples"
    assert [definition.name for definition in definitions] == NAMES


@pytest.mark.parametrize("function", sample_activities(SamplesSettings()))
def test_every_activity_has_a_description_and_schemas_in_camel_case(function: object) -> None:
    definition = activity._Definition.must_from_callable(function)  # type: ignore[arg-type]
    assert definition.arg_types is not None
    assert definition.fn.__doc__
    types: list[Any] = [*definition.arg_types, definition.ret_type]
    for type_ in types:
        schema = TypeAdapter(type_).json_schema(by_alias=True)
        assert not [name for name in schema.get("properties", {}) if "_" in name]


def test_the_sample_project_has_both_workflows_with_a_run_for_each() -> None:
    (project,) = plugin.workerhost_register_sample_projects()
    assert project.id == "samples"
    assert [(code.name, code.version) for code in project.workflows] == [
        ("simple-test-workflow", "1.0.0"),
        ("test-sample-activities", "1.0.0"),
    ]
    assert [run.workflow_type for run in project.runs] == ["simpleTestWorkflow", "testSampleActivities"]
    for code in project.workflows:
        compile(code.workflow_code, code.name, "exec")


def test_settings_come_from_the_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("WORKERHOST_SAMPLES_ARTIFACT_DIRECTORY", str(tmp_path))
    monkeypatch.setenv("WORKERHOST_SAMPLES_ALLOWED_NETWORKS", "10.0.0.0/8, fd00::/8,")
    settings = SamplesSettings()
    assert settings.artifact_directory == tmp_path
    assert [str(network) for network in settings.allowed_networks] == ["10.0.0.0/8", "fd00::/8"]


def test_a_network_that_is_none_is_reported_with_its_setting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WORKERHOST_SAMPLES_ALLOWED_NETWORKS", "everything")
    with pytest.raises(ValidationError, match="allowed_networks"):
        SamplesSettings()


def test_every_setting_has_its_default_in_the_readme() -> None:
    readme = (ROOT / "README.md").read_text()
    for name in SamplesSettings.model_fields:
        assert f"`WORKERHOST_SAMPLES_{name.upper()}`" in readme
    assert f"`{SamplesSettings().artifact_directory}`" in readme


def test_every_activity_is_in_the_readme() -> None:
    readme = (ROOT / "README.md").read_text()
    assert [name for name in NAMES if f"`{name}`" not in readme] == []


def test_the_distribution_ships_the_workflows() -> None:
    setup = ConfigParser()
    setup.read(ROOT / "setup.cfg")
    assert "projects/*/*/*.py" in setup["options.package_data"]["workerhost_samples"]
