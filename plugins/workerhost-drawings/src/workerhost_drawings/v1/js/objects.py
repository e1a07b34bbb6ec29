"""Functions of `Object` and `Array`."""

from typing import Any

from workerhost_drawings.v1.js.callbacks import caller
from workerhost_drawings.v1.js.members import get, iterate
from workerhost_drawings.v1.js.numbers import integer, text
from workerhost_drawings.v1.js.values import (
    MAX_ITEMS,
    described,
    is_nullish,
    range_error,
    type_error,
    undefined,
    units,
)


def _is_index(key: str) -> bool:
    return key.isascii() and key.isdigit() and len(key) < 11 and (key[0] != "0" or key == "0") and int(key) < 2**32 - 1


def ordered(value: dict[str, Any]) -> list[str]:
    """Return the keys of an object in JavaScript's order: indices first, by size, and then as they came."""
    keys = list(value)
    indices = [key for key in keys if key[:1].isdigit() and _is_index(key)]
    if not indices:
        return keys
    return sorted(indices, key=int) + [key for key in keys if not (key[:1].isdigit() and _is_index(key))]


def spread(value: Any) -> dict[str, Any]:
    """Return the members of a value as `{...value}` takes them; most values have none."""
    if type(value) is dict:
        return value
    if isinstance(value, (list, str)):
        return {str(index): item for index, item in enumerate(units(value) if isinstance(value, str) else value)}
    return {}


def _members(value: Any, function: str) -> dict[str, Any]:
    if is_nullish(value):
        type_error(f"{function} takes an object, and this is {described(value)}")
    return spread(value)


def keys(value: Any = undefined) -> list[str]:
    """Return `Object.keys(value)`."""
    return ordered(_members(value, "Object.keys"))


def values(value: Any = undefined) -> list[Any]:
    """Return `Object.values(value)`."""
    members = _members(value, "Object.values")
    return [members[key] for key in ordered(members)]


def entries(value: Any = undefined) -> list[Any]:
    """Return `Object.entries(value)`."""
    members = _members(value, "Object.entries")
    return [[key, members[key]] for key in ordered(members)]


def from_entries(pairs: Any = undefined) -> dict[str, Any]:
    """Return `Object.fromEntries(pairs)`."""
    result: dict[str, Any] = {}
    for pair in iterate(pairs):
        if type(pair) not in (list, dict):
            type_error(f"Object.fromEntries takes pairs, and this is {described(pair)}")
        result[text(get(pair, 0))] = get(pair, 1)
    return result


def is_array(value: Any = undefined) -> bool:
    """Return `Array.isArray(value)`."""
    return type(value) is list


def array_from(value: Any = undefined, function: Any = undefined) -> list[Any]:
    """Return `Array.from(value, function)`, of an array, a text, or an object that has a length."""
    if is_nullish(value):
        type_error(f"Array.from takes an array, and this is {described(value)}")
    if type(value) is dict:
        length = max(integer(get(value, "length")), 0)
        if length > MAX_ITEMS:
            range_error(f"Array.from makes at most {MAX_ITEMS} items")
        items = [get(value, index) for index in range(int(length))]
    else:
        items = list(iterate(value)) if type(value) in (list, str) else []
    if function is undefined:
        return items
    call = caller(function, 2)
    return [call(item, index) for index, item in enumerate(items)]


def without(value: Any, *left_out: Any) -> dict[str, Any]:
    """Return the members of an object but some: the rest of `({a, ...rest}) => …`."""
    gone = {text(key) for key in left_out}
    return {key: item for key, item in spread(value).items() if key not in gone}
