"""Reads the code and the drawings of a project from its folder."""

import hashlib
import json
import os
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from workerhost.drawing import Drawing, DrawnWorkflow
from workerhost.errors import ConfigurationError
from workerhost.folders.drawings import read_drawing
from workerhost.folders.files import Drawn, FolderWalk, FoundFiles, drawings_of, is_workflow
from workerhost.model import WorkflowCode, is_valid_id
from workerhost.module_names import modules_fault, text_of_modules


@dataclass(frozen=True)
class FolderCode:
    """The code and the drawings in a project's folder."""

    workflows: tuple[WorkflowCode, ...]
    left_out: tuple[str, ...]
    """A sentence for each file or folder that looks like code or a drawing and is no part of it."""
    drawings: tuple[DrawnWorkflow, ...] = ()

    @property
    def all(self) -> list[WorkflowCode | DrawnWorkflow]:
        """All workflows by name, drawn or not."""
        return sorted([*self.workflows, *self.drawings], key=lambda each: each.name)


def holds_workflows(folder: Path) -> bool:
    """Tell whether a folder is that of a project: whether there is a workflow in it, or what may be a drawing of one.

    Files of the folder itself count where they are drawings, so that a folder of any other JSON is no project.
    """
    if not folder.is_dir():
        return False
    if any(drawings_of(path) for path in folder.iterdir() if path.is_dir()) or workflow_folders(folder):
        return True
    try:
        drawings, _ = FolderWalk(folder).drawings_of_project()
    except ConfigurationError:
        return True  # a drawing that is broken, as who reads the project says
    return bool(drawings)


def workflow_folders(folder: Path) -> list[Path]:
    """Return the folders of a project's workflows that are code, sorted; none where it is no folder."""
    if not folder.is_dir():
        return []
    return sorted(path for path in folder.iterdir() if not path.name.startswith(".") and is_workflow(path))


def read_folder(folder: Path) -> FolderCode:
    """Return the code and the drawings in a project's folder; each one's version is a digest of it.

    Modules that stand in the project's folder itself come with each of its workflows.

    Raises:
        ConfigurationError: a file cannot be read, a folder cannot be a workflow, or two drawings would be one; without
            the path of either.
    """
    walk = FolderWalk(folder)
    found = walk.modules_of_project() if folder.is_dir() else FoundFiles()
    left_out = list(found.left_out)
    shared = {name: _text(path, "the project") for name, path in found.modules.items()}
    workflows = []
    for path in workflow_folders(folder):
        if path.is_symlink() and walk.leaves(path):
            left_out.append(f"left out: {path.name}/: it is a link that leads out of the project's folder")
            continue
        files = walk.modules_of(path)
        left_out += files.left_out
        if "workflow" in files.modules:
            workflows.append(_workflow(path.name, files.modules, shared))
    drawn, others = walk.drawings_of_project() if folder.is_dir() else ({}, [])
    _refuse_doubles(folder, drawn, {each.name for each in workflows})
    drawings = []
    for name, [(path, drawing)] in sorted(drawn.items()):
        files = walk.modules_of(path.parent) if path.parent != folder else FoundFiles()
        left_out += files.left_out
        drawings.append(_drawn_workflow(name, drawing, files.modules, shared))
    return FolderCode(tuple(workflows), (*left_out, *others), tuple(drawings))


def read_drawn(file: Path) -> DrawnWorkflow:
    """Return the drawing in a file, with the code beside it where the file is that of a workflow's folder.

    Raises:
        ConfigurationError: it cannot be read, or is no drawing.
    """
    drawing = read_drawing(file)
    if isinstance(drawing, str):
        raise ConfigurationError(f"{file.name} cannot be compiled: {drawing}")
    file = file.resolve()
    is_in_folder = file.stem == "workflow"
    name = file.parent.name if is_in_folder else file.stem
    files = FolderWalk(file.parent.parent).modules_of(file.parent) if is_in_folder else FoundFiles()
    return _drawn_workflow(name if is_valid_id(name) else "drawing", drawing, files.modules, {})


def workflows_of(
    folder_or_workflows: str | os.PathLike[str] | Sequence[WorkflowCode | DrawnWorkflow], version: str | None
) -> Sequence[WorkflowCode | DrawnWorkflow]:
    """Return the workflows of a folder, or those that were given, all with `version` if it is not None.

    Raises:
        ConfigurationError: the folder cannot be read or holds no workflows.
    """
    if isinstance(folder_or_workflows, str | os.PathLike):
        codes: Sequence[WorkflowCode | DrawnWorkflow] = read_folder(Path(folder_or_workflows)).all
        if not codes:
            raise ConfigurationError(
                f"{os.fspath(folder_or_workflows)} holds no workflow: no <workflow>/workflow.py and no drawing"
            )
    else:
        codes = folder_or_workflows
    return codes if version is None else [replace(code, version=version) for code in codes]


def code_digest(code: WorkflowCode) -> str:
    """Return what names the content of a workflow's modules."""
    text = f"{code.workflow_code}\0{code.activities_code}{text_of_modules(code.modules)}"
    return hashlib.sha256(text.encode()).hexdigest()


def _workflow(name: str, files: Mapping[str, Path], shared: Mapping[str, str]) -> WorkflowCode:
    workflow_code, activities_code, modules = _sources(name, files, shared)
    code = WorkflowCode(name, "", workflow_code or "", activities_code, modules)
    return replace(code, version=code_digest(code)[:12])


def _drawn_workflow(name: str, drawing: Drawing, files: Mapping[str, Path], shared: Mapping[str, str]) -> DrawnWorkflow:
    _, activities_code, modules = _sources(name, files, shared)
    text = json.dumps([drawing.format, drawing.document])
    code = WorkflowCode(name, "", text, activities_code, modules)
    return DrawnWorkflow(name, code_digest(code)[:12], drawing, activities_code, modules)


def _sources(
    name: str, files: Mapping[str, Path], shared: Mapping[str, str]
) -> tuple[str | None, str | None, dict[str, str]]:
    if not is_valid_id(name):
        raise ConfigurationError(f"the folder {name} cannot be a workflow: its name is not a valid id")
    texts = {each: _text(path, f"workflow {name}") for each, path in files.items()}
    workflow_code, activities_code = texts.pop("workflow", None), texts.pop("activities", None)
    modules = {**texts, **shared}
    if fault := modules_fault(modules):
        raise ConfigurationError(f"the folder {name} cannot be a workflow: its modules {fault}")
    return workflow_code, activities_code, modules


def _refuse_doubles(folder: Path, drawn: Mapping[str, Sequence[Drawn]], coded: Collection[str]) -> None:
    for name, found in sorted(drawn.items()):
        places = [path.relative_to(folder).as_posix() for path, _ in found]
        if name in coded:
            places.append(f"{name}/workflow.py")
        if len(places) > 1:
            raise ConfigurationError(f"{' and '.join(places)} would all be the workflow {name}; keep one of them")


def _text(path: Path, owner: str) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except OSError as error:
        raise ConfigurationError(f"the files of {owner} cannot be read: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise ConfigurationError(f"the files of {owner} cannot be read: not UTF-8") from error
