"""What projects use is kept by day."""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

COUNTS = ("executions", "actions", "history_bytes", "publishes")
SECONDS = ("activity_seconds", "cpu_seconds")


def upgrade() -> None:
    """Create the table."""
    op.create_table(
        "project_usage",
        sa.Column("project_id", sa.String(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("host_id", sa.String(), nullable=False),
        *(sa.Column(name, sa.BigInteger(), nullable=False, server_default="0") for name in COUNTS),
        *(sa.Column(name, sa.Double(), nullable=False, server_default="0") for name in SECONDS),
        sa.PrimaryKeyConstraint("project_id", "day", "host_id", name="pk_project_usage"),
    )
    op.create_index("ix_project_usage_day", "project_usage", ["day"])


def downgrade() -> None:
    """Drop it again."""
    op.drop_table("project_usage")
