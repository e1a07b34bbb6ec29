"""The service's own Temporal and database, which no code of a project may reach."""

from collections.abc import Iterator

from workerhost.runtime.egress.policy import plain_name

_POSTGRESQL_PORT, _TEMPORAL_PORT = 5432, 7233


def own_services(temporal: str, database_host: str | None, database_port: int | None) -> frozenset[tuple[str, int]]:
    """Return the hosts and ports of the service's own servers.

    Args:
        temporal: host and port, as clients connect.
        database_host: of the database; None where it is a file.
        database_port: of the database; None for PostgreSQL's own.
    """
    host, _, port = temporal.rpartition(":")
    found = [(host, int(port)) if port.isdigit() else (temporal, _TEMPORAL_PORT)]
    if database_host:
        found.append((database_host, database_port or _POSTGRESQL_PORT))
    return frozenset(_valid(found))


def _valid(found: list[tuple[str, int]]) -> Iterator[tuple[str, int]]:
    for host, port in found:
        try:
            plain_name(host)
        except ValueError:
            continue  # a path of a local socket, for example, which the proxy does not connect to
        yield host, port
