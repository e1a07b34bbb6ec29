"""What several hosts need to share projects: leases, capacity, pools, plugins."""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

COLUMNS: dict[str, list[sa.Column[Any]]] = {
    "projects": [sa.Column("generation", sa.Integer(), server_default="0", nullable=False)],
    "builds": [sa.Column("required_plugins", sa.JSON(), server_default=sa.text("'[]'"), nullable=False)],
    "hosts": [
        sa.Column("process_space", sa.String(), server_default="", nullable=False),
        sa.Column("version", sa.String(), server_default="", nullable=False),
        sa.Column("capacity", sa.Integer(), server_default="0", nullable=False),
        sa.Column("running", sa.Integer(), server_default="0", nullable=False),
        sa.Column("pools", sa.JSON(), server_default=sa.text("'[]'"), nullable=False),
        sa.Column("plugins", sa.JSON(), server_default=sa.text("'{}'"), nullable=False),
        sa.Column("is_draining", sa.Boolean(), server_default=sa.text("false"), nullable=False),
    ],
    "workflow_workers": [
        sa.Column("replica", sa.Integer(), nullable=True),
        sa.Column("generation", sa.Integer(), server_default="0", nullable=False),
        sa.Column("build_id", sa.String(), nullable=True),
    ],
}


def upgrade() -> None:
    """Add the columns, and the index that makes a lease the only one of its kind."""
    for table, columns in COLUMNS.items():
        for column in columns:
            op.add_column(table, column)
    op.create_index("uq_workflow_workers_lease", "workflow_workers", ["project_id", "replica"], unique=True)


def downgrade() -> None:
    """Take them away again."""
    op.drop_index("uq_workflow_workers_lease", "workflow_workers")
    for table, columns in COLUMNS.items():
        with op.batch_alter_table(table) as batch:
            for column in columns:
                batch.drop_column(column.name)
