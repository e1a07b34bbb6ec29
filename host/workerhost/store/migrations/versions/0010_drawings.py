"""Code is stored with the drawing that it was compiled from."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the columns."""
    op.add_column("workflow_compiled_code", sa.Column("source", sa.JSON(), nullable=True))
    op.add_column("workflow_compiled_code", sa.Column("compiled", sa.JSON(), nullable=True))


def downgrade() -> None:
    """Take them away again."""
    with op.batch_alter_table("workflow_compiled_code") as batch:
        batch.drop_column("compiled")
        batch.drop_column("source")
