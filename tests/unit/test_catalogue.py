"""What the catalogue says of the arguments of an activity."""

from typing import Any

from temporalio import activity

from workerhost import ActivitySet, hookimpl
from workerhost.plugins import create_plugins
from workerhost.runtime.catalogue import build_catalogue


@activity.defn
def ping(host: str, times: int = 1, log: object = print) -> None:
    """Ping a host."""


@activity.defn
def one(host: str = "localhost") -> None:
    """Take one argument."""


@activity.defn
def bare(first, second=None):  # type: ignore[no-untyped-def]
    """Say nothing of types."""


class Network:
    """A plugin with these activities."""

    @hookimpl
    def workerhost_register_activity_sets(self) -> list[ActivitySet]:
        return [ActivitySet("network", [ping, one, bare])]


def schema(name: str) -> Any:
    return build_catalogue(create_plugins([("network", Network())]))[name].input_schema


def test_arguments_have_names_and_defaults_and_some_may_be_left_out() -> None:
    assert schema("ping") == {
        "type": "array",
        "prefixItems": [
            {"type": "string", "title": "host"},
            {"type": "integer", "title": "times", "default": 1},
            {"title": "log"},
        ],
        "minItems": 1,
        "maxItems": 3,
    }


def test_one_argument_is_the_input_itself() -> None:
    assert schema("one") == {"type": "string"}


def test_arguments_without_types_have_names_too() -> None:
    items = [{"title": "first"}, {"title": "second", "default": None}]
    assert schema("bare") == {"type": "array", "prefixItems": items, "minItems": 1, "maxItems": 2}
