"""Projects have variables, and drawn workflows bring schedules and webhooks along."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the tables."""
    op.create_table(
        "project_variables",
        sa.Column("project_id", sa.String(), nullable=False),
        sa.Column("scope", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("value", sa.JSON(), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("is_deleted", sa.Boolean(), nullable=False),
        _project("project_variables"),
        sa.PrimaryKeyConstraint("project_id", "scope", "name", name="pk_project_variables"),
    )
    op.create_table(
        "variable_changes",
        sa.Column("project_id", sa.String(), nullable=False),
        sa.Column("change_id", sa.String(), nullable=False),
        sa.Column("scope", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("applied_at", sa.DateTime(timezone=True), nullable=False),
        _project("variable_changes"),
        sa.PrimaryKeyConstraint("project_id", "change_id", name="pk_variable_changes"),
    )
    op.create_index("ix_variable_changes_applied_at", "variable_changes", ["applied_at"])
    op.create_table(
        "workflow_triggers",
        sa.Column("project_id", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("workflow", sa.String(), nullable=False),
        sa.Column("digest", sa.String(), nullable=True),
        _project("workflow_triggers"),
        sa.PrimaryKeyConstraint("project_id", "kind", "name", name="pk_workflow_triggers"),
    )
    op.add_column("projects", sa.Column("triggers_revision", sa.Integer(), nullable=False, server_default="0"))
    op.add_column("projects", sa.Column("triggers_held_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("projects", sa.Column("loaded_triggers", sa.JSON(), nullable=True))
    op.execute("UPDATE projects SET triggers_revision = deployment_revision")
    left = sa.text("triggers_revision <> deployment_revision")
    op.create_index("ix_projects_triggers_left", "projects", ["id"], sqlite_where=left, postgresql_where=left)


def downgrade() -> None:
    """Drop them again."""
    op.drop_index("ix_projects_triggers_left", "projects")
    with op.batch_alter_table("projects") as batch:
        batch.drop_column("loaded_triggers")
        batch.drop_column("triggers_held_at")
        batch.drop_column("triggers_revision")
    op.drop_table("workflow_triggers")
    op.drop_table("variable_changes")
    op.drop_table("project_variables")


def _project(table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["project_id"], ["projects.id"], name=f"fk_{table}_project_id_projects", ondelete="CASCADE"
    )
