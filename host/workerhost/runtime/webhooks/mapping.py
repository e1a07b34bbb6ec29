"""What a webhook takes from a call: JSONPaths in the places of values.

The paths come from who owns the project, the values from strangers, so that a path must be one whose work grows as the
value does and no faster: each of its steps selects in one way, it goes down to any depth once at most, and it has no
filters. What all paths of a webhook look at in one call is bounded beside that.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Self

from jsonpath import JSONPath, JSONPathEnvironment, JSONPathMatch
from jsonpath.exceptions import JSONPathError
from jsonpath.segments import JSONPathRecursiveDescentSegment
from jsonpath.selectors import IndexSelector, NameSelector, SliceSelector, WildcardSelector

from workerhost.errors import InvalidRequestError, MappingFailedError
from workerhost.runtime.webhooks.headers import CallHeaders

BEGINNING = "$."
"""How a text begins that is a path."""

LONGEST_PATH, MOST_PATHS, MOST_DESCENTS = 1000, 50, 5
"""Characters of one path, paths of one webhook, and those among them that go down to any depth: each of these looks at
all values of a call."""

MOST_LOOKS = 100_000
"""Values that the paths of a webhook look at in one call, but for those that `..` passes by; about half a second."""


MOST_BYTES = 4 * 1024**2
"""Of all that is taken from one call, as JSON and roughly: a value may be selected many times, also within another one,
and Temporal takes 2 MiB."""


class _LooksUsedUpError(Exception):
    """The paths of a webhook have looked at as many values of a call as they may."""


class _Looks:
    """Counts down how many more values of a call may be looked at."""

    def __init__(self) -> None:
        self._left = MOST_LOOKS

    def take(self) -> None:
        self._left -= 1
        if self._left < 0:
            raise _LooksUsedUpError


class _Match(JSONPathMatch):
    """A value that is looked at. Where it was found is not kept, which would take more time than finding it."""

    __slots__ = ()

    def new_child(self, obj: object, key: int | str) -> Self:
        self.filter_context()["looks"].take()
        return type(self)(filter_context=self.filter_context(), obj=obj, parent=None, path="", parts=(), root=self.root)

    def add_child(self, *children: JSONPathMatch) -> None:
        pass


_ENVIRONMENT = JSONPathEnvironment()
_SELECTORS = (NameSelector, IndexSelector, SliceSelector, WildcardSelector)


@dataclass(frozen=True)
class CallValues:
    """What the paths of a webhook select from."""

    body: Any
    """What its JSON holds, the fields of a form, or its text; None where there is none."""
    headers: CallHeaders
    query: Mapping[str, str | list[str]]


def is_path(value: Any) -> bool:
    """Tell whether a value is a path, and not what it says itself."""
    return isinstance(value, str) and value.startswith(BEGINNING)


def check_paths(template: Mapping[str, Any]) -> None:
    """Refuse paths that do not parse, or that could take long.

    Args:
        template: values with paths in them, by the names of their fields.

    Raises:
        InvalidRequestError: of one of them; the sentence names its place, and the position in it.
    """
    paths = [found for name, value in template.items() for found in _paths(value, name)]
    if len(paths) > MOST_PATHS:
        raise InvalidRequestError(f"a webhook has {MOST_PATHS} JSONPaths at most, and this one has {len(paths)}")
    descents = 0
    for place, text in paths:
        try:
            descents += _goes_down(_compiled(text))
        except ValueError as error:
            raise InvalidRequestError(f"{place}: {error}") from error
        if descents > MOST_DESCENTS:
            raise InvalidRequestError(f"{place}: a webhook has {MOST_DESCENTS} JSONPaths with .. at most")


def fill(template: Any, values: CallValues) -> Any:
    """Return a value with what its paths select in their places.

    A path that can select one value alone gives that value, and any other one the list of all that it selects.

    Args:
        template: any JSON value.
        values: what the paths select from.

    Raises:
        MappingFailedError: a path that can select one value selects none, or the call is too large or too deep, or
            what is selected is too large.
    """
    source = {"body": values.body, "headers": values.headers, "query": values.query}
    filled = _filled(template, source, _Looks())
    if _size(filled, {}) > MOST_BYTES:
        raise MappingFailedError(f"what this webhook takes from the call is larger than {MOST_BYTES // 1024**2} MiB")
    return filled


def _size(value: Any, known: dict[int, int]) -> int:
    """Return about how many bytes a value has as JSON; each container is looked at once, however often it is there.

    Args:
        value: what is sent.
        known: sizes of containers by their identity, which are kept alive by `value`.
    """
    if isinstance(value, str):
        return len(value) + 2
    if not isinstance(value, dict | list):
        return 2
    size = known.get(id(value))
    if size is None:
        parts = (each for pair in value.items() for each in pair) if isinstance(value, dict) else value
        size = known[id(value)] = 2 + sum(1 + _size(each, known) for each in parts)
    return size


def _filled(template: Any, source: Mapping[str, Any], looks: _Looks) -> Any:
    if isinstance(template, dict):
        return {key: _filled(value, source, looks) for key, value in template.items()}
    if isinstance(template, list | tuple):
        return [_filled(each, source, looks) for each in template]
    return _selected(template, source, looks) if is_path(template) else template


def _selected(text: str, source: Mapping[str, Any], looks: _Looks) -> Any:
    path = _compiled(text)
    try:
        found = [_plain(each.obj) for each in _matches(path, source, looks)]
    except _LooksUsedUpError as error:
        raise MappingFailedError(f"the call has too many values to look through for {text}") from error
    except JSONPathError as error:
        raise MappingFailedError(f"the call is nested too deeply to look through it for {text}") from error
    if not path.singular_query():
        return found
    if not found:
        raise MappingFailedError(f"the call has nothing at {text}, which this webhook needs")
    return found[0]


def _matches(path: JSONPath, source: Mapping[str, Any], looks: _Looks) -> Iterable[JSONPathMatch]:
    """Find what the path selects. The library's own way to do so would begin with a match of its own kind."""
    root = _Match(filter_context={"looks": looks}, obj=source, parent=None, path="", parts=(), root=source)
    matches: Iterable[JSONPathMatch] = [root]
    for segment in path.segments:
        matches = segment.resolve(matches)
    return matches


