"""A project's code in files: a folder for each workflow, and the modules of the whole project beside them."""

from workerhost.folders.project import (
    FolderCode,
    code_digest,
    read_folder,
    workflow_folders,
    workflows_of,
)

__all__ = ["FolderCode", "code_digest", "read_folder", "workflow_folders", "workflows_of"]
