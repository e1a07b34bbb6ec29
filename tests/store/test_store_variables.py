"""The store keeps the variables of projects, and loses no change of them."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from sqlalchemy import func, select, update

from support import DATABASES
from workerhost.errors import ConflictError, InvalidRequestError, NotFoundError
from workerhost.store import Store, variables
from workerhost.store.clock import ago
from workerhost.store.models import VariableChangeRow, VariableRow
from workerhost.words import VariableScope

PROJECT, SERVICE = VariableScope.PROJECT, VariableScope.SERVICE


@pytest.fixture(params=DATABASES)
def database_kind(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(autouse=True)
def project(store: Store) -> None:
    store.projects.put("shop", name=None, task_queue=None, settings=None)


@pytest.mark.parametrize("value", [None, 0, 1.5, True, "", "ä\0\ud800", [], {"a": [1, {"b": None}]}])
def test_a_variable_keeps_any_json_value(store: Store, value: Any) -> None:
    store.variables.change("shop", PROJECT, "x", value)
    found = store.variables.get("shop", PROJECT, "x")
    assert (found.value, type(found.value), found.version) == (value, type(value), 1)
    assert store.variables.find("shop", SERVICE, "x") is None


def test_a_change_is_made_only_on_the_version_that_is_expected(store: Store) -> None:
    change = store.variables.change
    assert change("shop", PROJECT, "x", 1, if_version=3) == variables.VariableChange(False, False, None, 0)
    assert change("shop", PROJECT, "x", 1, if_version=0) == variables.VariableChange(True, True, 1, 1)
    assert change("shop", PROJECT, "x", 2, if_version=0) == variables.VariableChange(False, True, 1, 1)
    assert change("shop", PROJECT, "x", 2, if_version=1) == variables.VariableChange(True, True, 2, 2)
    assert change("shop", PROJECT, "x", 3) == variables.VariableChange(True, True, 3, 3)


def test_a_change_that_was_made_is_answered_as_it_was_and_not_made_again(store: Store) -> None:
    change = store.variables.change
    first = change("shop", PROJECT, "x", "a", if_version=0, change_id="run/1")
    change("shop", PROJECT, "x", "b", if_version=1, change_id="run/2")
    assert change("shop", PROJECT, "x", "a", if_version=0, change_id="run/1") == first
    assert store.variables.get("shop", PROJECT, "x").value == "b"
    with pytest.raises(InvalidRequestError, match="the change run/1 was one of variable x"):
        change("shop", PROJECT, "y", "a", change_id="run/1")
    store.projects.put("other", name=None, task_queue=None, settings=None)
    assert change("other", PROJECT, "x", "c", change_id="run/1").version == 1


def test_the_version_of_a_deleted_variable_is_not_given_again(store: Store) -> None:
    store.variables.change("shop", PROJECT, "x", 1)
    with pytest.raises(ConflictError, match="x of scope project has version 1 now"):
        store.variables.delete("shop", PROJECT, "x", if_version=2)
    store.variables.delete("shop", PROJECT, "x", if_version=1)
    for action in (store.variables.get, store.variables.delete):
        with pytest.raises(NotFoundError, match="project shop has no variable x of scope project"):
            action("shop", PROJECT, "x")
    assert store.variables.change("shop", PROJECT, "x", 2, if_version=1).changed is False
    assert store.variables.change("shop", PROJECT, "x", 2, if_version=0).version == 2


def test_what_cannot_be_kept_is_refused_with_a_sentence(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    change = store.variables.change
    for name in ("", "x" * 201, "a\0", "a\nb", "\ud800"):
        with pytest.raises(InvalidRequestError, match="the name of a variable"):
            change("shop", PROJECT, name, 1)
    change("shop", PROJECT, "x" * 200, "x" * (256 * 1024 - 2))
    with pytest.raises(InvalidRequestError, match="has 256 KiB at most as JSON, and this one has 262145 bytes"):
        change("shop", PROJECT, "x", "x" * (256 * 1024 - 1))
    nested: Any = []
    for _ in range(100_000):
        nested = [nested]
    with pytest.raises(InvalidRequestError, match="nested too deeply"):
        change("shop", PROJECT, "x", nested)
    for value in (float("nan"), {1, 2}):
        with pytest.raises(InvalidRequestError, match="must be JSON"):
            change("shop", PROJECT, "x", value)
    with pytest.raises(NotFoundError, match="project elsewhere does not exist"):
        change("elsewhere", PROJECT, "x", 1)
    monkeypatch.setattr(variables, "MOST_VARIABLES", 1)
    with pytest.raises(ConflictError, match="1 variables, as many as it may"):
        change("shop", PROJECT, "y", 1)
    assert change("shop", PROJECT, "x" * 200, 1).changed


def test_pages_go_through_the_variables_of_a_scope_and_a_prefix(store: Store) -> None:
    names = ["a", "a%", "ab", "b"]
    for scope in (SERVICE, PROJECT):
        for name in reversed(names):
            store.variables.change("shop", scope, name, name)
    page, more = store.variables.page("shop", None, "", 5, None)
    assert ([(each.scope, each.name) for each in page], more) == (
        [*((PROJECT, name) for name in names), (SERVICE, "a")],
        True,
    )
    page, more = store.variables.page("shop", None, "", 5, (SERVICE, "a"))
    assert ([each.name for each in page], more) == (names[1:], False)
    assert [each.value for each in store.variables.page("shop", SERVICE, "a", 5, None)[0]] == names[:3]
    assert [each.name for each in store.variables.page("shop", SERVICE, "a%", 5, None)[0]] == ["a%"]
    with pytest.raises(NotFoundError):
        store.variables.page("elsewhere", None, "", 5, None)


def test_a_page_of_large_values_is_shorter(store: Store) -> None:
    for number in range(20):
        store.variables.change("shop", PROJECT, f"{number:02}", "x" * (256 * 1024 - 2))
    page, more = store.variables.page("shop", None, "", 100, None)
    assert (len(page), more) == (16, True)


def test_many_writers_at_once_lose_no_change(store: Store) -> None:
    def increment(number: int) -> None:
        version, value = 0, 0
        while True:
            change_id = f"{number}/{version}"
            wanted = value + 1
            store.variables.change("shop", PROJECT, "x", wanted, if_version=version, change_id=change_id)
            done = store.variables.change("shop", PROJECT, "x", wanted, if_version=version, change_id=change_id)
            if done.changed:
                return
            version, value = done.version, done.value

    with ThreadPoolExecutor(8) as threads:
        list(threads.map(increment, range(50)))
    found = store.variables.get("shop", PROJECT, "x")
    assert (found.value, found.version) == (50, 50)


def test_the_same_change_asked_for_at_once_is_made_once(store: Store) -> None:
    def change(_: int) -> variables.VariableChange:
        return store.variables.change("shop", PROJECT, "x", "a", if_version=0, change_id="run/1")

    with ThreadPoolExecutor(8) as threads:
        answers = list(threads.map(change, range(16)))
    assert set(map(str, answers)) == {str(variables.VariableChange(True, True, "a", 1))}


def test_old_changes_are_forgotten_and_variables_go_with_their_project(store: Store) -> None:
    for name in ("x", "y"):
        store.variables.change("shop", PROJECT, name, 1, change_id=name)
    store.variables.delete("shop", PROJECT, "y")
    store.variables.forget()
    assert _count(store, VariableChangeRow) == 2
    with store.database.writing() as session:
        session.execute(update(VariableChangeRow).values(applied_at=ago(8 * 86400)))
        session.execute(update(VariableRow).values(updated_at=ago(8 * 86400)))
    store.variables.forget()
    assert _count(store, VariableChangeRow) == 0
    assert _count(store, VariableRow) == 1
    store.projects.delete("shop")
    assert _count(store, VariableRow) == 0


def _count(store: Store, row: type) -> int:
    with store.database.reading() as session:
        return session.scalar(select(func.count()).select_from(row)) or 0
