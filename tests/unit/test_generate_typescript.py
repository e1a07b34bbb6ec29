"""The script that makes the calls and types of the TypeScript client, and what it makes of a document."""

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

import generate_typescript
from typescript.calls import calls_of
from typescript.types import NotTranslatableError, type_of, types_of

ROOT = Path(__file__).parents[2]
TEXT, REFERENCE = {"type": "string"}, {"$ref": "#/components/schemas/Word"}


def test_the_typescript_client_is_up_to_date() -> None:
    command = [sys.executable, ROOT / "scripts/generate_typescript.py", "--check"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")


def test_a_file_that_was_changed_by_hand_is_found_and_made_good(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    target = tmp_path / "generated.ts"
    target.write_text("// changed by hand\n")
    monkeypatch.setattr(generate_typescript, "ROOT", tmp_path)
    monkeypatch.setattr(generate_typescript, "TARGET", target)
    monkeypatch.setattr(sys, "argv", ["generate_typescript.py", "--check"])
    assert generate_typescript.main() == 1
    said = capsys.readouterr().err
    assert "--- generated.ts (written)\n" in said
    assert "\n-// changed by hand\n" in said
    monkeypatch.setattr(sys, "argv", ["generate_typescript.py"])
    assert generate_typescript.main() == 0
    assert target.read_text() == (ROOT / "clients/typescript/src/generated.ts").read_text()


@pytest.mark.parametrize(
    ("schema", "expected"),
    [
        ({}, "unknown"),
        ({"type": "integer", "minimum": 1}, "number"),
        ({"const": "all", "type": "string"}, '"all"'),
        ({"enum": ["a", "b"], "type": "string"}, '"a" | "b"'),
        ({"anyOf": [TEXT, {"type": "null"}]}, "string | null"),
        ({"anyOf": [REFERENCE, TEXT]}, "Word | (string & {})"),
        ({"anyOf": [{"type": "integer"}, {"type": "number"}]}, "number"),
        ({"oneOf": [REFERENCE, {"type": "null"}], "discriminator": {}}, "Word | null"),
        ({"allOf": [REFERENCE]}, "Word"),
        ({"type": "array", "items": REFERENCE}, "Array<Word>"),
        ({"type": "array", "prefixItems": [TEXT, REFERENCE]}, "[string, Word]"),
        ({"type": "object", "additionalProperties": True}, "Record<string, unknown>"),
        ({"type": "object", "additionalProperties": REFERENCE}, "Record<string, Word>"),
        ({"type": "object", "patternProperties": {"^a": TEXT}}, "Record<string, string>"),
        ({"type": "object", "properties": {"a-b": TEXT}, "required": ["a-b"]}, '{ "a-b": string; }'),
        ({"type": "string", "format": "date-time"}, "string | Date"),
    ],
)
def test_a_schema_becomes_a_type(schema: dict[str, Any], expected: str) -> None:
    assert type_of(schema) == expected


def test_a_model_becomes_an_interface_with_what_is_said_of_it_and_with_what_it_names() -> None:
    schemas = {
        "Thing": {
            "type": "object",
            "description": "A thing */.\n\nNone of it is big.",
            "properties": {"word": {**REFERENCE, "description": "None at first."}, "more": TEXT},
            "required": ["word"],
        },
        "Word": {"type": "string", "enum": ["a"]},
        "Other": {"type": "object", "properties": {}},
    }
    assert (
        types_of(schemas, {"Thing"})
        == """/**
 * A thing *\\/.
 *
 * null of it is big.
 */
export interface Thing {
  /** null at first. */
  word: Word;
  more?: string;
}

export type Word = "a";

"""
    )


@pytest.mark.parametrize("schema", [{"not": TEXT}, {"type": ["string", "null"]}])
def test_what_has_no_type_here_is_refused_with_the_model_s_name(schema: dict[str, Any]) -> None:
    with pytest.raises(NotTranslatableError, match="Thing: no TypeScript is known for"):
        types_of({"Thing": schema}, {"Thing"})


def _operation(name: str, answer: dict[str, Any], *parameters: dict[str, Any]) -> dict[str, Any]:
    return {"operationId": name, "parameters": list(parameters), "responses": {"200": {"content": answer}}}


def test_calls_that_do_not_answer_json_are_left_out_and_the_others_are_methods() -> None:
    thing_id = {"name": "thingId", "in": "path", "required": True, "schema": TEXT}
    shade = {"name": "shade", "in": "query", "required": True, "schema": TEXT}
    answer = {"application/json": {"schema": REFERENCE}}
    document = {
        "components": {"schemas": {"Word": TEXT}},
        "paths": {
            "/things/{thingId}": {"get": _operation("getThing", answer, thing_id, shade)},
            "/things/events": {"get": _operation("listThingEvents", {"text/event-stream": {"schema": TEXT}})},
        },
    }
    made = calls_of(document)
    assert made.schemas == {"Word"}
    assert "listThingEvents" not in made.text
    assert "  getThing(thingId: string, query: GetThingQuery, options?: CallOptions): Promise<Word> {\n" in made.text
    assert 'this.request({ method: "GET", path: ["things", thingId], query }, options);' in made.text
