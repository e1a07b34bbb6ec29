"""The code loader `directory`: a folder of `<project>/<workflow>/workflow.py` and `activities.py`."""

import hashlib
from pathlib import Path

from workerhost.errors import ConfigurationError
from workerhost.hookspecs import hookimpl
from workerhost.model import Project, ProjectCode, WorkflowCode, is_valid_id


class DirectoryLoader:
    """Answers for every project that has a folder, for development. Used from any thread; it reads files.

    Args:
        folder: holds one folder per project; None answers for no project.
    """

    name = "directory"

    def __init__(self, folder: Path | None) -> None:
        self._folder = folder

    @hookimpl
    def workerhost_load_code(self, project: Project) -> ProjectCode | None:
        """Return the code in the project's folder; its version is the digest of the files."""
        if self._folder is None or not (self._folder / project.id).is_dir():
            return None
        folders = sorted(path for path in (self._folder / project.id).iterdir() if (path / "workflow.py").is_file())
        return ProjectCode(tuple(_read(path) for path in folders), self.name)


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
    digest = hashlib.sha256(f"{workflow_code}\0{activities_code}".encode()).hexdigest()
    return WorkflowCode(folder.name, digest[:12], workflow_code, activities_code)
