"""Reads the text of a document, YAML or JSON, within bounds."""

import json
import re
from typing import Any, NoReturn

import yaml
from yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

LONGEST_TEXT = 1_000_000
"""Characters."""
MOST_DEPTH = 100
MOST_VALUES = 100_000
"""Values of a document, with those of its aliases."""


class UnreadableError(ValueError):
    """A text that is no document; the message is a sentence with the line."""


def read_text(text: str) -> Any:
    """Return the JSON value of a text.

    Raises:
        UnreadableError: it is neither YAML nor JSON, or exceeds a bound.
    """
    if len(text) > LONGEST_TEXT:
        raise UnreadableError(f"the document has {len(text)} characters; at most {LONGEST_TEXT} would do")
    try:
        if text.lstrip()[:1] == "{" and (read := _json(text)) is not None:
            return read
        loader = _Loader(text)
        try:
            node = loader.get_single_node()
            _measure(node, {}, 0)
            return loader.construct_document(node) if node is not None else None
        finally:
            loader.dispose()
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        said = ", ".join(each for each in (error.context, error.problem) if each)
        raise UnreadableError(f"line {mark.line + 1 if mark else 1}: it is no YAML: {said}") from None
    except (yaml.YAMLError, RecursionError) as error:
        raise UnreadableError(f"it is no YAML: {error!s:.300}") from None


def check_value(value: object) -> None:
    """Check that a document that came as an object is no larger than one that comes as a text may be.

    Raises:
        UnreadableError: it is.
    """
    left, seen = [(value, 0)], 0
    while left:
        each, depth = left.pop()
        seen += 1
        if depth > MOST_DEPTH or seen > MOST_VALUES:
            _too_large(depth, None)
        inner = each.values() if isinstance(each, dict) else each if isinstance(each, list) else ()
        left += [(part, depth + 1) for part in inner]


def _json(text: str) -> Any:
    """Return what a text says in JSON; None where it is not JSON, but may be YAML."""

    def unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        names = [name for name, _ in pairs]
        twice = next((name for name in names if names.count(name) > 1), None) if len(set(names)) < len(names) else None
        if twice is not None:
            raise UnreadableError(f"the key {twice!r:.100} stands twice in one object; one of them would do")
        return dict(pairs)

    def refuse(constant: str) -> NoReturn:
        raise UnreadableError(f"{constant} is no number of JSON")

    try:
        read = json.loads(text, object_pairs_hook=unique, parse_constant=refuse)
    except json.JSONDecodeError:
        return None
    check_value(read)
    return read


class _Loader(yaml.SafeLoader):
    """Takes plain words as YAML 1.2 does: `on` is a text, and so is a date."""

    yaml_implicit_resolvers: dict[str, Any] = {}
    depth = 0

    def compose_node(self, parent: Node | None, index: Any) -> Node | None:
        self.depth += 1
        if self.depth > MOST_DEPTH:
            _too_large(self.depth, self.line + 1)
        node: Node | None = super().compose_node(parent, index)
        self.depth -= 1
        return node


def _plain(tag: str, pattern: str, begins: str, make: Any) -> None:
    _Loader.add_implicit_resolver(f"tag:yaml.org,2002:{tag}", re.compile(f"^(?:{pattern})$"), list(begins))
    _Loader.add_constructor(f"tag:yaml.org,2002:{tag}", make)


def _number(kind: type) -> Any:
    def make(loader: _Loader, node: ScalarNode) -> Any:
        try:
            value = kind(loader.construct_scalar(node))
        except ValueError:
            value = float("inf")
        if value in {float("inf"), float("-inf")}:
            raise UnreadableError(f"line {node.start_mark.line + 1}: the number is too large")
        return value

    return make


_plain("null", "~|null|Null|NULL|", "~nN\0", lambda *_: None)
_Loader.add_implicit_resolver("tag:yaml.org,2002:null", re.compile("^$"), [""])
_plain("bool", "true|True|TRUE|false|False|FALSE", "tTfF", lambda _, node: node.value.lower() == "true")
_plain("int", "[-+]?[0-9]+", "-+0123456789", _number(int))
_plain("float", r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?", "-+.0123456789", _number(float))


def _measure(node: Node | None, sizes: dict[int, int], depth: int) -> int:
    """Return how many values a node has with those of its aliases, each counted as often as it stands there."""
    if node is None or isinstance(node, ScalarNode):
        return 1
    line = node.start_mark.line + 1
    if sizes.get(id(node)) == 0:
        raise UnreadableError(f"line {line}: the value holds itself, through an alias")
    if id(node) not in sizes:
        sizes[id(node)] = 0
        if isinstance(node, MappingNode):
            _check_keys(node)
        inner = [part for pair in node.value for part in pair] if isinstance(node, MappingNode) else node.value
        sizes[id(node)] = 1 + sum(_measure(each, sizes, depth + 1) for each in inner)
    if sizes[id(node)] > MOST_VALUES or depth > MOST_DEPTH:
        _too_large(depth, line)
    return sizes[id(node)]


def _check_keys(node: MappingNode) -> None:
    seen: set[str] = set()
    for key, _ in node.value:
        line = key.start_mark.line + 1
        if isinstance(key, MappingNode | SequenceNode):
            raise UnreadableError(f"line {line}: the key of an object is a text; this one is not")
        if key.value in seen:
            raise UnreadableError(f"line {line}: the key {key.value!r:.100} stands twice in one object; one would do")
        seen.add(key.value)
        key.tag = "tag:yaml.org,2002:str"  # 404 and true are names there


def _too_large(depth: int, line: int | None) -> NoReturn:
    what = f"is more than {MOST_DEPTH} deep" if depth > MOST_DEPTH else f"has more than {MOST_VALUES} values"
    raise UnreadableError(f"{f'line {line}: ' if line else ''}the document {what}, with those of its aliases")
