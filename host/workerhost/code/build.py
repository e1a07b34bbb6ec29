"""Builds: all code of one project at one moment, named by its id."""

import hashlib
import json
import keyword
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from workerhost.code.drawn_modules import without_labels
from workerhost.code.further_modules import own_sources, shared_modules
from workerhost.errors import BuildRefusedError
from workerhost.model import BuildSummary, Problem, ProjectCode, WorkflowCode, is_valid_id
from workerhost.module_names import PACKAGE_CODE, SHARED
from workerhost.words import BuildId

PACKAGE = "workerhost_projects"
"""Name of the one top-level package below which the modules of every build live."""

DIGEST_LENGTH = 32
"""Hex digits of a digest: 128 bits, so that no two sources that a host ever sees share one."""


@dataclass(frozen=True)
class Build:
    """The sources of one project at one moment. Immutable; the same sources have the same id.

    Comments of modules that were made of drawings do not count.
    """

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

    @property
    def folders(self) -> tuple[str, ...]:
        """Names of the packages of workflows within the project; other packages hold modules of all workflows."""
        return folders_of(self.modules)

    def full_name(self, name: str) -> str:
        """Return the full name of a module, or of the package whose code it is."""
        return f"{self.package}.{name}".removesuffix(f".{PACKAGE_CODE}")

    def module_names(self) -> dict[str, str]:
        """Return the name of each module within the project, by the module's full name."""
        return {self.full_name(name): name for name in self.modules}


def folders_of(modules: Iterable[str]) -> tuple[str, ...]:
    """Return the names of the packages of workflows among a build's modules: those with a module `workflow`."""
    return tuple(parts[0] for parts in (name.split(".") for name in modules) if parts[1:] == ["workflow"])


def make_build(project_id: str, code: ProjectCode) -> Build:
    """Lay out the active code of a project as modules.

    Raises:
        BuildRefusedError: a workflow's or a module's name is not valid, the names of two workflows make one package, or
            two workflows bring different modules of one name for the whole project.
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
        modules |= {f"{folder}.{name}": text for name, text in own_sources(workflow).items()}
    modules |= shared_modules(code.workflows, folders)
    return Build(project_id, modules, _digest(modules), code.versions)


def stored_build(summary: BuildSummary) -> Build:
    """Return the build that a summary describes."""
    return Build(summary.project_id, summary.modules, summary.id, summary.versions)


def stored_code(summary: BuildSummary) -> tuple[WorkflowCode, ...]:
    """Return the code of each workflow in a build, with its version; each brings all modules of the whole project."""
    folders = folders_of(summary.modules)
    shared = {
        f"{SHARED}{name}": text for name, text in summary.modules.items() if name.partition(".")[0] not in folders
    }
    return tuple(_stored_code(summary, name, version, shared) for name, version in summary.versions.items())


def _stored_code(summary: BuildSummary, name: str, version: str, shared: Mapping[str, str]) -> WorkflowCode:
    prefix = f"{package_name(name)}."
    own = {each.removeprefix(prefix): text for each, text in summary.modules.items() if each.startswith(prefix)}
    return WorkflowCode(name, version, own.pop("workflow"), own.pop("activities", None), {**own, **shared})


def _digest(modules: Mapping[str, str]) -> BuildId:
    counted = [(name, without_labels(source)) for name, source in sorted(modules.items())]
    text = json.dumps(counted, ensure_ascii=False, separators=(",", ":"))
    # Half a surrogate pair is valid in JSON and in no encoding; the parser refuses such a source later.
    return BuildId(hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:DIGEST_LENGTH])


def package_name(name: str) -> str:
    """Return the package name of a workflow; Temporal's sandbox imports it with an `import` statement."""
    folder = name.replace("-", "_")
    return f"_{folder}" if folder[0].isdigit() or keyword.iskeyword(folder) else folder
