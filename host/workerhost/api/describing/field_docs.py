"""What models say of their fields, for the OpenAPI document: the text below each field in the source.

Pydantic can read these texts itself, when a class is made. It then finds and parses the source of every model at each
start of a process, which took longer than all else that the models need, though few processes make a document.
"""

import ast
import functools
import inspect
import itertools
import textwrap
from typing import Any

from pydantic import BaseModel
from pydantic.json_schema import GenerateJsonSchema


class DocumentedSchemas(GenerateJsonSchema):
    """Makes the schemas of models with what their source says of each field."""

    def model_schema(self, schema: Any) -> dict[str, Any]:
        """Return the schema of a model."""
        made = super().model_schema(schema)
        model: type[BaseModel] = schema["cls"]
        for name, text in _documentation(model).items():
            field = model.model_fields[name]
            key = field.validation_alias if self.mode == "validation" else field.serialization_alias
            described = made.get("properties", {}).get(str(key or name))
            if described is not None:
                described.setdefault("description", text)
        return made


def _documentation(model: type[BaseModel]) -> dict[str, str]:
    """Return the texts of a model's fields by their names, inherited ones included."""
    lines = [_written_in(each) for each in reversed(model.__mro__) if issubclass(each, BaseModel)]
    return {name: text for each in lines for name, text in each.items() if name in model.model_fields}


@functools.cache
def _written_in(model: type[BaseModel]) -> dict[str, str]:
    """Return the text below each field of the class itself; none where its source cannot be read."""
    try:
        source = textwrap.dedent(inspect.getsource(model))
    except (OSError, TypeError):
        return {}
    found = ast.parse(source).body[0]
    statements = found.body if isinstance(found, ast.ClassDef) else []
    return {
        field.target.id: inspect.cleandoc(text.value.value)
        for field, text in itertools.pairwise(statements)
        if isinstance(field, ast.AnnAssign)
        and isinstance(field.target, ast.Name)
        and isinstance(text, ast.Expr)
        and isinstance(text.value, ast.Constant)
        and isinstance(text.value.value, str)
    }
