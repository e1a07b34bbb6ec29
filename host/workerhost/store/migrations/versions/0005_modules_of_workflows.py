"""A workflow has as many modules as it needs."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the column."""
    op.add_column("workflow_compiled_code", sa.Column("modules", sa.JSON(), nullable=True))


def downgrade() -> None:
    """Take it away again."""
    with op.batch_alter_table("workflow_compiled_code") as batch:
        batch.drop_column("modules")
