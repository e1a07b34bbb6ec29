"""What belongs to the publication of drawings."""

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from workerhost.store.models.base import Base


class WorkflowTriggerRow(Base):
    """A schedule or a webhook that a drawn workflow brought along, and that goes with it."""

    __tablename__ = "workflow_triggers"

    project_id: Mapped[str] = mapped_column(ForeignKey("projects.id", ondelete="CASCADE"), primary_key=True)
    kind: Mapped[str] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(primary_key=True)
    workflow: Mapped[str]
    digest: Mapped[str | None]
    """Of the definition that it was set up with; null until that is done."""
