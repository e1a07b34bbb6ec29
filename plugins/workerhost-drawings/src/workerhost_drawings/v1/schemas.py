"""JSON Schemas that a run checks its data against."""

import json
from functools import lru_cache
from typing import Any

from jsonschema.exceptions import SchemaError, ValidationError, best_match
from jsonschema.validators import Draft202012Validator, validator_for
from referencing import Registry
from referencing.exceptions import Unresolvable

from workerhost_drawings.v1 import errors


def fitting(value: object, schema: object, instance: str | None = None) -> Any:
    """Return a value that fits a JSON Schema.

    Args:
        value: JSON.
        schema: of any draft that its `$schema` names; 2020-12 where it names none. Nothing is fetched for it.
        instance: the JSON pointer of the task, for the error.

    Raises:
        ApplicationError: it does not fit; an error of Open Workflow of the type `validation`.
    """
    try:
        problem = best_match(_validator(json.dumps(schema, sort_keys=True)).iter_errors(value))
    except (Unresolvable, RecursionError) as error:
        raise errors.make(
            errors.standard("configuration", f"the schema cannot be used: {error!s:.300}", instance)
        ) from None
    if problem is not None:
        raise errors.make(errors.standard("validation", _sentence(problem), instance))
    return value


def problem_of(schema: object) -> str | None:
    """Return why something is no JSON Schema, as a sentence, or None."""
    if not isinstance(schema, dict | bool):
        return "it is no JSON Schema; an object such as {type: object} would do"
    try:
        kind: Any = validator_for(schema, default=Draft202012Validator)
        kind.check_schema(schema)
    except SchemaError as error:
        return f"it is no JSON Schema: at {error.json_path}, {error.message:.300}"
    return None


@lru_cache(1000)
def _validator(schema: str) -> Any:
    read = json.loads(schema)
    # With a registry of its own, references to other documents are errors, and are not fetched.
    return validator_for(read, default=Draft202012Validator)(read, registry=Registry())


def _sentence(problem: ValidationError) -> str:
    return f"at {problem.json_path}, {problem.message:.1000}"
