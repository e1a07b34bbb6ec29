"""What the JavaScript in parts of a program reads."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from workerhost_drawings.flow.expressions import JavaScript, Local, Template
from workerhost_drawings.flow.steps import Assign, ChangeVariable
from workerhost_drawings.flow.walking import forms
from workerhost_drawings.javascript.names import Names, names_of

Code = JavaScript | Template


@dataclass(frozen=True)
class Use:
    """A name that an expression reads."""

    name: str
    member: str | None
    """The member of it that is read, where that stands there."""
    node: str | None
    path: str | None
    """Where in the node the expression stands."""


def codes(part: object, node: str | None = None) -> Iterator[tuple[str | None, Code]]:
    """Yield the expressions in a part of a program, each with the node that it belongs to."""
    yield from ((owner, each) for owner, each in forms(part, node) if isinstance(each, Code))


class Uses:
    """Finds what expressions read, of each text once. Belongs to one compilation."""

    def __init__(self) -> None:
        self._found: dict[tuple[str, bool], Names] = {}

    def names(self, part: object, node: str | None = None) -> Iterator[Use]:
        """Yield the names that are read in a part of a program.

        Args:
            part: a form, or a collection of them.
            node: that it belongs to where it does not say so itself.
        """
        for owner, each in codes(part, node):
            yield from (Use(name, member, owner, each.path) for name, member in self._read(each))

    def touch_local(self, part: object, local: str, names: Mapping[str, str]) -> bool:
        """Tell whether a part of a program reads or changes a local.

        Args:
            part: a form, or a collection of them.
            local: what it may use.
            names: the locals that the names of its expressions stand for.
        """
        return any(names.get(use.name) == local for use in self.names(part)) or any(
            each == Local(name=local)
            or (isinstance(each, Assign) and each.into == local)
            or (isinstance(each, ChangeVariable) and each.present == local)
            for _, each in forms(part)
        )

    def _read(self, code: Code) -> Names:
        text, is_template = (code.text, True) if isinstance(code, Template) else (code.code, False)
        if (text, is_template) not in self._found:
            self._found[text, is_template] = names_of(text, template=is_template)
        return self._found[text, is_template]
