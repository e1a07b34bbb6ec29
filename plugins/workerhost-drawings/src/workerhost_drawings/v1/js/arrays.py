"""The methods of arrays. None changes the array that it is called on."""

from collections.abc import Callable, Mapping
from functools import cmp_to_key
from typing import Any, Final

from workerhost_drawings.v1.js.callbacks import caller
from workerhost_drawings.v1.js.numbers import integer, number, text
from workerhost_drawings.v1.js.operators import same_value, strict_equals
from workerhost_drawings.v1.js.positions import place
from workerhost_drawings.v1.js.values import (
    INFINITY,
    MAX_DEPTH,
    MAX_TEXT,
    bounded_items,
    bounded_text,
    range_error,
    truthy,
    type_error,
    undefined,
    units,
)


def _called(items: list[Any], function: Any) -> Callable[[int], Any]:
    call = caller(function, 3)
    return lambda index: call(items[index], index, items)


def _map(items: list[Any], function: Any = undefined) -> list[Any]:
    call = caller(function, 3)
    return [call(item, index, items) for index, item in enumerate(items)]


def _filter(items: list[Any], function: Any = undefined) -> list[Any]:
    call = caller(function, 3)
    return [item for index, item in enumerate(items) if truthy(call(item, index, items))]


def _flat_map(items: list[Any], function: Any = undefined) -> list[Any]:
    result: list[Any] = []
    for each in _map(items, function):
        bounded_items(result)
        if type(each) is list:
            result.extend(each)
        else:
            result.append(each)
    return bounded_items(result)


def _find(items: list[Any], function: Any = undefined) -> Any:
    index = _find_index(items, function)
    return items[index] if index >= 0 else undefined


def _find_index(items: list[Any], function: Any = undefined) -> int:
    call = _called(items, function)
    return next((index for index in range(len(items)) if truthy(call(index))), -1)


def _find_last(items: list[Any], function: Any = undefined) -> Any:
    index = _find_last_index(items, function)
    return items[index] if index >= 0 else undefined


def _find_last_index(items: list[Any], function: Any = undefined) -> int:
    call = _called(items, function)
    return next((index for index in reversed(range(len(items))) if truthy(call(index))), -1)


def _some(items: list[Any], function: Any = undefined) -> bool:
    return _find_index(items, function) >= 0


def _every(items: list[Any], function: Any = undefined) -> bool:
    call = _called(items, function)
    return all(truthy(call(index)) for index in range(len(items)))


def _reduce(items: list[Any], function: Any = undefined, *initial: Any) -> Any:
    return _reduced(items, function, initial, list(range(len(items))))


def _reduce_right(items: list[Any], function: Any = undefined, *initial: Any) -> Any:
    return _reduced(items, function, initial, list(reversed(range(len(items)))))


def _reduced(items: list[Any], function: Any, initial: tuple[Any, ...], order: list[int]) -> Any:
    call = caller(function, 4)
    if not initial and not items:
        type_error("reduce of an empty array needs an initial value")
    result = initial[0] if initial else items[order[0]]
    for index in order if initial else order[1:]:
        result = call(result, items[index], index, items)
    return result


def _includes(items: list[Any], sought: Any = undefined, start: Any = undefined) -> bool:
    return any(same_value(item, sought) for item in items[place(start, len(items)) :])


def _index_of(items: list[Any], sought: Any = undefined, start: Any = undefined) -> int:
    first = place(start, len(items))
    return next((index for index in range(first, len(items)) if strict_equals(items[index], sought)), -1)


def _last_index_of(items: list[Any], sought: Any = undefined, *start: Any) -> int:
    last = integer(start[0]) if start else len(items) - 1
    last = last + len(items) if last < 0 else min(last, len(items) - 1)
    if last < 0:
        return -1
    return next((index for index in range(int(last), -1, -1) if strict_equals(items[index], sought)), -1)


def _join(items: list[Any], separator: Any = undefined) -> str:
    by = "," if separator is undefined else text(separator)
    parts, size = [], 0
    for item in items:
        parts.append("" if item is None or item is undefined else text(item))
        size += len(parts[-1]) + len(by)
        if size > MAX_TEXT + len(by):
            range_error(f"join makes a text of more than {MAX_TEXT} characters")
    return bounded_text(by.join(parts))


def _at(items: list[Any], index: Any = undefined) -> Any:
    at = integer(index)
    at = at + len(items) if at < 0 else at
    return items[int(at)] if 0 <= at < len(items) else undefined


def _slice(items: list[Any], start: Any = undefined, end: Any = undefined) -> list[Any]:
    return items[place(start, len(items)) : place(end, len(items), INFINITY)]


def _concat(items: list[Any], *others: Any) -> list[Any]:
    result = list(items)
    for other in others:
        if type(other) is list:
            result.extend(other)
        else:
            result.append(other)
        bounded_items(result)
    return result


def _flat(items: list[Any], depth: Any = undefined) -> list[Any]:
    return _flattened(items, integer(depth, 1), 0)


def _flattened(items: list[Any], deep: float, level: int) -> list[Any]:
    if level > MAX_DEPTH:
        range_error(f"flat takes arrays of at most {MAX_DEPTH} levels")
    result: list[Any] = []
    for item in items:
        if type(item) is list and deep >= 1:
            result.extend(_flattened(item, deep - 1, level + 1))
        else:
            result.append(item)
        bounded_items(result)
    return result


def _sorted(items: list[Any], function: Any = undefined) -> list[Any]:
    known = [item for item in items if item is not undefined]
    rest = [undefined] * (len(items) - len(known))
    if function is undefined:
        return sorted(known, key=lambda item: units(text(item))) + rest
    call = caller(function, 2)

    def compared(a: Any, b: Any) -> int:
        read = number(call(a, b))
        return 1 if read > 0 else -1 if read < 0 else 0

    return sorted(known, key=cmp_to_key(compared)) + rest


def _with(items: list[Any], index: Any = undefined, value: Any = undefined) -> list[Any]:
    at = integer(index)
    at = at + len(items) if at < 0 else at
    if not 0 <= at < len(items):
        range_error(f"with takes an index of the array, which has {len(items)} items")
    return [*items[: int(at)], value, *items[int(at) + 1 :]]


ARRAY_METHODS: Final[Mapping[str, Callable[..., Any]]] = {
    "at": _at,
    "concat": _concat,
    "every": _every,
    "filter": _filter,
    "find": _find,
    "findIndex": _find_index,
    "findLast": _find_last,
    "findLastIndex": _find_last_index,
    "flat": _flat,
    "flatMap": _flat_map,
    "includes": _includes,
    "indexOf": _index_of,
    "join": _join,
    "lastIndexOf": _last_index_of,
    "map": _map,
    "reduce": _reduce,
    "reduceRight": _reduce_right,
    "slice": _slice,
    "some": _some,
    "toReversed": lambda items, *_: items[::-1],
    "toSorted": _sorted,
    "with": _with,
}
