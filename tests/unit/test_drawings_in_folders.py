"""Which files of a project's folder are drawings, and in which format."""

import json
from pathlib import Path
from typing import Any

import pytest

from workerhost.errors import ConfigurationError
from workerhost.folders import holds_workflows, read_drawn, read_folder

CANVAS = {"nodes": [{"id": "start"}], "edges": []}
OPEN_WORKFLOW = {"document": {"dsl": "1.0.0", "namespace": "shop", "name": "order", "version": "1.0.0"}, "do": []}
YAML = "# An order\ndocument:\n  dsl: '1.0.0'\n  name: order\ndo: []\n"


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    return tmp_path / "shop"


def write(folder: Path, **files: Any) -> None:
    """Write files; `__` in a name is a slash, and `_dot_` a dot."""
    for name, content in files.items():
        path = folder / name.replace("__", "/").replace("_dot_", ".")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content if isinstance(content, str) else json.dumps(content))


def formats(shop: Path) -> dict[str, str]:
    return {each.name: each.drawing.format for each in read_folder(shop).drawings}


@pytest.mark.parametrize(
    ("ending", "content", "format"),
    [
        ("json", CANVAS, "canvas"),
        ("json", {"name": "order", "definition": CANVAS}, "canvas"),
        ("json", OPEN_WORKFLOW, "open-workflow"),
        ("json", {"name": "order", "flow": {}}, "flow"),
        ("yaml", YAML, "open-workflow"),
        ("yml", "document: {dsl: 1.0.0, name: order}\n", "open-workflow"),
        ("yaml", '"document":\n  "dsl": "1.0.0"\n', "open-workflow"),
        ("yaml", "nodes:\n  - id: start\n", "canvas"),
        ("yaml", "name: order\ndefinition:\n  edges: []\n\n  nodes: []\n", "canvas"),
        ("yaml", "flow:\n  begin: a\n", "flow"),
    ],
)
def test_the_content_of_a_file_says_its_format(shop: Path, ending: str, content: Any, format: str) -> None:
    write(shop, **{f"order_dot_{ending}": content, f"billing__workflow_dot_{ending}": content})
    found = read_folder(shop)
    assert {each.name: each.drawing.format for each in found.drawings} == {"order": format, "billing": format}
    assert found.drawings[0].drawing.document == content
    assert (found.left_out, found.workflows) == ((), ())
    assert holds_workflows(shop)


@pytest.mark.parametrize(
    ("name", "content", "reason"),
    [
        ("package.json", '{"name": "shop", "dependencies": {}}', "it is no drawing"),
        ("tsconfig.json", "// words\n{}", "it is not valid JSON"),
        ("list.json", "[1, 2]", "it is no drawing"),
        ("compose.yaml", "services:\n  nodes:\n    image: x\n", "it is no drawing"),
        ("config.yml", "kind: Document\ndsl: x\n", "it is no drawing"),
        ("a.b.json", '{"nodes": []}', "its name cannot be that of a workflow"),
        ("latin.json", b'{"nodes": "\xe4"}', "it is not UTF-8"),
        ("large.json", '{"nodes": []}' + 4 * 1024**2 * " ", "it is larger than 4 MiB"),
    ],
)
def test_what_is_no_drawing_is_named_and_left_out(shop: Path, name: str, content: Any, reason: str) -> None:
    write(shop, order_dot_json=CANVAS)
    (shop / name).write_bytes(content if isinstance(content, bytes) else content.encode())
    found = read_folder(shop)
    assert found.left_out == (f"left out: {name}: {reason}",)
    assert [each.name for each in found.drawings] == ["order"]


def test_a_folder_of_other_files_is_no_project(shop: Path) -> None:
    write(shop, package_dot_json={"name": "shop"}, order__notes_dot_json=CANVAS)
    assert not holds_workflows(shop)
    assert read_folder(shop).drawings == ()


def test_activities_and_modules_beside_a_drawing_come_with_it(shop: Path) -> None:
    write(shop, order__workflow_dot_json=CANVAS, order__activities_dot_py="a = 1", order__rules_dot_py="r = 1")
    write(shop, money_dot_py="m = 1", simple_dot_json=CANVAS)
    order, simple = read_folder(shop).drawings
    assert (order.activities_code, order.modules) == ("a = 1", {"rules": "r = 1", "..money": "m = 1"})
    assert (simple.activities_code, simple.modules) == (None, {"..money": "m = 1"})


def test_the_version_is_a_digest_of_all_of_it(shop: Path) -> None:
    versions = set()
    for activities, document in (("a = 1", CANVAS), ("a = 2", CANVAS), ("a = 2", {**CANVAS, "edges": [1]})):
        write(shop, order__workflow_dot_json=document, order__activities_dot_py=activities)
        versions.add(read_folder(shop).drawings[0].version)
    assert len(versions) == 3


@pytest.mark.parametrize(
    ("files", "sentence"),
    [
        (
            {"order_dot_json": CANVAS, "order_dot_yaml": YAML},
            "order.json and order.yaml would all be the workflow order; keep one of them",
        ),
        (
            {"order_dot_json": CANVAS, "order__workflow_dot_py": "w = 1"},
            "order.json and order/workflow.py would all be the workflow order; keep one of them",
        ),
        ({"order_dot_json": '{"nodes": [,'}, "order.json is not valid JSON: Expecting value in line 1"),
    ],
)
def test_what_cannot_be_told_apart_or_is_broken_stops_it(shop: Path, files: Any, sentence: str) -> None:
    write(shop, **files)
    assert holds_workflows(shop)
    with pytest.raises(ConfigurationError) as raised:
        read_folder(shop)
    assert str(raised.value) == sentence


def test_code_goes_before_a_drawing_in_one_folder(shop: Path) -> None:
    write(shop, order__workflow_dot_py="w = 1", order__workflow_dot_json=CANVAS)
    found = read_folder(shop)
    assert ([each.name for each in found.workflows], found.drawings) == (["order"], ())
    assert found.left_out == ("left out: order/workflow.json: the workflow has a workflow.py",)


def test_a_link_that_leads_out_of_the_folder_is_not_followed(shop: Path, tmp_path: Path) -> None:
    write(tmp_path, elsewhere_dot_json=CANVAS)
    write(shop, order_dot_json=CANVAS)
    (shop / "stolen.json").symlink_to(tmp_path / "elsewhere.json")
    assert read_folder(shop).left_out == ("left out: stolen.json: it is a link that leads out of the project's folder",)


def test_one_file_is_read_with_what_belongs_to_it(shop: Path) -> None:
    write(shop, order__workflow_dot_json=CANVAS, order__activities_dot_py="a = 1", simple_dot_json=CANVAS)
    drawn = read_drawn(shop / "order" / "workflow.json")
    assert (drawn.name, drawn.activities_code) == ("order", "a = 1")
    assert (read_drawn(shop / "simple.json").name, read_drawn(shop / "simple.json").activities_code) == ("simple", None)
    write(shop, package_dot_json={})
    with pytest.raises(ConfigurationError, match=r"package\.json cannot be compiled: it is no drawing"):
        read_drawn(shop / "package.json")
