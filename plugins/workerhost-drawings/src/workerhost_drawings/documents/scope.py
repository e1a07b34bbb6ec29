"""Runtime expressions of documents, and what their names stand for."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Any

from workerhost_drawings.documents.places import Place
from workerhost_drawings.flow.expressions import Expression, Jq, ListOf, Local, ObjectOf, Value
from workerhost_drawings.jq.expressions import ExpressionError, check_jq, variables_of

_WHOLE = re.compile(r"\s*\$\{(.*)\}\s*", re.DOTALL)
_RESERVED = ("context", "input", "output", "secrets", "task", "workflow", "runtime", "authorization")
_NAMED = f"not {', '.join(_RESERVED)}"
_VARIABLE = re.compile(r"[a-zA-Z_][a-zA-Z0-9_]*")


@dataclass(frozen=True)
class Scope:
    """What expressions can read at one place of a document."""

    data: str
    """The local that `.` stands for."""
    variables: Mapping[str, str]
    """Locals by the name of the variable, without the `$`."""
    used: set[str]
    """The locals of all variables that expressions of the document have read, which grows."""

    def having(self, more: Mapping[str, str] = MappingProxyType({}), /, **variables: str) -> "Scope":
        """Return the same with more variables: those that a document names itself come as a mapping."""
        return replace(self, variables={**self.variables, **more, **variables})

    def over(self, data: str) -> "Scope":
        """Return the same over other data."""
        return replace(self, data=data)

    def expression(self, place: Place) -> Expression:
        """Return what a field means that takes an expression, with or without `${` and `}`."""
        made = self.jq(place)
        if made.code == ".":
            return Local(name=made.data)
        alone = made.code.removeprefix("$")
        return Local(name=made.names[alone]) if made.code[:1] == "$" and alone in made.names else made

    def jq(self, place: Place, *, before: str = "", after: str = "") -> Jq:
        """Return the jq program of a field that takes an expression.

        Args:
            place: of the text.
            before: what is put before the program, for conditions that are made of several.
            after: what is put after it.
        """
        text = place.text()
        whole = _WHOLE.fullmatch(text)
        code = (whole[1] if whole else text).strip()
        return self.program(place, f"{before}{code}{after}" if code else "null")

    def program(self, place: Place, code: str) -> Jq:
        """Return a jq program over the data; what is wrong with it is a problem of the place."""
        names: dict[str, str] = {}
        try:
            names = {each: self.variables[each] for each in variables_of(code) if each in self.variables}
            check_jq(code, tuple(names))
        except ExpressionError as error:
            known = ", ".join(f"${each}" for each in self.variables)
            hint = f"; there are {known}" if "is not defined" in str(error) and "$" in str(error) else ""
            place.problem(f"column {error.column} of {code!r:.200}: {error}{hint}")
            code, names = "null", {}
        self.used.update(names.values())
        return Jq(code=code, data=self.data, names=names, path=place.path)

    def value(self, place: Place) -> Expression:
        """Return what a value means in which texts may be `${ … }`, at any depth."""
        found = self._value(place)
        return found if found is not None else Value(value=place.value)

    def from_or_as(self, place: Place) -> Expression:
        """Return what an `input.from`, `output.as` or `export.as` means: an expression, or an object of such."""
        return self.expression(place) if isinstance(place.value, str) else self.value(place)

    def _value(self, place: Place) -> Expression | None:
        """Return the expression of a value, or None where it is a constant."""
        if isinstance(place.value, dict):
            members = {name: self._value(each) for name, each in place.members().items()}
            fields = {n: Value(value=place.value[n]) if e is None else e for n, e in members.items()}
            return ObjectOf(fields=fields) if any(members.values()) else None
        if isinstance(place.value, list):
            items = [self._value(each) for each in place.items()]
            made = [Value(value=v) if e is None else e for v, e in zip(place.value, items, strict=True)]
            return ListOf(items=made) if any(items) else None
        if is_expression(place.value):
            return self.expression(place)
        if isinstance(place.value, str) and "${" in place.value:
            place.warning("the text is taken as it stands, since more than `${ … }` stands in it")
        return None


def is_expression(value: Any) -> bool:
    """Tell whether a value is one `${ … }`."""
    return isinstance(value, str) and _WHOLE.fullmatch(value) is not None


def variable_name(place: Place | None, default: str) -> str:
    """Return the name of a variable that a document chooses."""
    if place is None:
        return default
    name = place.text().removeprefix("$")
    if name and (not _VARIABLE.fullmatch(name) or name in _RESERVED):
        place.problem(f"{name!r:.100} cannot be the name of a variable; letters, digits and _ would do, but {_NAMED}")
        return default
    return name or default
