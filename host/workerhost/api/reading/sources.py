"""Bodies that hold the sources of a workflow: code, or a drawing that becomes code."""

from typing import Annotated, Any, cast

from pydantic import ConfigDict, Field, StringConstraints, model_validator
from pydantic.config import JsonDict

from workerhost.api.reading.body import Body
from workerhost.api.reading.fields import Modules
from workerhost.drawing import Drawing, DrawnWorkflow
from workerhost.model import WorkflowCode

Format = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9._+-]{0,99}$")]
"""The name of a drawing's format."""

EITHER: JsonDict = {"oneOf": [{"required": ["workflowCode"]}, {"required": ["source"]}]}
"""What JSON Schema says of bodies that hold either code or a drawing."""


def _not_null(schema: JsonDict) -> None:
    """Have the schema of a field that may be left out say that null is none of its values."""
    [form, _] = cast("list[JsonDict]", schema.pop("anyOf"))
    schema.pop("default")
    schema.update(form)


class DrawingBody(Body):
    """A drawing, as a product keeps it."""

    format: Format
    """`canvas` and `open-workflow`, where workerhost-drawings is installed."""
    document: Any
    """The value of a JSON document, or a text, as YAML is."""

    def drawing(self) -> Drawing:
        """Return this for the runtime."""
        return Drawing(self.format, self.document)


class SourcesBody(Body):
    """The sources of a workflow: its code, or a drawing that is compiled to it."""

    model_config = ConfigDict(json_schema_extra=EITHER)

    workflow_code: Annotated[Annotated[str, Field(min_length=1)] | None, Field(json_schema_extra=_not_null)] = None
    source: Annotated[DrawingBody | None, Field(json_schema_extra=_not_null)] = None
    activities_code: str | None = None
    modules: Modules | None = None

    @model_validator(mode="after")
    def _has_one(self) -> "SourcesBody":
        if self.model_fields_set >= {"workflow_code", "source"}:
            raise ValueError("must have either workflowCode or source, and not both")
        if self.workflow_code is None and self.source is None:
            raise ValueError("must have workflowCode, or a drawing as source")
        return self

    def workflow(self, name: str, version: str) -> WorkflowCode | DrawnWorkflow:
        """Return this for the runtime, as that workflow in that version."""
        if self.source is not None:
            return DrawnWorkflow(name, version, self.source.drawing(), self.activities_code, self.modules or {})
        return WorkflowCode(name, version, self.workflow_code or "", self.activities_code, self.modules or {})
