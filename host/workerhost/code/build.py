"""Builds: all code of one project at one moment, named by its id."""

import hashlib
import json
import keyword
from collections.abc import Mapping
from dataclasses import dataclass, field

from workerhost.errors import BuildRefusedError
from workerhost.model import BuildSummary, Problem, ProjectCode, WorkflowCode, is_valid_id
from workerhost.words import BuildId

PACKAGE = "workerhost_projects"
"""Name of the one top-level package below which the modules of every build live."""

DIGEST_LENGTH = 32
"""Hex digits of a digest: 128 bits, so that no two sources that a host ever sees share one."""


@dataclass(frozen=True)
class Build:
    """The sources of one project at one moment. Immutable; the same sources have the same id."""

    project_id: str
    modules: Mapping[str, str]
    """Source text by module name within the project, for example `billing.workflow`."""
    id: BuildId
    versions: Mapping[str, str] = field(default_factory=dict)
    """The version of each workflow by its name; no part of the digest."""

    @property
    def package(self) -> str:
        """Full name of the package that holds the build's modules; it carries project and build id."""
        project = self.project_id.replace("_", "_u").replace("-", "_d")  # `a-b` and `a_b` must not be one package
        return f"{PACKAGE}.p_{project}__{self.id}"

    def module_names(self) -> dict[str, str]:
        """Return the name of each module within the project, by the module's full name."""
        return {f"{self.package}.{name}": name for name in self.modules}


def make_build(project_id: str, code: ProjectCode) -> Build:
    """Lay out the active code of a project as modules.

    Raises:
        BuildRefusedError: a workflow's name is not valid, or the names of two make one module name.
    """
    folders: dict[str, str] = {}
    modules: dict[str, str] = {}
    for workflow in code.workflows:
        if not is_valid_id(workflow.name):  # the API has refused such a name, but a product may write any
            raise BuildRefusedError((Problem(f"a workflow cannot have the name {workflow.name!r}"),))
        folder = package_name(workflow.name)
        if folder in folders:
            reason = f"workflows {folders[folder]} and {workflow.name} would both be the package {folder}; rename one"
            raise BuildRefusedError((Problem(reason, module=folder),))
        folders[folder] = workflow.name
        modules[f"{folder}.workflow"] = workflow.workflow_code
        if workflow.activities_code is not None:
            modules[f"{folder}.activities"] = workflow.activities_code
    return Build(project_id, modules, _digest(modules), code.versions)


def stored_build(summary: BuildSummary) -> Build:
    """Return the build that a summary describes."""
    return Build(summary.project_id, summary.modules, summary.id, summary.versions)


def stored_code(summary: BuildSummary) -> tuple[WorkflowCode, ...]:
    """Return the code of each workflow in a build, with its version."""
    return tuple(
        WorkflowCode(
            name,
            version,
            summary.modules[f"{package_name(name)}.workflow"],
            summary.modules.get(f"{package_name(name)}.activities"),
        )
        for name, version in summary.versions.items()
    )


def _digest(modules: Mapping[str, str]) -> BuildId:
    text = json.dumps(sorted(modules.items()), ensure_ascii=False, separators=(",", ":"))
    # Half a surrogate pair is valid in JSON and in no encoding; the parser refuses such a source later.
    return BuildId(hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:DIGEST_LENGTH])


def package_name(name: str) -> str:
    """Return the package name of a workflow; Temporal's sandbox imports it with an `import` statement."""
    folder = name.replace("-", "_")
    return f"_{folder}" if folder[0].isdigit() or keyword.iskeyword(folder) else folder
