"""Projects can be paused, and resets are known while they are under way."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the columns and the table."""
    op.add_column("projects", sa.Column("paused_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("projects", sa.Column("pause_reason", sa.String(), nullable=True))
    op.create_table(
        "resets",
        sa.Column("project_id", sa.String(), nullable=False),
        sa.Column("workflow_id", sa.String(), nullable=False),
        sa.Column("run_id", sa.String(), nullable=False),
        sa.Column("began_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["project_id"], ["projects.id"], name="fk_resets_project_id_projects", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("project_id", "workflow_id", name="pk_resets"),
    )


def downgrade() -> None:
    """Take them away again."""
    op.drop_table("resets")
    with op.batch_alter_table("projects") as batch:
        batch.drop_column("pause_reason")
        batch.drop_column("paused_at")
