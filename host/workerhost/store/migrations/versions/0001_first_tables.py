"""The first tables."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

TIME = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Make the tables of projects, code, builds, hosts and workers."""
    op.create_table(
        "projects",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("name", sa.String(), server_default=sa.text("''"), nullable=False),
        sa.Column("task_queue_name", sa.String(), nullable=False),
        sa.Column("desired_state", sa.String(), server_default="stopped", nullable=False),
        sa.Column("settings", sa.JSON(), server_default=sa.text("'{}'"), nullable=False),
        sa.Column("current_build", sa.String(), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_projects"),
        sa.UniqueConstraint("task_queue_name", name="uq_projects_task_queue_name"),
    )
    op.create_table(
        "workflows",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("project_id", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_workflows"),
        sa.ForeignKeyConstraint(
            ["project_id"], ["projects.id"], name="fk_workflows_project_id_projects", ondelete="CASCADE"
        ),
    )
    op.create_index("uq_workflows_project_id_name", "workflows", ["project_id", "name"], unique=True)
    op.create_table(
        "workflow_compiled_code",
        sa.Column("workflow_id", sa.String(), nullable=False),
        sa.Column("version", sa.String(), nullable=False),
        sa.Column("workflow_code", sa.String(), nullable=False),
        sa.Column("activities_code", sa.String(), nullable=True),
        sa.Column("is_active", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("compiled_at", TIME, server_default=sa.func.current_timestamp(), nullable=False),
        sa.PrimaryKeyConstraint("workflow_id", "version", name="pk_workflow_compiled_code"),
        sa.ForeignKeyConstraint(
            ["workflow_id"],
            ["workflows.id"],
            name="fk_workflow_compiled_code_workflow_id_workflows",
            ondelete="CASCADE",
        ),
    )
    op.create_index(
        "uq_workflow_compiled_code_active",
        "workflow_compiled_code",
        ["workflow_id"],
        unique=True,
        sqlite_where=sa.text("is_active"),
        postgresql_where=sa.text("is_active"),
    )
    op.create_table(
        "builds",
        sa.Column("project_id", sa.String(), nullable=False),
        sa.Column("digest", sa.String(), nullable=False),
        sa.Column("modules", sa.JSON(), nullable=False),
        sa.Column("workflow_types", sa.JSON(), nullable=False),
        sa.Column("activity_names", sa.JSON(), nullable=False),
        sa.Column("created_at", TIME, nullable=False),
        sa.PrimaryKeyConstraint("project_id", "digest", name="pk_builds"),
        sa.ForeignKeyConstraint(
            ["project_id"], ["projects.id"], name="fk_builds_project_id_projects", ondelete="CASCADE"
        ),
    )
    op.create_table(
        "hosts",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("machine", sa.String(), nullable=False),
        sa.Column("process_id", sa.Integer(), nullable=False),
        sa.Column("started_at", TIME, nullable=False),
        sa.Column("last_heartbeat", TIME, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_hosts"),
    )
    op.create_index("ix_hosts_last_heartbeat", "hosts", ["last_heartbeat"])
    op.create_table(
        "workflow_workers",
        sa.Column("worker_id", sa.String(), nullable=False),
        sa.Column("project_id", sa.String(), nullable=False),
        sa.Column("task_queue_name", sa.String(), nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("host_id", sa.String(), nullable=False),
        sa.Column("host", sa.String(), nullable=False),
        sa.Column("process_id", sa.Integer(), nullable=False),
        sa.Column("started_at", TIME, nullable=False),
        sa.Column("stopped_at", TIME, nullable=True),
        sa.Column("last_heartbeat", TIME, nullable=False),
        sa.Column("metadata", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("worker_id", name="pk_workflow_workers"),
    )
    for column in ("project_id", "status", "host_id"):
        op.create_index(f"ix_workflow_workers_{column}", "workflow_workers", [column])
    op.create_table(
        "activity_statistics",
        sa.Column("project_id", sa.String(), nullable=False),
        sa.Column("activity_name", sa.String(), nullable=False),
        sa.Column("period_start", TIME, nullable=False),
        sa.Column("executions", sa.Integer(), server_default="0", nullable=False),
        sa.Column("failures", sa.Integer(), server_default="0", nullable=False),
        sa.Column("total_duration_ms", sa.Integer(), server_default="0", nullable=False),
        sa.PrimaryKeyConstraint("project_id", "activity_name", "period_start", name="pk_activity_statistics"),
        sa.ForeignKeyConstraint(
            ["project_id"],
            ["projects.id"],
            name="fk_activity_statistics_project_id_projects",
            ondelete="CASCADE",
        ),
    )


def downgrade() -> None:
    """Drop every table."""
    for table in (
        "activity_statistics",
        "workflow_workers",
        "hosts",
        "builds",
        "workflow_compiled_code",
        "workflows",
        "projects",
    ):
        op.drop_table(table)
