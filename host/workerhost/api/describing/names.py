"""The names of operations, made of method and path: `GET /projects/{projectId}/executions` is `listExecutions`.

They do not depend on the names of functions and modules, so that clients made from the document keep theirs.
"""

import re
from collections.abc import Collection

SCOPE = ("projects", "{projectId}")
"""How the paths of nearly all calls begin; names leave it out where they can."""

_VERBS = {"get": "get", "put": "put", "patch": "change", "delete": "delete", "post": "send"}
"""For calls on one thing."""

_Words = list[str]


def operation_name(method: str, path: str, taken: Collection[str]) -> str:
    """Return a name that no other operation has.

    Args:
        method: of HTTP.
        path: with parameters in braces.
        taken: the names of other operations.
    """
    segments = tuple(segment for segment in path.split("/") if segment)
    in_scope = segments[len(SCOPE) :] if segments[: len(SCOPE)] == SCOPE else segments
    has_noun = len(in_scope) > 1 or bool(in_scope and (method.lower() != "post" or _is_plural(in_scope[0])))
    names = [_name(method.lower(), in_scope)] if has_noun else []
    whole = _name(method.lower(), segments)
    names += [whole, *(f"{whole}{number}" for number in range(2, len(taken) + 3))]
    return next(name for name in names if name not in taken)


def _name(method: str, segments: tuple[str, ...]) -> str:
    """Return `listThings`, `createThing`, `getThing` or `doThing`, with what the thing belongs to before it."""
    literals = [segment for segment in segments if not _is_parameter(segment)]
    if not literals:
        return f"{_VERBS.get(method, method)}Root"
    is_one = _is_parameter(segments[-1])
    if is_one or not _is_plural(literals[-1]):
        if method == "post" and not is_one and len(literals) > 1:
            return _camel([*_words(literals[-1]), *_nouns(literals[:-1])])
        return _camel([_VERBS.get(method, method), *_nouns(literals)])
    if method == "post":
        return _camel(["create", *_nouns(literals)])
    verb = "list" if method == "get" else _VERBS.get(method, method)
    return _camel([verb, *_nouns(literals[:-1]), *_words(literals[-1])])


def _nouns(literals: list[str]) -> _Words:
    return [word for literal in literals for word in _singular(_words(literal))]


def _words(segment: str) -> _Words:
    return re.findall(r"[A-Za-z0-9]+", segment)


def _camel(words: _Words) -> str:
    first, *others = words
    return first[:1].lower() + first[1:] + "".join(word[:1].upper() + word[1:] for word in others)


def _is_parameter(segment: str) -> bool:
    return segment.startswith("{")


def _is_plural(segment: str) -> bool:
    return segment.endswith("s") and not segment.endswith(("ss", "us", "is"))


def _singular(words: _Words) -> _Words:
    if not words or not _is_plural(words[-1]):
        return words
    last = words[-1]
    for ending, other in (("ies", "y"), ("ches", "ch"), ("shes", "sh"), ("sses", "ss"), ("xes", "x"), ("s", "")):
        if last.endswith(ending):
            return [*words[:-1], last.removesuffix(ending) + other]
    return words
