"""What is known of a plugin, and how its mistakes are told."""

from dataclasses import dataclass, field


@dataclass
class PluginReport:
    """What is known of one plugin: where it came from, what it brings, or why it is left out."""

    name: str
    version: str
    package: str | None = None
    """Top-level package of the plugin's module; None for built-in plugins."""
    hooks: list[str] = field(default_factory=list)
    activities: list[str] = field(default_factory=list)
    error: str | None = None


class HookMisuseError(Exception):
    """A plugin implements a hook in a way that the hook does not allow. Its sentence names the hook."""


def describe(error: BaseException) -> str:
    """Return the error as reports and answers show it: its type first, unless its sentence says all."""
    return str(error) if isinstance(error, HookMisuseError) else f"{type(error).__name__}: {error}"
