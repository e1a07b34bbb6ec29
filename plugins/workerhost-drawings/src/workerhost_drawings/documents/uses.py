"""What a document defines once, under `use`, and names where it is needed."""

from collections.abc import Mapping
from dataclasses import dataclass

from workerhost_drawings.documents.places import Place


@dataclass(frozen=True)
class Uses:
    """The section `use` of a document."""

    sections: Mapping[str, Place]
    """Its members."""

    def members(self, section: str) -> dict[str, Place]:
        """Return what a section defines, by name."""
        return self.sections[section].members() if section in self.sections else {}

    def used(self, section: str, place: Place) -> Place | None:
        """Return what a name refers to in a section of `use`."""
        name = place.text()
        known = self.members(section)
        if name and name not in known:
            place.problem(f"use.{section} has no {name!r:.100}; {', '.join(known) or 'it is empty'}")
        return known.get(name)

    def resolved(self, section: str, place: Place) -> Place | None:
        """Return a definition that stands there, or that a name there refers to."""
        return self.used(section, place) if isinstance(place.value, str) else place
