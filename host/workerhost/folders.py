"""A project's code in files: a folder of `<workflow>/workflow.py`, each with an `activities.py` or without."""

import hashlib
import os
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from workerhost.errors import ConfigurationError
from workerhost.model import WorkflowCode, is_valid_id


def workflow_folders(folder: Path) -> list[Path]:
    """Return the folders of a project's workflows, sorted; none where it is no folder."""
    return sorted(path for path in folder.iterdir() if (path / "workflow.py").is_file()) if folder.is_dir() else []


def left_out(folder: Path) -> list[str]:
    """Return a sentence for each Python file in a project's folder that is no part of its code, tests aside."""
    places = [(folder, ""), *((path, f"{path.name}/") for path in workflow_folders(folder))]
    files = ((prefix + path.name, path) for place, prefix in places for path in sorted(place.glob("*.py")))
    return [
        f"{name} is left out: the code of a workflow is its workflow.py and activities.py"
        for name, path in files
        if path.name not in ("__init__.py", "conftest.py")
        and not path.name.startswith("test_")
        and not (path.parent != folder and path.name in ("workflow.py", "activities.py"))
    ]


def read_project(folder: Path) -> tuple[WorkflowCode, ...]:
    """Return the code in a project's folder; each workflow's version is the digest of its files.

    Raises:
        ConfigurationError: a file cannot be read, or a folder cannot be a workflow; without the path of either.
    """
    return tuple(_read(path) for path in workflow_folders(folder))


def workflows_of(
    folder_or_workflows: str | os.PathLike[str] | Sequence[WorkflowCode], version: str | None
) -> Sequence[WorkflowCode]:
    """Return the workflows of a folder, or those that were given, all with `version` if it is not None.

    Raises:
        ConfigurationError: the folder cannot be read or holds no workflows.
    """
    if isinstance(folder_or_workflows, str | os.PathLike):
        codes: Sequence[WorkflowCode] = read_project(Path(folder_or_workflows))
        if not codes:
            raise ConfigurationError(f"{os.fspath(folder_or_workflows)} holds no workflow: no <workflow>/workflow.py")
    else:
        codes = folder_or_workflows
    return codes if version is None else [replace(code, version=version) for code in codes]


def code_digest(workflow_code: str, activities_code: str | None) -> str:
    """Return what names the content of a workflow's files."""
    return hashlib.sha256(f"{workflow_code}\0{activities_code}".encode()).hexdigest()


def _read(folder: Path) -> WorkflowCode:
    if not is_valid_id(folder.name):
        raise ConfigurationError(f"the folder {folder.name} cannot be a workflow: its name is not a valid id")
    try:
        workflow_code = (folder / "workflow.py").read_text(encoding="utf-8")
        activities = folder / "activities.py"
        activities_code = activities.read_text(encoding="utf-8") if activities.is_file() else None
    except OSError as error:
        raise ConfigurationError(f"the files of workflow {folder.name} cannot be read: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise ConfigurationError(f"the files of workflow {folder.name} cannot be read: not UTF-8") from error
    return WorkflowCode(folder.name, code_digest(workflow_code, activities_code)[:12], workflow_code, activities_code)