def _plain(value: Any) -> Any:
    return dict(value) if isinstance(value, CallHeaders) else value


@lru_cache(maxsize=4096)
def _compiled(text: str) -> JSONPath:
    """Return the path of a text.

    Raises:
        ValueError: it is none that can be used here.
    """
    if len(text) > LONGEST_PATH:
        raise ValueError(f"a JSONPath has {LONGEST_PATH} characters at most")
    try:
        path = _ENVIRONMENT.compile(text)
    except JSONPathError as error:
        position = error.token.index if error.token is not None and error.token.index >= 0 else len(text)
        raise ValueError(f"{text} is no JSONPath: {error.args[0]} at position {position}") from error
    except (ValueError, RecursionError) as error:
        raise ValueError(f"{text[:40]}… is no JSONPath") from error
    if not isinstance(path, JSONPath):
        raise ValueError(f"{text} joins several JSONPaths, which is not taken here")  # noqa: TRY004  of what was written
    _refuse_costly(text, path)
    return path


def _refuse_costly(text: str, path: JSONPath) -> None:
    for segment in path.segments:
        if len(segment.selectors) != 1:
            raise ValueError(f"{text} selects in several ways at once; write a JSONPath for each")
        if not any(isinstance(segment.selectors[0], each) for each in _SELECTORS):
            raise ValueError(f"{text} has a filter, or another step than names, indices, slices and *")
    if _goes_down(path) > 1:
        raise ValueError(f"{text} has .. more than once")


def _goes_down(path: JSONPath) -> int:
    """Return how often the path goes down to any depth."""
    return sum(isinstance(segment, JSONPathRecursiveDescentSegment) for segment in path.segments)


def _paths(value: Any, place: str) -> Iterator[tuple[str, str]]:
    """Yield the place and the text of each path in a value."""
    if isinstance(value, dict | list | tuple):
        for key, each in value.items() if isinstance(value, dict) else enumerate(value):
            yield from _paths(each, f"{place}.{key}")
    elif is_path(value):
        yield place, value
