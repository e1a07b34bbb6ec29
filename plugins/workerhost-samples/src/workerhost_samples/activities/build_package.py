"""`buildPackage`: a tar.gz and a zip archive of a few text files."""

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

from pydantic import AfterValidator, Field
from temporalio import activity
from temporalio.exceptions import ApplicationError

from workerhost import current_project_id
from workerhost_samples.activities.archives import tar_gz, write_whole, zip_of
from workerhost_samples.camel_case import CamelCaseModel

_FORBIDDEN = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff\\:*?\"<>|]")
_LONGEST_PART = 200
_LONGEST_PATH = 1000


def _checked_path(path: str) -> str:
    """Refuse a path that would not be the same plain file wherever the archive is unpacked."""
    if _FORBIDDEN.search(path):
        raise ValueError(f"the path {path!r} has a character that not every system allows in a file name")
    if len(path) > _LONGEST_PATH:
        raise ValueError(f"the path {path[:40]!r}… is longer than {_LONGEST_PATH} characters")
    for part in path.split("/"):
        _check_part(part, path)
    return path


def _check_part(part: str, path: str) -> None:
    if part in ("", ".", ".."):
        raise ValueError(f"the path {path!r} is not a plain relative path: no empty part, '.' or '..'")
    if part != part.strip() or part.endswith("."):
        raise ValueError(f"the path {path!r} has a part that begins or ends with a space, or ends with a dot")
    if len(part.encode("utf-8")) > _LONGEST_PART:
        raise ValueError(f"the path {path[:40]!r}… has a part of more than {_LONGEST_PART} bytes")


def _without_clashes(files: dict[str, str]) -> dict[str, str]:
    """Refuse a path that is a file and, for another path, a folder."""
    for path in files:
        parts = path.split("/")
        for depth in range(1, len(parts)):
            if (folder := "/".join(parts[:depth])) in files:
                raise ValueError(f"{folder!r} is a file and cannot be the folder of {path!r}")
    return files


FilePath = Annotated[str, AfterValidator(_checked_path)]


class BuildOptions(CamelCaseModel):
    """What goes into the package; other options are left to those who read the package."""

    files: Annotated[dict[FilePath, str], AfterValidator(_without_clashes)] = Field(default_factory=dict)


class BuildInput(CamelCaseModel):
    """Which package to build, and from what."""

    package_name: Annotated[str, Field(pattern=r"^[A-Za-z0-9]([A-Za-z0-9._-]{0,98}[A-Za-z0-9])?$")]
    version: Annotated[str, Field(pattern=r"^[A-Za-z0-9]([A-Za-z0-9.+_-]{0,62}[A-Za-z0-9])?$")] = "1.0.0"
    options: BuildOptions | None = None


class BuildResult(CamelCaseModel):
    """The package that was built: the names of its archives, and when."""

    success: bool
    package_name: str
    build_time: datetime
    artifacts: list[str]


class PackageBuilder:
    """Builds packages into `directory`, a folder for each project in it."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory

    @activity.defn(name="buildPackage")
    def build_package(self, request: BuildInput) -> BuildResult:
        """Build a tar.gz and a zip archive from text files, or from a minimal Python package."""
        files = (request.options.files if request.options else None) or _minimal_package(request)
        stem = f"{request.package_name}-{request.version}"
        archives = {f"{stem}.tar.gz": tar_gz(files), f"{stem}.zip": zip_of(files)}
        self._store(archives)
        return BuildResult(
            success=True,
            package_name=request.package_name,
            build_time=datetime.now(UTC),
            artifacts=list(archives),
        )

    def _store(self, archives: Mapping[str, bytes]) -> None:
        folder = self._directory / (current_project_id() or "")
        try:
            folder.mkdir(parents=True, exist_ok=True)
            for name, content in archives.items():
                write_whole(folder / name, content)
        except OSError as error:
            # The error itself names a path of this machine, which callers need not know.
            message = f"The archives could not be written: {error.strerror}"
            raise ApplicationError(message, type="ArtifactsNotWritten") from None


def _minimal_package(request: BuildInput) -> dict[str, str]:
    """Return the files of a Python package that can be installed and does nothing."""
    name, version = request.package_name, request.version
    module = "pkg_" * name[0].isdigit() + re.sub(r"[^a-z0-9]+", "_", name.lower())
    return {
        "README.md": f"# {name}\n\nVersion {version}.\n",
        "pyproject.toml": (
            '[build-system]\nrequires = ["setuptools>=61"]\nbuild-backend = "setuptools.build_meta"\n\n'
            f'[project]\nname = "{name}"\nversion = "{version}"\n'
        ),
        f"src/{module}/__init__.py": f'"""{name}."""\n',
    }
