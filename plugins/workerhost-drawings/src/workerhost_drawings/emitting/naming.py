"""Python names for what a program calls in words of its own. Labels have no part in them, ids do."""

import builtins
import keyword
import re
from collections.abc import Mapping

from workerhost_drawings.emitting.control import MARKER
from workerhost_drawings.emitting.imports import IMPORTED

OWN = frozenset({"self", "resume", MARKER, *IMPORTED})
"""What emitted modules use the names for."""

_UNCLEAR = frozenset({"l"})
"""What looks like a digit."""

_PYTHON = frozenset([*keyword.kwlist, *keyword.softkwlist, *dir(builtins)]) - {"input"}
_TAKEN = OWN | _UNCLEAR | _PYTHON
_LONGEST = 60


def snake_case(text: str) -> str:
    """Return a text as the name of a variable, of ASCII letters, digits and `_`; it may be taken."""
    parted = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", text)
    plain = re.sub(r"[^A-Za-z0-9]+", "_", parted).strip("_").lower()[:_LONGEST].strip("_")
    return f"_{plain}" if plain[:1].isdigit() else plain


def class_name(workflow: str) -> str:
    """Return the name of the class of a workflow."""
    words = [each for each in re.split(r"[^A-Za-z0-9]+", workflow) if each]
    made = "".join(each[:1].upper() + each[1:] for each in words)[:_LONGEST]
    if not made or made[0].isdigit():
        made = f"Drawing{made}"
    return f"{made}Workflow" if made in _TAKEN else made


class Names:
    """The names of one module's function `run` and of what stands in it, each used once."""

    def __init__(self) -> None:
        self._used: set[str] = set()
        self._locals: dict[str, str] = {}
        self._owners: dict[str, str] = {}

    def local(self, own: str) -> str:
        """Return the variable of a local, the same whenever it is asked for."""
        if own not in self._locals:
            self._locals[own] = self.fresh(own, "value")
            self._owners[self._locals[own]] = own
        return self._locals[own]

    @property
    def locals(self) -> Mapping[str, str]:
        """The variables by the names of their locals, in the order in which they were asked for."""
        return self._locals

    @property
    def owners(self) -> Mapping[str, str]:
        """The locals by their variables."""
        return self._owners

    def fresh(self, text: str, otherwise: str = "step") -> str:
        """Return a name that nothing has yet, as near to a text as can be."""
        wanted = snake_case(text) or otherwise
        if wanted in _TAKEN:
            wanted = f"{wanted}_"
        made, number = wanted, 2
        while made in self._used:
            made, number = f"{wanted.rstrip('_')}_{number}", number + 1
        self._used.add(made)
        return made
