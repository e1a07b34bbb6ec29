"""What is read from a project's folder, and what is named since it is left out."""

from dataclasses import replace
from pathlib import Path

import pytest

from workerhost.errors import ConfigurationError
from workerhost.folders import code_digest, read_folder
from workerhost.model import WorkflowCode
from workerhost.module_names import MOST_MODULES

OUTSIDE = "it is a link that leads out of the project's folder"


def write(folder: Path, **files: str | bytes) -> None:
    """Write files; `__` in a name is a slash, and names end with `.py` where they have no other ending."""
    for name, content in files.items():
        path = folder / (name.replace("__", "/").replace("/init/", "__init__") + ".py")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    """The folder of a project with the workflow `order`."""
    write(tmp_path / "shop", order__workflow="w = 1")
    return tmp_path / "shop"


def modules(shop: Path) -> dict[str, str]:
    """Return the further modules of the first workflow."""
    return dict(read_folder(shop).workflows[0].modules)


def test_every_module_of_a_workflows_folder_and_its_subfolders_is_taken(shop: Path) -> None:
    write(shop, order__activities="a", order__models="m", order__rules__prices="p", order__rules__deep__er="e")
    [code] = read_folder(shop).workflows
    assert (code.workflow_code, code.activities_code) == ("w = 1", "a")
    assert code.modules == {"models": "m", "rules.prices": "p", "rules.deep.er": "e"}
    assert read_folder(shop).left_out == ()


def test_modules_in_the_projects_folder_belong_to_all_workflows(shop: Path) -> None:
    write(shop, billing__workflow="b", money="m", common__helpers="h")
    (shop / "common" / "__init__.py").touch()
    shared = {"..money": "m", "..common.helpers": "h"}
    assert [code.modules for code in read_folder(shop).workflows] == [shared, shared]


@pytest.mark.parametrize("text", ["", "# words\n", '"""Words."""\n# more\n', "\n\n"])
def test_the_code_of_a_package_that_does_nothing_is_no_module(shop: Path, text: str) -> None:
    (shop / "order" / "__init__.py").write_text(text)
    assert (modules(shop), read_folder(shop).left_out) == ({}, ())


def test_the_code_of_a_package_is_a_module(shop: Path) -> None:
    for place in (shop, shop / "order", shop / "order" / "rules"):
        place.mkdir(exist_ok=True)
        (place / "__init__.py").write_text("x = 1")
    (shop / "order" / "rules" / "broken").mkdir()
    (shop / "order" / "rules" / "broken" / "__init__.py").write_text("x = (")
    assert modules(shop) == dict.fromkeys(["..__init__", "__init__", "rules.__init__"], "x = 1") | {
        "rules.broken.__init__": "x = ("
    }


def test_what_is_left_out_is_named_with_the_reason(shop: Path, tmp_path: Path) -> None:
    order = shop / "order"
    write(tmp_path, outside="x = 1", inside_one__module="x = 1")
    for name in ("2nd.py", "class.py", "a-b.py", "notes.ipynb", "models.pyi", "test_x.py", "x_test.py", "__main__.py"):
        (order / name).touch()
    (order / "latin.py").write_bytes(b"# \xff")
    (order / "large.py").write_bytes(b"#" * (4 * 1024**2 + 1))
    for name in ("my-rules", "tests", "environment", "empty-one"):
        (order / name).mkdir()
    for name in ("my-rules", "tests", "environment"):
        (order / name / "some.py").touch()
    (order / "environment" / "pyvenv.cfg").touch()
    (order / "linked.py").symlink_to(tmp_path / "outside.py")
    (order / "nowhere.py").symlink_to("nothing.py")
    (order / "package").symlink_to(tmp_path / "inside_one")
    (order / "again.py").symlink_to("workflow.py")
    (shop / "conftest.py").touch()
    found = read_folder(shop)
    assert found.workflows[0].modules == {"again": "w = 1"}
    assert {sentence.removeprefix("left out: ") for sentence in found.left_out} == {
        "conftest.py: it belongs to tests",
        "order/2nd.py: its name is not a Python name",
        "order/__main__.py: it is a program and no module",
        "order/a-b.py: its name is not a Python name",
        "order/class.py: its name is not a Python name",
        "order/environment/: it is an environment of Python",
        "order/large.py: it is larger than 4 MiB",
        "order/latin.py: it is not UTF-8",
        f"order/linked.py: {OUTSIDE}",
        "order/models.pyi: it has types alone; the module itself is what counts",
        "order/my-rules/: its name is not a Python name",
        "order/notes.ipynb: a notebook is no module",
        f"order/nowhere.py: {OUTSIDE}",
        "order/package/: a link to a folder is not followed",
        "order/test_x.py: it holds tests",
        "order/tests/: it holds tests",
        "order/x_test.py: it holds tests",
    }


def test_a_workflow_that_a_link_brings_from_elsewhere_is_left_out_and_named(shop: Path, tmp_path: Path) -> None:
    write(tmp_path, other__workflow="x = 1")
    (shop / "other").symlink_to(tmp_path / "other")
    (shop / "half").mkdir()
    (shop / "half" / "workflow.py").symlink_to(tmp_path / "other" / "workflow.py")
    found = read_folder(shop)
    assert [code.name for code in found.workflows] == ["order"]
    assert set(found.left_out) == {f"left out: half/workflow.py: {OUTSIDE}", f"left out: other/: {OUTSIDE}"}


def test_folders_that_link_to_each_other_end(shop: Path) -> None:
    (shop / "order" / "loop").symlink_to(shop)
    assert read_folder(shop).left_out == ("left out: order/loop/: a link to a folder is not followed",)


def test_folders_without_end_are_left_out(shop: Path) -> None:
    deep = shop / "order"
    for _ in range(60):
        deep /= "deeper"
        deep.mkdir()
    (deep / "module.py").touch()
    (shop / "order" / "deeper" / "module.py").touch()
    found = read_folder(shop)
    assert list(found.workflows[0].modules) == ["deeper.module"]
    [sentence] = found.left_out
    assert sentence.endswith("/deeper/: its name is longer than 200 characters")


def test_too_many_modules_and_a_module_that_is_a_package_are_refused(shop: Path) -> None:
    write(shop, order__rules="", order__rules__prices="")
    with pytest.raises(ConfigurationError, match=r"a module is no package; name the code of a package rules\.__init__"):
        read_folder(shop)
    (shop / "order" / "rules.py").unlink()
    write(shop, **{f"order__module_{number}": "" for number in range(MOST_MODULES)})
    with pytest.raises(ConfigurationError, match=f"are {MOST_MODULES + 1}, and a workflow may have {MOST_MODULES}"):
        read_folder(shop)


def test_the_digest_of_a_workflow_without_further_modules_stays_as_it_was() -> None:
    code = WorkflowCode("order", "1", "a", "b")
    assert code_digest(code)[:32] == "59b271ae1bbcb1d31d41929817f4b16f"
    assert code_digest(replace(code, modules={"m": ""})) != code_digest(code)
