"""Builds say what their workflow types and activities take and return."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the column."""
    op.add_column("builds", sa.Column("types", sa.JSON(), nullable=True))


def downgrade() -> None:
    """Take it away again."""
    with op.batch_alter_table("builds") as batch:
        batch.drop_column("types")
