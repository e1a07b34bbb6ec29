"""The page about the architecture names what is there, and nothing else."""

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
HOST = ROOT / "host" / "workerhost"
PAGE = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")

LONGEST_MODULE = 299
"""Lines. A longer one has more than one job, or holds what several share."""

VERSIONS = "store/migrations/versions"
"""A package for Alembic's sake, which belongs to the room above."""


def named(pattern: str) -> list[str]:
    """Return what the first column of the page's tables has of that pattern, sorted."""
    return sorted(re.findall(rf"^\| `({pattern})` \|", PAGE, re.MULTILINE))


def test_the_rooms_on_the_page_are_the_packages_of_the_host() -> None:
    packages = (path.parent.relative_to(HOST).as_posix() for path in HOST.rglob("__init__.py") if path.parent != HOST)
    assert named(r"[\w/]+/") == sorted(f"{package}/" for package in packages if package != VERSIONS)


def test_the_modules_on_the_page_are_those_beside_the_rooms() -> None:
    assert named(r"\w+\.py") == sorted(path.name for path in HOST.glob("*.py") if path.name != "__init__.py")


def test_every_file_and_class_that_the_page_names_is_there() -> None:
    for name in re.findall(r"`((?:\w+/)+(?:\w+\.py)?)`", PAGE):
        assert (HOST / name).exists() or (ROOT / name).exists(), name
    sources = "".join(path.read_text(encoding="utf-8") for path in HOST.rglob("*.py"))
    for names in re.findall(r"^\| ((?:`\w+`(?:, )?)+) \| `runtime/", PAGE, re.MULTILINE):
        for name in re.findall(r"\w+", names):
            assert re.search(rf"^(?:class|def) {name}\b", sources, re.MULTILINE), name
    for owner, method in re.findall(r"`([A-Z]\w+)\.(\w+)`", PAGE):
        assert f"class {owner}" in sources, owner
        assert f"def {method}(" in sources, method


def test_no_module_of_the_host_or_of_the_tests_is_long() -> None:
    modules = [path for folder in ("host", "tests", "scripts") for path in (ROOT / folder).rglob("*.py")]
    lengths = {path.relative_to(ROOT).as_posix(): path.read_text(encoding="utf-8").count("\n") for path in modules}
    assert {name: length for name, length in lengths.items() if length > LONGEST_MODULE} == {}
