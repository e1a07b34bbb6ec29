"""Reads fields that users fill in, with everything that is wrong with them."""

import re
from collections.abc import Container, Mapping, Sequence
from typing import Any

from workerhost_drawings.checks.near import near
from workerhost_drawings.fields.times import milliseconds
from workerhost_drawings.flow.expressions import Expression, JavaScript, Template, Value
from workerhost_drawings.javascript.names import is_variable
from workerhost_drawings.javascript.values import expression_of, is_single
from workerhost_drawings.problems import Findings


class FieldReader:
    """Reads the fields of one object, or of several that complete each other.

    Args:
        sources: the objects, each after the path that stands before its fields, as `config.`; the first that has a
            field counts.
        findings: where problems go.
        node: to which they belong.
        said: how the sentences of problems begin.
    """

    def __init__(
        self,
        sources: Sequence[tuple[str, Mapping[str, Any]]],
        findings: Findings,
        node: str | None = None,
        said: str = "",
    ) -> None:
        self._sources = sources
        self._findings = findings
        self._node = node
        self._said = said

    def problem(self, reason: str, path: str | None = None) -> None:
        """Note what refuses the drawing."""
        self._findings.problem(f"{self._said}{reason}", self._node, path)

    def warning(self, reason: str, path: str | None = None) -> None:
        """Note what may not be meant."""
        self._findings.warning(f"{self._said}{reason}", self._node, path)

    def find(self, *names: str) -> tuple[Any, str]:
        """Return the first field that holds anything, and its path; None and the path of the first where none does."""
        for name in names:
            for before, values in self._sources:
                if values.get(name) not in (None, ""):
                    return values[name], f"{before}{name}"
        return None, f"{self._sources[0][0]}{names[0]}"

    def wrong(self, name: str, reason: str) -> None:
        """Note what is wrong with a field, or that it is missing."""
        self.problem(reason, self.find(name)[1])

    def name(self, what: str, *names: str) -> str:
        """Return a text that stands as it is, 200 characters at most; `?` and a problem where there is none."""
        value, path = self.find(*names)
        text = value.strip() if isinstance(value, str) else ""
        if value is None or text == "":
            self.problem(f"{names[0]} is empty. It takes {what}.", path)
        elif "${" in text or len(text) > 200 or not text.isprintable():
            self.problem(f"{names[0]} is {what}, as it stands: 200 characters at most, and no expression.", path)
        else:
            return text
        return "?"

    def variable(self, name: str, taken: Container[str]) -> str | None:
        """Return a text that may be the name of a variable in expressions, or None."""
        value, path = self.find(name)
        if value is None or (isinstance(value, str) and is_variable(value) and value not in taken):
            return value if value is None else value[:200]
        self.problem(f"{name} is a name as item, and none that means something else.", path)
        return None

    def text(self, *names: str) -> str | None:
        """Return a text that stands as it is, or None."""
        value, path = self.find(*names)
        if value is not None and not isinstance(value, str):
            self.problem(f"{names[0]} is a text.", path)
            return None
        return value.strip() if value is not None else None

    def choice(self, names: Sequence[str], choices: Sequence[str], default: str) -> str:
        """Return one of the choices, in whatever case it is written; the default where there is none."""
        value, path = self.find(*names)
        if value is None:
            return default
        plain = value.strip().lower() if isinstance(value, str) else ""
        if plain not in choices:
            self.problem(f"{names[0]} is one of {', '.join(choices)}.{near(plain, choices)}", path)
            return default
        return plain

    def flag(self, name: str, *, default: bool) -> bool:
        """Return whether something is so."""
        value, path = self.find(name)
        if value is not None and value not in (True, False, "true", "false"):
            self.problem(f"{name} is true or false.", path)
        return default if value is None else value in (True, "true")

    def number(self, name: str, least: int, most: int, *, whole: bool = False) -> float | None:
        """Return a number, also one that is written as a text, or None."""
        value, path = self.find(name)
        if value is None:
            return None
        if isinstance(value, str) and re.fullmatch(r"\d{1,7}(\.\d{1,3})?", value.strip()):
            value = float(value)
        if isinstance(value, bool) or not isinstance(value, int | float) or not least <= value <= most:
            self.problem(f"{name} is a number from {least} to {most}.", path)
        elif whole and value != int(value):
            self.problem(f"{name} is a whole number.", path)
        else:
            return value
        return None

    def count(self, value: object, path: str, least: int) -> int | None:
        """Return a value that was found as a whole number, or None."""
        if value is None:
            return None
        if isinstance(value, str) and value.strip().isdecimal() and len(value) < 10:
            value = int(value)
        if isinstance(value, bool) or not isinstance(value, int) or not least <= value <= 10**9:
            self.problem(f"{path.rpartition('.')[2]} is a whole number, {least} at least.", path)
            return None
        return value

    def time(self, name: str) -> int | None:
        """Return a time in milliseconds, or None."""
        value, path = self.find(name)
        if value is None:
            return None
        try:
            return milliseconds(value)
        except ValueError as error:
            self.problem(str(error), path)
            return None

    def code(self, *names: str) -> Expression | None:
        """Return what a whole field says that is an expression; None where it is empty.

        An expression that stands in `${…}` all the same is taken, and a value that is no text is that value.
        """
        value, path = self.find(*names)
        if not isinstance(value, str):
            return None if value is None else expression_of(value, path)
        text = value.strip()
        if not text:
            return None
        if is_single(text):
            return Template(text=text, path=path)
        return JavaScript(code=value, path=path)

    def value(self, name: str) -> Expression | None:
        """Return a value with expressions in its texts; None where the field is not there."""
        for before, values in self._sources:
            if name in values:
                return expression_of(values[name], f"{before}{name}")
        return None

    def is_constant(self, value: object, path: str, what: str) -> bool:
        """Tell whether no expression stands in a value; one that does is a problem, where nothing is there to read."""
        constant = isinstance(expression_of(value, path), Value)
        if not constant:
            self.problem(f"{what}; expressions have nothing to look at.", path)
        return constant
