"""The modules of workflows beside `workflow` and `activities`, and those that they bring for the whole project."""

from collections.abc import Collection, Mapping, Sequence

from workerhost.errors import BuildRefusedError
from workerhost.model import Problem, WorkflowCode
from workerhost.module_names import SHARED, doubles, modules_fault, shown


def further_modules(code: WorkflowCode) -> Mapping[str, str]:
    """Return a workflow's further modules, checked: a product or a plugin may have written anything there.

    Raises:
        BuildRefusedError: they are no sources by name, or a name is not valid; the problem names it.
    """
    modules, place = code.modules, f"modules of workflow {code.name}"
    if not isinstance(modules, Mapping):
        raise BuildRefusedError((Problem(f"{place} in version {code.version} are no object of names and sources"),))
    for name, source in modules.items():
        if not isinstance(name, str) or not isinstance(source, str):
            raise BuildRefusedError((Problem(f"{place} in version {code.version}: {shown(str(name))} is no text"),))
    if fault := modules_fault(modules):
        raise BuildRefusedError((Problem(f"{place} {fault}"),))
    return modules


def own_sources(code: WorkflowCode) -> dict[str, str]:
    """Return the sources of a workflow's package, by their names in it.

    Raises:
        BuildRefusedError: its further modules are not in order.
    """
    sources = {"workflow": code.workflow_code}
    if code.activities_code is not None:
        sources["activities"] = code.activities_code
    return sources | {name: text for name, text in further_modules(code).items() if not name.startswith(SHARED)}


def shared_modules(workflows: Sequence[WorkflowCode], folders: Collection[str]) -> dict[str, str]:
    """Return the modules that workflows bring for the whole project, by their names in its package.

    Args:
        workflows: of the project, whose further modules are in order.
        folders: the packages of these workflows.

    Raises:
        BuildRefusedError: two workflows bring different sources under one name, or a name is that of a package.
    """
    brought: dict[str, WorkflowCode] = {}
    for code in workflows:
        for name in code.modules:
            if name.startswith(SHARED):
                _refuse_other_source(name, brought.setdefault(name, code), code)
                _refuse_package(name, folders)
    if faults := doubles(brought):
        raise BuildRefusedError(tuple(Problem(f"modules of the project {fault}") for fault in faults))
    return {name.removeprefix(SHARED): code.modules[name] for name, code in brought.items()}


def _refuse_other_source(name: str, first: WorkflowCode, second: WorkflowCode) -> None:
    if first.modules[name] != second.modules[name]:
        reason = (
            f"workflow {first.name} in version {first.version} and workflow {second.name} in version {second.version} "
            f"bring different code as {name}, which the project has once; publish both with the same"
        )
        raise BuildRefusedError((Problem(reason, module=name.removeprefix(SHARED)),))


def _refuse_package(name: str, folders: Collection[str]) -> None:
    first = name.removeprefix(SHARED).partition(".")[0]
    if first in folders:
        reason = f"a module of the project cannot have the name {name}: {first} is the package of a workflow"
        raise BuildRefusedError((Problem(reason, module=name.removeprefix(SHARED)),))
