"""Members of values: only what JSON holds is ever read, never an attribute of Python."""

from collections.abc import Callable, Iterable
from typing import Any

from workerhost_drawings.v1.js.numbers import text
from workerhost_drawings.v1.js.values import bounded_items, described, type_error, undefined, units


def get(value: Any, key: Any, *further: Any) -> Any:
    """Return a member of a value, or a member of that, and so on; undefined where it is not there.

    Args:
        value: an object, an array, a text, or any other value, which has no members.
        key: a name, or an index from 0; a number and its text are the same key.
        further: members of the member.

    Raises:
        JavaScriptError: a member of null or undefined is read.
    """
    result = _member(value, key, ())
    if further:
        path = [key]
        for each in further:
            result = _member(result, each, path)
            path.append(each)
    return result


def _member(value: Any, key: Any, path: Iterable[Any]) -> Any:
    kind = type(value)
    if kind is dict:
        return value.get(key if type(key) is str else text(key), undefined)
    if kind is list:
        return _item(value, key, len(value))
    if kind is str:
        read = units(value)
        return _item(read, key, len(read))
    if value is None or value is undefined:
        _nothing(value, key, path)
    return undefined


def _item(value: Any, key: Any, length: int) -> Any:
    if type(key) is not int:
        if key == "length":
            return length
        key = index_of_key(text(key))
    return value[key] if 0 <= key < length else undefined


def _nothing(value: Any, key: Any, path: Iterable[Any]) -> None:
    above = "".join(f".{text(each)}" for each in path)[1:]
    of = f'"{above}", which is {described(value)}' if above else described(value)
    type_error(f'cannot read "{text(key)}" of {of}; "?." reads a member that may be missing')


def has_own(value: Any, key: Any = undefined) -> bool:
    """Return whether an object has a member itself, or an array or a text an index."""
    if type(value) is dict:
        return text(key) in value
    if isinstance(value, (list, str)):
        length = len(units(value) if isinstance(value, str) else value)
        return text(key) == "length" or index_of_key(text(key)) in range(length)
    return False


def index_of_key(name: str) -> int:
    """Return the index that a key names, or -1."""
    if name.isascii() and name.isdigit() and len(name) < 16 and (name[0] != "0" or name == "0"):
        return int(name)
    return -1


def maybe(value: Any, key: Any, *further: Any) -> Any:
    """Return `value?.key…`: undefined if the value is null or undefined, or else the member as `get` does."""
    if value is None or value is undefined:
        return undefined
    return get(value, key, *further)


def optional(value: Any, then: Callable[[Any], Any]) -> Any:
    """Return undefined if a value is null or undefined, or else what the function makes of it."""
    if value is None or value is undefined:
        return undefined
    return then(value)


def iterate(value: Any) -> list[Any]:
    """Return the items of an array, or the characters of a text, which are whole ones here.

    Raises:
        JavaScriptError: the value has no items.
    """
    if type(value) is list:
        return bounded_items(value)
    if type(value) is str:
        return list(value)
    return type_error(f"an array is needed here, and this is {described(value)}")
