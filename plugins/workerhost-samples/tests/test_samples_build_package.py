import tarfile
import zipfile
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError
from samples_support import run_activity
from temporalio.exceptions import ApplicationError

from workerhost.model import PROJECT_ID
from workerhost_samples.activities.archives import write_whole
from workerhost_samples.activities.build_package import BuildInput, BuildResult, PackageBuilder

FILES = {"src/main.py": "print('Grüße')\n", "README.md": "# Demo\n"}


def build(folder: Path, **request: Any) -> BuildResult:
    result = run_activity(PackageBuilder(folder).build_package, BuildInput.model_validate(request))
    assert isinstance(result, BuildResult)
    return result


def test_both_archives_hold_the_files_that_were_given(tmp_path: Path) -> None:
    result = build(tmp_path, packageName="demo", version="2.1", options={"files": FILES})
    assert result.artifacts == ["demo-2.1.tar.gz", "demo-2.1.zip"]
    with tarfile.open(tmp_path / "demo-2.1.tar.gz") as archive:
        contents = {name: archive.extractfile(name).read().decode() for name in archive.getnames()}  # type: ignore[union-attr]
    assert contents == FILES
    with zipfile.ZipFile(tmp_path / "demo-2.1.zip") as zipped:
        assert zipped.testzip() is None
        assert {name: zipped.read(name).decode() for name in zipped.namelist()} == FILES


def test_the_answer_is_camel_case_with_a_time_in_utc(tmp_path: Path) -> None:
    before = datetime.now(UTC)
    answer = build(tmp_path, packageName="demo").model_dump(mode="json", by_alias=True)
    assert answer | {"buildTime": ""} == {
        "success": True,
        "packageName": "demo",
        "buildTime": "",
        "artifacts": ["demo-1.0.0.tar.gz", "demo-1.0.0.zip"],
    }
    assert answer["buildTime"].endswith("Z")
    assert before <= datetime.fromisoformat(answer["buildTime"]) <= datetime.now(UTC)


@pytest.mark.parametrize("options", [{}, {"options": None}, {"options": {}}, {"options": {"files": {}}}])
def test_without_files_a_minimal_package_is_built(tmp_path: Path, options: dict[str, Any]) -> None:
    build(tmp_path, packageName="My-App", **options)
    with zipfile.ZipFile(tmp_path / "My-App-1.0.0.zip") as archive:
        assert archive.namelist() == ["README.md", "pyproject.toml", "src/my_app/__init__.py"]
        assert b'name = "My-App"' in archive.read("pyproject.toml")


def test_the_same_input_gives_the_same_bytes(tmp_path: Path) -> None:
    turned = dict(reversed(FILES.items()))
    build(tmp_path / "one", packageName="demo", options={"files": FILES})
    build(tmp_path / "two", packageName="demo", options={"files": turned})
    for name in ("demo-1.0.0.tar.gz", "demo-1.0.0.zip"):
        assert (tmp_path / "one" / name).read_bytes() == (tmp_path / "two" / name).read_bytes()


def test_the_archives_tell_nothing_of_when_or_by_whom_they_were_built(tmp_path: Path) -> None:
    build(tmp_path, packageName="demo", options={"files": FILES})
    with tarfile.open(tmp_path / "demo-1.0.0.tar.gz") as archive:
        assert {(m.mtime, m.uid, m.gid, m.uname, m.gname, m.mode) for m in archive} == {(0, 0, 0, "", "", 0o644)}
    with zipfile.ZipFile(tmp_path / "demo-1.0.0.zip") as zipped:
        assert {entry.date_time for entry in zipped.infolist()} == {(1980, 1, 1, 0, 0, 0)}


def test_concurrent_builds_of_one_package_leave_whole_archives_and_nothing_else(tmp_path: Path) -> None:
    builder = PackageBuilder(tmp_path)
    requests = [
        BuildInput(package_name="demo", options={"files": {"which.txt": str(n) * 9999}})  # type: ignore[arg-type]
        for n in range(8)
    ]
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(builder.build_package, requests * 5))
    assert sorted(path.name for path in tmp_path.iterdir()) == ["demo-1.0.0.tar.gz", "demo-1.0.0.zip"]
    with zipfile.ZipFile(tmp_path / "demo-1.0.0.zip") as zipped:
        assert zipped.testzip() is None
    with tarfile.open(tmp_path / "demo-1.0.0.tar.gz") as archive:
        assert archive.getnames() == ["which.txt"]


def test_a_write_that_fails_leaves_nothing_behind(tmp_path: Path) -> None:
    target = tmp_path / "demo.zip"
    target.mkdir()
    with pytest.raises(OSError, match="directory"):
        write_whole(target, b"content")
    assert list(tmp_path.iterdir()) == [target]


def test_projects_cannot_overwrite_each_others_packages(tmp_path: Path) -> None:
    token = PROJECT_ID.set("shop")
    try:
        build(tmp_path, packageName="demo")
    finally:
        PROJECT_ID.reset(token)
    build(tmp_path, packageName="demo", options={"files": FILES})
    assert (tmp_path / "shop" / "demo-1.0.0.zip").read_bytes() != (tmp_path / "demo-1.0.0.zip").read_bytes()


def test_a_directory_that_cannot_be_written_fails_with_a_sentence_without_its_path(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(ApplicationError, match="archives could not be written: Not a directory") as caught:
        build(tmp_path / "file" / "artifacts", packageName="demo")
    assert not caught.value.non_retryable
    assert str(tmp_path) not in str(caught.value)


@pytest.mark.parametrize("name", ["", "..", "../x", "/etc", "a/b", "a b", "-a", "a-", "a\n", "ü", "x" * 101])
def test_a_package_name_that_is_none_is_refused_by_field(name: str) -> None:
    with pytest.raises(ValidationError) as caught:
        BuildInput.model_validate({"packageName": name})
    assert caught.value.errors()[0]["loc"] == ("packageName",)


@pytest.mark.parametrize("version", ["", "..", "1/2", "../1", "1 0", "1\x00", "1\n"])
def test_a_version_that_is_none_is_refused_by_field(version: str) -> None:
    with pytest.raises(ValidationError) as caught:
        BuildInput.model_validate({"packageName": "demo", "version": version})
    assert caught.value.errors()[0]["loc"] == ("version",)


@pytest.mark.parametrize(
    "path",
    [
        "",
        "/etc/passwd",
        "../x",
        "a/../../x",
        "a//b",
        "a/",
        ".",
        "a/./b",
        "C:\\x",
        "a\\b",
        "c:x",
        "a\x00",
        "a\nb",
        " a",
        "a.",
        "x" * 201,
        "/".join("x" * 600),
    ],
)
def test_a_path_that_could_leave_the_package_is_refused_with_its_name(path: str) -> None:
    with pytest.raises(ValidationError, match="the path") as caught:
        BuildInput.model_validate({"packageName": "demo", "options": {"files": {path: ""}}})
    assert caught.value.errors()[0]["loc"][:2] == ("options", "files")


def test_a_path_that_is_file_and_folder_at_once_is_refused() -> None:
    with pytest.raises(ValidationError, match="'a/b' is a file and cannot be the folder of 'a/b/c'"):
        BuildInput.model_validate({"packageName": "demo", "options": {"files": {"a/b": "", "a/b/c": ""}}})


def test_options_of_other_kinds_are_let_through() -> None:
    request = BuildInput.model_validate({"packageName": "demo", "options": {"minify": True}})
    assert request.options is not None
    assert request.options.files == {}
