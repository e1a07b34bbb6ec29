"""A project's code in files: a folder or a drawing for each workflow, and the modules of the whole project beside
them."""

from workerhost.folders.project import (
    FolderCode,
    code_digest,
    holds_workflows,
    read_drawn,
    read_folder,
    workflows_of,
)

__all__ = ["FolderCode", "code_digest", "holds_workflows", "read_drawn", "read_folder", "workflows_of"]
