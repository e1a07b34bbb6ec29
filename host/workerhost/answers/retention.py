"""Answers about what is kept and for how long."""

from workerhost.answers.base import Answer


class KeptInfo(Answer):
    """Something that is deleted when it is old enough."""

    what: str
    tables: tuple[str, ...]
    """Of the database."""
    days: float
    setting: str | None
    """The environment variable that says how long; null where it is fixed."""


class NamespaceRetentionInfo(Answer):
    """How long Temporal keeps runs that have ended."""

    namespace: str
    days: float


class RetentionInfo(Answer):
    """What is kept and for how long."""

    kept: tuple[KeptInfo, ...]
    temporal: NamespaceRetentionInfo
    """Of the namespace that all projects are in; its operators set it."""
