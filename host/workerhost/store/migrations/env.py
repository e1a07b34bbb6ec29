"""What Alembic runs for each migration command; the connection comes from `Database.upgrade`."""

from alembic import context

from workerhost.store.models import Base

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=Base.metadata,
    render_as_batch=True,
)
with context.begin_transaction():
    context.run_migrations()
