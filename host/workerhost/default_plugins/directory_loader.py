"""The code loader `directory`: a folder of `<project>/<workflow>/workflow.py` and `activities.py`."""

from pathlib import Path

from workerhost.folders import read_project
from workerhost.hookspecs import hookimpl
from workerhost.model import Project, ProjectCode


class DirectoryLoader:
    """Answers for every project that has a folder, for development. Safe to use from any thread; a call reads files.

    Args:
        folder: holds one folder per project; None answers for no project.
    """

    name = "directory"

    def __init__(self, folder: Path | None) -> None:
        self._folder = folder

    @hookimpl
    def workerhost_load_code(self, project: Project) -> ProjectCode | None:
        """Return the code in the project's folder; the version of each workflow is a digest of its files."""
        if self._folder is None or not (self._folder / project.id).is_dir():
            return None
        return ProjectCode(read_project(self._folder / project.id), self.name)
