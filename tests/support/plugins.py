"""Plugins that several tests use."""

from workerhost import Project, ProjectCode, WorkflowCode, hookimpl
from workerhost.testing import ECHO


class Loading:
    """A code loader whose code says who loaded it."""

    def __init__(self, mark: str) -> None:
        self._mark = mark

    @hookimpl
    def workerhost_load_code(self, project: Project) -> ProjectCode | None:
        code = WorkflowCode("echo", "1", ECHO.replace("echo:", f"{self._mark}:"))
        return ProjectCode((code,), self._mark) if self._mark in project.id else None
