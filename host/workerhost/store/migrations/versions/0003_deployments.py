"""What publishing keeps: revisions, ramps, moved runs, and what happened."""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

TIME = sa.DateTime(timezone=True)

COLUMNS: dict[str, list[sa.Column[Any]]] = {
    "projects": [
        sa.Column("deployment_revision", sa.Integer(), server_default="0", nullable=False),
        sa.Column("ramp", sa.JSON(), nullable=True),
    ],
    "builds": [
        sa.Column("versions", sa.JSON(), server_default=sa.text("'{}'"), nullable=False),
        sa.Column("became_current_at", TIME, nullable=True),
    ],
    "workflow_workers": [sa.Column("deployment_revision", sa.Integer(), server_default="0", nullable=False)],
}


def upgrade() -> None:
    """Add the columns and tables."""
    for table, columns in COLUMNS.items():
        for column in columns:
            op.add_column(table, column)
    op.execute("UPDATE builds SET became_current_at = created_at")  # until now builds were stored when they did
    _create_project_table(
        "deployment_events",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("at", TIME, nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("build", sa.String(), nullable=True),
        sa.Column("message", sa.String(), nullable=False),
        key=["id"],
    )
    _create_project_table(
        "ramp_outcomes",
        sa.Column("ramp", sa.Integer(), nullable=False),
        sa.Column("build", sa.String(), nullable=False),
        sa.Column("host_id", sa.String(), nullable=False),
        sa.Column("ended", sa.Integer(), nullable=False),
        sa.Column("failed", sa.Integer(), nullable=False),
        key=["project_id", "ramp", "build", "host_id"],
    )
    _create_project_table(
        "moved_runs",
        sa.Column("run_id", sa.String(), nullable=False),
        sa.Column("workflow_id", sa.String(), nullable=False),
        sa.Column("workflow_type", sa.String(), nullable=False),
        sa.Column("from_build", sa.String(), nullable=False),
        sa.Column("to_build", sa.String(), nullable=False),
        sa.Column("moved_at", TIME, nullable=False),
        key=["project_id", "run_id"],
    )
    _create_project_table(
        "build_moves",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("from_build", sa.String(), nullable=False),
        sa.Column("to_build", sa.String(), nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("host_id", sa.String(), nullable=False),
        sa.Column("total", sa.Integer(), server_default="0", nullable=False),
        sa.Column("moved", sa.Integer(), server_default="0", nullable=False),
        sa.Column("not_moved", sa.JSON(), server_default=sa.text("'[]'"), nullable=False),
        sa.Column("message", sa.String(), server_default=sa.text("''"), nullable=False),
        sa.Column("started_at", TIME, nullable=False),
        sa.Column("ended_at", TIME, nullable=True),
        key=["id"],
    )
    op.create_index("ix_deployment_events_project_id", "deployment_events", ["project_id"])
    for name in ("project_id", "status"):
        op.create_index(f"ix_build_moves_{name}", "build_moves", [name])


def _create_project_table(name: str, *columns: sa.Column[Any], key: list[str]) -> None:
    op.create_table(
        name,
        sa.Column("project_id", sa.String(), nullable=False),
        *columns,
        sa.PrimaryKeyConstraint(*key, name=f"pk_{name}"),
        sa.ForeignKeyConstraint(
            ["project_id"], ["projects.id"], name=f"fk_{name}_project_id_projects", ondelete="CASCADE"
        ),
    )


def downgrade() -> None:
    """Take them away again."""
    for table in ("build_moves", "moved_runs", "ramp_outcomes", "deployment_events"):
        op.drop_table(table)
    for table, columns in COLUMNS.items():
        with op.batch_alter_table(table) as batch:
            for column in columns:
                batch.drop_column(column.name)
