"""Hosts say what their machines give to seal the code of projects with."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the column."""
    op.add_column("hosts", sa.Column("isolation", sa.JSON(), server_default=sa.text("'[]'"), nullable=False))


def downgrade() -> None:
    """Take it away again."""
    with op.batch_alter_table("hosts") as batch:
        batch.drop_column("isolation")
