"""Activities and runs are counted by period and host, with how long they took.

The table of activities was empty in every version before: nothing wrote it.
"""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

_TIME = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Create the tables, that of activities anew."""
    op.drop_table("activity_statistics")
    _create_figures("activity_statistics", keys=["activity_name"], more=[])
    _create_figures("workflow_statistics", keys=["workflow_type", "build_id"], more=["continuations", "history_bytes"])
    op.create_table(
        "worker_totals",
        sa.Column("project_id", sa.String(), nullable=False),
        sa.Column("host_id", sa.String(), nullable=False),
        *_counts("runs", "failed_runs", "activities", "failed_activities"),
        sa.Column("last_at", _TIME, nullable=False),
        _project("worker_totals"),
        sa.PrimaryKeyConstraint("project_id", "host_id", name="pk_worker_totals"),
    )
    op.create_index("ix_worker_totals_host_id", "worker_totals", ["host_id"])


def downgrade() -> None:
    """Drop them, and create the table of activities as it was."""
    for table in ("worker_totals", "workflow_statistics", "activity_statistics"):
        op.drop_table(table)
    op.create_table(
        "activity_statistics",
        sa.Column("project_id", sa.String(), nullable=False),
        sa.Column("activity_name", sa.String(), nullable=False),
        sa.Column("period_start", _TIME, nullable=False),
        sa.Column("executions", sa.Integer(), server_default="0", nullable=False),
        sa.Column("failures", sa.Integer(), server_default="0", nullable=False),
        sa.Column("total_duration_ms", sa.Integer(), server_default="0", nullable=False),
        _project("activity_statistics"),
        sa.PrimaryKeyConstraint("project_id", "activity_name", "period_start", name="pk_activity_statistics"),
    )


def _create_figures(table: str, keys: list[str], more: list[str]) -> None:
    counted = ["executions", "successes", "failures", "timeouts", "cancellations", "retries", "total_duration_ms"]
    op.create_table(
        table,
        sa.Column("project_id", sa.String(), nullable=False),
        *(sa.Column(key, sa.String(), nullable=False) for key in keys),
        sa.Column("period", sa.String(), nullable=False),
        sa.Column("period_start", _TIME, nullable=False),
        sa.Column("host_id", sa.String(), nullable=False),
        *_counts(*counted, *more),
        sa.Column("sketch", sa.LargeBinary(), nullable=False),
        sa.Column("last_at", _TIME, nullable=False),
        _project(table),
        sa.PrimaryKeyConstraint("project_id", *keys, "period", "period_start", "host_id", name=f"pk_{table}"),
    )
    op.create_index(f"ix_{table}_period", table, ["period", "period_start"])


def _counts(*names: str) -> list[sa.Column[int]]:
    return [sa.Column(name, sa.BigInteger(), nullable=False) for name in names]


def _project(table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["project_id"], ["projects.id"], name=f"fk_{table}_project_id_projects", ondelete="CASCADE"
    )
