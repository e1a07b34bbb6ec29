"""The headers of a call, in whatever case they are asked for."""

from collections.abc import Iterable, Iterator, Mapping


class CallHeaders(Mapping[str, str]):
    """Headers by their names in lower case, and found in any case. Immutable.

    Args:
        headers: names and values; of those with one name the last one counts.
    """

    def __init__(self, headers: Iterable[tuple[str, str]]) -> None:
        self._by_name = {name.lower(): value for name, value in headers}

    @classmethod
    def as_sent(cls, headers: Iterable[tuple[str, str]]) -> "CallHeaders":
        """Return headers whose values were read as Latin-1, as WSGI does; those that are UTF-8 are read as that."""
        return cls((name, _text(value)) for name, value in headers)

    def __getitem__(self, name: str) -> str:
        return self._by_name[name.lower()]

    def __iter__(self) -> Iterator[str]:
        return iter(self._by_name)

    def __len__(self) -> int:
        return len(self._by_name)

    def without(self, name: str | None) -> "CallHeaders":
        """Return the others; all where `name` is None."""
        return CallHeaders((each, value) for each, value in self.items() if name is None or each != name.lower())


def _text(value: str) -> str:
    try:
        return value.encode("latin-1").decode()
    except UnicodeError:
        return value
