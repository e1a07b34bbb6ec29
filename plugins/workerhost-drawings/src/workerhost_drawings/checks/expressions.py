"""Checks of the expressions in JavaScript of a drawing, before code is made of it."""

from collections.abc import Iterable, Mapping

from workerhost.drawing import CompileContext
from workerhost_drawings.checks.near import near
from workerhost_drawings.emitting.expressions import Expressions
from workerhost_drawings.emitting.naming import Names
from workerhost_drawings.javascript.uses import Uses, codes
from workerhost_drawings.problems import Findings

Said = Iterable[tuple[str, object]]
"""Nodes, and parts of the program that belong to them."""


def environment_names(said: Said, name: str, uses: Uses, context: CompileContext, findings: Findings) -> list[str]:
    """Return the names of the environment that a drawing reads; those that the project lacks are warned about.

    Args:
        said: where it is read.
        name: under which expressions know the environment.
        uses: of the compilation.
        context: what is known of the project.
        findings: where problems and warnings go.
    """
    given = context.settings.get("environment")
    known = given if isinstance(given, Mapping) else {}
    found: dict[str, None] = {}
    for use in (use for node, part in said for use in uses.names(part, node) if use.name == name):
        if use.member is None:
            findings.problem(f"The environment is read name by name, as {name}.NAME.", use.node, use.path)
            continue
        found[use.member] = None
        if use.member not in known:
            reason = f"The project's environment has no {use.member}; it is null in the run.{near(use.member, known)}"
            findings.warning(reason, use.node, use.path)
    return sorted(found)


def check_expressions(said: Said, names: Mapping[str, str], findings: Findings) -> None:
    """Note what is wrong with expressions, of a drawing of which nothing is made because of other problems.

    Args:
        said: where they stand.
        names: the locals that their names stand for.
        findings: where problems go.
    """
    compiled = Expressions(Names(), names, findings)
    for node, part in said:
        for _, each in codes(part):
            compiled.value(each, node)
