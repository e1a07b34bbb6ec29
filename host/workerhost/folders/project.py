"""Reads the code of a project from its folder."""

import hashlib
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from workerhost.errors import ConfigurationError
from workerhost.folders.files import FolderWalk
from workerhost.model import WorkflowCode, is_valid_id
from workerhost.module_names import modules_fault, text_of_modules


@dataclass(frozen=True)
class FolderCode:
    """The code in a project's folder."""

    workflows: tuple[WorkflowCode, ...]
    left_out: tuple[str, ...]
    """A sentence for each file or folder that looks like code and is no part of it."""


def workflow_folders(folder: Path) -> list[Path]:
    """Return the folders of a project's workflows, sorted; none where it is no folder."""
    if not folder.is_dir():
        return []
    return sorted(
        path for path in folder.iterdir() if not path.name.startswith(".") and (path / "workflow.py").is_file()
    )


def read_folder(folder: Path) -> FolderCode:
    """Return the code in a project's folder; each workflow's version is the digest of its modules.

    Modules that stand in the project's folder itself come with each of its workflows.

    Raises:
        ConfigurationError: a file cannot be read, or a folder cannot be a workflow; without the path of either.
    """
    walk = FolderWalk(folder)
    found = walk.modules_of_project() if folder.is_dir() else None
    left_out = list(found.left_out) if found else []
    shared = {name: _text(path, "the project") for name, path in found.modules.items()} if found else {}
    workflows = []
    for path in workflow_folders(folder):
        if path.is_symlink() and walk.leaves(path):
            left_out.append(f"left out: {path.name}/: it is a link that leads out of the project's folder")
            continue
        files = walk.modules_of(path)
        left_out += files.left_out
        if "workflow" in files.modules:
            workflows.append(_workflow(path.name, files.modules, shared))
    return FolderCode(tuple(workflows), tuple(left_out))


def workflows_of(
    folder_or_workflows: str | os.PathLike[str] | Sequence[WorkflowCode], version: str | None
) -> Sequence[WorkflowCode]:
    """Return the workflows of a folder, or those that were given, all with `version` if it is not None.

    Raises:
        ConfigurationError: the folder cannot be read or holds no workflows.
    """
    if isinstance(folder_or_workflows, str | os.PathLike):
        codes: Sequence[WorkflowCode] = read_folder(Path(folder_or_workflows)).workflows
        if not codes:
            raise ConfigurationError(f"{os.fspath(folder_or_workflows)} holds no workflow: no <workflow>/workflow.py")
    else:
        codes = folder_or_workflows
    return codes if version is None else [replace(code, version=version) for code in codes]


def code_digest(code: WorkflowCode) -> str:
    """Return what names the content of a workflow's modules."""
    text = f"{code.workflow_code}\0{code.activities_code}{text_of_modules(code.modules)}"
    return hashlib.sha256(text.encode()).hexdigest()


def _workflow(name: str, files: Mapping[str, Path], shared: Mapping[str, str]) -> WorkflowCode:
    if not is_valid_id(name):
        raise ConfigurationError(f"the folder {name} cannot be a workflow: its name is not a valid id")
    texts = {each: _text(path, f"workflow {name}") for each, path in files.items()}
    workflow_code, activities_code = texts.pop("workflow"), texts.pop("activities", None)
    modules = {**texts, **shared}
    if fault := modules_fault(modules):
        raise ConfigurationError(f"the folder {name} cannot be a workflow: its modules {fault}")
    code = WorkflowCode(name, "", workflow_code, activities_code, modules)
    return replace(code, version=code_digest(code)[:12])


def _text(path: Path, owner: str) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except OSError as error:
        raise ConfigurationError(f"the files of {owner} cannot be read: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise ConfigurationError(f"the files of {owner} cannot be read: not UTF-8") from error
