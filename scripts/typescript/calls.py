"""The methods of the TypeScript client, one for each operation that answers JSON."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from typescript.types import NotTranslatableError, Schema, comment, key, references, type_of

JSON = "application/json"
OPTIONS = "options?: CallOptions"
TAKEN = {"body", "query", "options", "default", "delete", "function", "new", "this"}
"""Names that no parameter of a path can have as an argument."""


class Calls(NamedTuple):
    """The text of all methods, and the names of the schemas that they use."""

    text: str
    schemas: set[str]


def calls_of(document: Mapping[str, Any]) -> Calls:
    """Return the methods for all operations of a document that answer JSON.

    Raises:
        NotTranslatableError: an operation holds something that is not known here.
    """
    found = [
        Operation(method.upper(), path, described, document["components"]["schemas"])
        for path, methods in document["paths"].items()
        for method, described in methods.items()
    ]
    operations = sorted((each for each in found if each.is_json), key=lambda each: each.name)
    queries = "".join(each.query_type() for each in operations)
    said = comment("The calls of the API, each with the name of its operation.")
    methods = "\n".join(text for each in operations for text in each.methods())
    used = set[str]().union(*(references(each.described) for each in operations))
    return Calls(f"{queries}{said}export class Calls extends Connection {{\n{methods}}}\n", used)


@dataclass(frozen=True)
class Operation:
    """One operation of the document."""

    method: str
    path: str
    described: Mapping[str, Any]
    schemas: Mapping[str, Schema]

    @property
    def name(self) -> str:
        """The name of the operation, which is that of the method."""
        return str(self.described["operationId"])

    @property
    def is_json(self) -> bool:
        """Whether it answers JSON, and takes nothing else."""
        body = self.described.get("requestBody")
        return bool(self._answers()) and (body is None or JSON in body["content"])

    def query_type(self) -> str:
        """Return the declaration of the parameters in the query, if it has any."""
        parameters = self._parameters("query")
        if not parameters:
            return ""
        said = comment(f"What `{self.name}` may be told.")
        members = "".join(_query_member(each) for each in parameters)
        return f"{said}export interface {self._query_name()} {{\n{members}}}\n\n"

    def methods(self) -> Iterator[str]:
        """Yield the method, and that which iterates over its pages."""
        fields = [f'method: "{self.method}"', f"path: [{', '.join(self._segments())}]"]
        fields += ["body"] if self._body() else []
        fields += ["query"] if self._parameters("query") else []
        fields += self._accepted()
        answer = " | ".join(dict.fromkeys(self._answers().values()))
        yield (
            f"{comment(self._said(), '  ')}  {self.name}({', '.join(self._arguments())}): Promise<{answer}> {{\n"
            f"    return this.request({{ {', '.join(fields)} }}, options);\n  }}\n"
        )
        if items := self._items():
            yield self._iterating(*items)

    def _iterating(self, items: str, item: str) -> str:
        name = f"iterate{re.sub('^(list|get)', '', self.name)}"
        query = f'Omit<{self._query_name()}, "cursor">'
        arguments = [f"query: {query} = {{}}" if each.startswith("query") else each for each in self._arguments()]
        given = ", ".join((*self._path_names(), "{ ...query, cursor }", "options"))
        return (
            f"{comment(f'Iterate over all that `{self.name}` lists; `limit` is the size of a page.', '  ')}"
            f"  {name}({', '.join(arguments)}): AsyncGenerator<{item}, void, undefined> {{\n"
            f"    return this.pages((cursor) => this.{self.name}({given}), (page) => page.{items});\n  }}\n"
        )

    def _arguments(self) -> Iterator[str]:
        yield from (f"{name}: string" for name in self._path_names())
        if body := self._body():
            yield f"body: {body}" if self.described["requestBody"]["required"] else f"body: {body} = {{}}"
        if parameters := self._parameters("query"):
            is_needed = any(each["required"] for each in parameters)
            yield f"query: {self._query_name()}" + ("" if is_needed else " = {}")
        yield OPTIONS

    def _path_names(self) -> list[str]:
        names = re.findall(r"{(\w+)}", self.path)
        if taken := TAKEN.intersection(names):
            raise NotTranslatableError(f"{self.name}: an argument cannot be named {taken.pop()}")
        return names

    def _segments(self) -> list[str]:
        segments = self.path.strip("/").split("/")
        return [each[1:-1] if each.startswith("{") else f'"{each}"' for each in segments]

    def _parameters(self, place: str) -> list[Mapping[str, Any]]:
        return [each for each in self.described["parameters"] if each["in"] == place]

    def _query_name(self) -> str:
        return f"{self.name[0].upper()}{self.name[1:]}Query"

    def _body(self) -> str | None:
        body = self.described.get("requestBody")
        return type_of(body["content"][JSON]["schema"]) if body else None

    def _answers(self) -> dict[str, str]:
        """Return the types of its answers by status; refusals of all calls are not among them."""
        contents = {status: each.get("content", {}) for status, each in self.described["responses"].items()}
        return {status: type_of(each[JSON]["schema"]) for status, each in contents.items() if JSON in each}

    def _accepted(self) -> list[str]:
        statuses = [status for status in self._answers() if status.isdecimal() and not status.startswith("2")]
        return [f"answers: [{', '.join(statuses)}]"] if statuses else []

    def _items(self) -> tuple[str, str] | None:
        """Return the key of a page's items and their type, where the operation has pages."""
        answers = set(self._answers().values())
        if len(answers) != 1 or "cursor" not in {each["name"] for each in self._parameters("query")}:
            return None
        page = self.schemas.get(answers.pop(), {}).get("properties", {})
        lists = {name: each for name, each in page.items() if each.get("type") == "array"}
        if "cursor" not in page or len(lists) != 1:
            return None
        [(name, items)] = lists.items()
        return name, type_of(items["items"])

    def _said(self) -> str:
        more = self.described.get("description", "")
        called = f"`{self.method} {self.path}`"
        return "\n\n".join(text for text in (self.described.get("summary", ""), more, called) if text)


def _query_member(parameter: Mapping[str, Any]) -> str:
    """Return a parameter as a member; leaving it out is the same as undefined, and null is nothing there."""
    schema = dict(parameter["schema"])
    if "anyOf" in schema:
        schema["anyOf"] = [each for each in schema["anyOf"] if each.get("type") != "null"]
    mark, more = ("", "") if parameter["required"] else ("?", " | undefined")
    return f"{comment(parameter.get('description'), '  ')}  {key(parameter['name'])}{mark}: {type_of(schema)}{more};\n"
