"""Lines about projects that come to a host, and that leave it: one for many of them."""

import logging
from collections.abc import Collection, Iterable, Mapping, Sequence

from workerhost.words import HostId

log = logging.getLogger(__name__)

MOST_NAMED = 20
"""How many projects a line names; of more it has the number alone."""


def say_taken(
    taken: Iterable[tuple[str, int]],
    former: Mapping[tuple[str, int], HostId],
    me: HostId,
    living: Collection[HostId],
) -> None:
    """Say which projects this host has taken, and from whom.

    Args:
        taken: projects, with the numbers of the replicas.
        former: the hosts that had these before, as far as this host has seen it.
        me: this host.
        living: the ids of all hosts that live.
    """
    by_host: dict[HostId | None, list[str]] = {}
    for key in taken:
        by_host.setdefault(former.get(key), []).append(key[0])
    for host, projects in by_host.items():
        if host is None or host == me:
            log.info("this host takes %s", _named(projects), extra=_fields(projects))
        elif host in living:
            log.info("this host takes %s over from host %s", _named(projects), host, extra=_fields(projects, host))
        else:
            text = "this host takes %s over from host %s, which is gone"
            log.info(text, _named(projects), host, extra={**_fields(projects, host), "failover": True})


def say_released(projects: Sequence[str]) -> None:
    """Say which projects this host lets go of, so that others take them."""
    if projects:
        log.info("this host lets %s go to others", _named(projects), extra=_fields(projects))


def say_stopped(projects: Sequence[str]) -> None:
    """Say which projects' workers end on this host."""
    if projects:
        log.info("this host stops to work for %s", _named(projects), extra=_fields(projects))


def _named(projects: Sequence[str]) -> str:
    if len(projects) == 1:
        return f"project {projects[0]}"
    more = len(projects) - MOST_NAMED
    return f"{len(projects)} projects: {', '.join(projects[:MOST_NAMED])}" + (f" and {more} more" if more > 0 else "")


def _fields(projects: Sequence[str], host: HostId | None = None) -> dict[str, object]:
    one = {"project": projects[0]} if len(projects) == 1 else {"projects": list(projects[:MOST_NAMED])}
    return {**one, "count": len(projects), **({"from_host": host} if host else {})}
