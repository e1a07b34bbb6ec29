"""Places of a document: a value, where it stands, and what is wrong with it."""

import difflib
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

from workerhost_drawings.problems import Findings
from workerhost_drawings.v1.durations import duration

LONGEST_NAME = 200
"""Characters of the name of a task."""


@dataclass(frozen=True)
class Place:
    """A value of a document."""

    value: Any
    path: str
    """Its JSON pointer."""
    findings: Findings
    node: str | None = None
    """The JSON pointer of the task that it belongs to."""

    def problem(self, reason: str) -> None:
        """Note what is wrong here."""
        self.findings.problem(reason, self.node, self.path or "/")

    def warning(self, reason: str) -> None:
        """Note what may not be meant."""
        self.findings.warning(reason, self.node, self.path or "/")

    def at(self, key: str | int) -> "Place":
        """Return the place of a member; one that is not there has the value None."""
        part = str(key).replace("~", "~0").replace("/", "~1")
        value = self.value.get(key) if isinstance(self.value, dict) else self.value[int(key)]
        return replace(self, value=value, path=f"{self.path}/{part}")

    def of_task(self) -> "Place":
        """Return the same place as that of a task."""
        return replace(self, node=self.path)

    def object(self, allowed: Iterable[str], required: Iterable[str] = ()) -> dict[str, "Place"]:
        """Return the members of an object that are not null; others than the allowed ones are problems."""
        names = list(allowed)
        members = self.members(f"an object with {_listed(names)}")
        for name, member in members.items():
            if name not in names:
                near = difflib.get_close_matches(name, names, 1)
                member.problem(f"{name!r:.100} is not known here; {near[0] if near else _listed(names)} would do")
        found = {name: members[name] for name in names if name in members and members[name].value is not None}
        for name in required:
            if isinstance(self.value, dict) and name not in found:
                self.problem(f"{name} is missing")
        return found

    def members(self, what: str = "an object") -> dict[str, "Place"]:
        """Return all members of an object."""
        if not isinstance(self.value, dict):
            self.problem(f"{shown(self.value)} stands here; {what} would do")
            return {}
        return {name: self.at(name) for name in self.value}

    def items(self, what: str = "a list") -> list["Place"]:
        """Return the members of a list."""
        if not isinstance(self.value, list):
            self.problem(f"{shown(self.value)} stands here; {what} would do")
            return []
        return [self.at(number) for number in range(len(self.value))]

    def named(self, what: str) -> list[tuple[str, "Place"]]:
        """Return the members of a list of objects that have one member each, which is named by its key.

        Args:
            what: such a member is, as `task`.
        """
        found: list[tuple[str, Place]] = []
        for item in self.items(f"a list of {what}s"):
            if isinstance(item.value, dict) and len(item.value) != 1:
                item.problem(f"each entry of the list is an object of one {what}, under its name")
            for name, member in item.members(f"an object of one {what}, under its name,").items():
                if len(name) > LONGEST_NAME:
                    reason = f"the name of a {what} has {LONGEST_NAME} characters at most; this one has {len(name)}"
                    item.problem(reason)
                else:
                    found.append((name, member))
        return found

    def text(self, *choices: str) -> str:
        """Return a text, one of the choices where there are any; empty where it is none."""
        if isinstance(self.value, str) and self.value and (not choices or self.value in choices):
            return self.value
        self.problem(f"{shown(self.value)} stands here; {_listed(choices) if choices else 'a text'} would do")
        return ""

    def name(self) -> str:
        """Return a text that names something, 1000 characters at most; empty where it is none."""
        text = self.text()
        if len(text) <= 1000:
            return text
        self.problem(f"{shown(text)} stands here, with {len(text)} characters; a name of at most 1000 would do")
        return ""

    def flag(self) -> bool:
        """Return whether it is true."""
        if not isinstance(self.value, bool):
            self.problem(f"{shown(self.value)} stands here; true or false would do")
        return self.value is True

    def number(self, least: int, most: int) -> int:
        """Return a whole number."""
        if isinstance(self.value, int) and not isinstance(self.value, bool) and least <= self.value <= most:
            return self.value
        self.problem(f"{shown(self.value)} stands here; a whole number from {least} to {most} would do")
        return least

    def milliseconds(self) -> int:
        """Return a duration that is an object, `{minutes: 1, seconds: 30}`, or a text of ISO 8601."""
        units = {"days": 86_400_000, "hours": 3_600_000, "minutes": 60_000, "seconds": 1000, "milliseconds": 1}
        try:
            if isinstance(self.value, dict):
                parts = self.object(units)
                sums = [part.number(0, 10**12) * units[name] for name, part in parts.items()]
                if not sums and not self.value:
                    self.problem(f"the duration says nothing; {_listed(list(units))} would do")
                return int(duration(sum(sums)).total_seconds() * 1000)
            return (
                int(duration(self.text()).total_seconds() * 1000)
                if isinstance(self.value, str)
                else duration(None).days
            )
        except ValueError as error:
            self.problem(str(error))
            return 0


def shown(value: object) -> str:
    """Return a value as a sentence names it."""
    kinds = {dict: "an object", list: "a list", type(None): "nothing"}
    return kinds.get(type(value)) or f"{value!r:.100}"


def _listed(names: Iterable[str]) -> str:
    *others, last = list(names)
    return f"{', '.join(others)} or {last}" if others else last
