"""Brings the tables of a database up to date."""

from pathlib import Path

import alembic.command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine, text

from workerhost.errors import ConfigurationError
from workerhost.store.failures import translated_errors

MIGRATION_SECONDS = 60
"""How long a migration waits on SQLite for that of another process to end."""


def apply_migrations(engine: Engine) -> str:
    """Apply all migrations that are missing and return the schema's revision; blocks for those of other hosts.

    Args:
        engine: whose transactions say at their start that they write.

    Raises:
        ConfigurationError: the database belongs to a newer workerhost.
        StoreUnavailableError: the database does not answer.
    """
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    config.set_main_option("path_separator", "os")
    head = ScriptDirectory.from_config(config).get_current_head()
    patient = engine.execution_options(busy_seconds=MIGRATION_SECONDS)
    with translated_errors(), patient.connect() as connection:
        _one_at_a_time(connection)
        _refuse_newer_schema(connection, config)
        config.attributes["connection"] = connection
        alembic.command.upgrade(config, "head")
        connection.commit()
    return str(head)


def _one_at_a_time(connection: Connection) -> None:
    """Have hosts that start together migrate one after the other. On SQLite the transaction is enough for that."""
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(hashtext('workerhost migrations'))"))


def _refuse_newer_schema(connection: Connection, config: Config) -> None:
    known = {script.revision for script in ScriptDirectory.from_config(config).walk_revisions()}
    present = set(MigrationContext.configure(connection).get_current_heads())
    if unknown := present - known:
        raise ConfigurationError(
            f"the database has schema revision {', '.join(sorted(unknown))}, which this workerhost does not know: "
            "it was made by a newer version; upgrade workerhost"
        )
