"""Settings come from the environment, and one that does not fit is named by its variable."""

import pytest
from pydantic import ValidationError

from workerhost.errors import ConfigurationError
from workerhost.project_settings import ProjectSettings
from workerhost.settings import Settings, load_settings, variable_name
from workerhost.words import IsolationKind

CONTRACT = {
    "DATABASE_URL": ("database_url", "sqlite:///.workerhost/workerhost.db"),
    "WORKER_SERVICE_PORT": ("port", 3011),
    "WORKERHOST_BIND": ("bind", "127.0.0.1"),
    "MAX_CONCURRENT_ACTIVITY_EXECUTIONS": ("max_concurrent_activities", 10),
    "MAX_CONCURRENT_WORKFLOW_EXECUTIONS": ("max_concurrent_workflow_tasks", 10),
}
OTHER_VALUES = {"DATABASE_URL": "sqlite:///x.db", "WORKERHOST_BIND": "0.0.0.0"}


@pytest.mark.parametrize("variable", CONTRACT)
def test_a_variable_of_the_contract_has_its_default_and_sets_its_field(
    monkeypatch: pytest.MonkeyPatch, variable: str
) -> None:
    field, default = CONTRACT[variable]
    assert variable_name(field) == variable
    assert getattr(load_settings(), field) == default
    value = OTHER_VALUES.get(variable, "7")
    monkeypatch.setenv(variable, value)
    assert str(getattr(load_settings(), field)) == value


@pytest.mark.parametrize("field", Settings.model_fields)
def test_every_setting_has_a_default_and_a_description(field: str) -> None:
    info = Settings.model_fields[field]
    assert not info.is_required()
    assert info.description
    assert info.description.endswith(".")


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("WORKER_SERVICE_PORT", "0"),
        ("WORKER_SERVICE_PORT", "65536"),
        ("MAX_CONCURRENT_ACTIVITY_EXECUTIONS", "0"),
        ("MAX_CONCURRENT_WORKFLOW_EXECUTIONS", "1"),
        ("WORKERHOST_LOG_LEVEL", "LOUD"),
        ("WORKERHOST_DRAIN_TIMEOUT", "-1"),
        ("WORKERHOST_START_TIMEOUT", "soon"),
        ("WORKERHOST_CHECK_TIMEOUT", "nan"),
        ("WORKERHOST_CHECK_TIMEOUT", "inf"),
        ("WORKERHOST_REQUIRE_ISOLATION", "landlock,walls"),
    ],
)
def test_a_value_that_does_not_fit_names_its_variable(
    monkeypatch: pytest.MonkeyPatch, variable: str, value: str
) -> None:
    monkeypatch.setenv(variable, value)
    with pytest.raises(ConfigurationError, match=f"^{variable}: "):
        load_settings()


def test_an_argument_wins_over_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WORKER_SERVICE_PORT", "4000")
    assert load_settings(port=5000).port == 5000


def test_what_isolation_is_required_is_a_list_of_names_and_empty_by_default(monkeypatch: pytest.MonkeyPatch) -> None:
    assert load_settings().require_isolation == ()
    monkeypatch.setenv("WORKERHOST_REQUIRE_ISOLATION", "namespaces, landlock")
    assert load_settings().require_isolation == (IsolationKind.NAMESPACES, IsolationKind.LANDLOCK)


@pytest.mark.parametrize("value", [True, "5", 0, float("nan")])
@pytest.mark.parametrize(
    "name", ["maxActivitiesPerSecond", "activityCpuSeconds", "maxConcurrentActivities", "memoryMb"]
)
def test_a_limit_of_a_project_is_a_number_and_nothing_that_looks_like_one(name: str, value: object) -> None:
    with pytest.raises(ValidationError, match=name):
        ProjectSettings.model_validate({name: value})
    assert ProjectSettings.model_validate({name: 100})
