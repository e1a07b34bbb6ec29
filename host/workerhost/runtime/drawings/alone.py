"""Compiles a drawing without a service: with the plugins that are installed here, and for no project yet."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager

from workerhost.code.checker import BuildChecker
from workerhost.code.loading import host_passthrough
from workerhost.code.schemas.types import BuildTypes
from workerhost.code.warm_process import WarmProcess
from workerhost.drawing import Compilation, DrawnWorkflow
from workerhost.model import Project
from workerhost.plugins import Plugins, create_plugins
from workerhost.runtime.catalogue import build_catalogue
from workerhost.runtime.drawings.compiler import DrawingCompiler
from workerhost.runtime.drawings.context import SurroundingsFinder
from workerhost.runtime.drawings.sent_types import SentTypes
from workerhost.words import DesiredState

CHECK_SECONDS = 30.0
"""How long loading the activities beside the drawing may take."""


def compile_alone(drawn: DrawnWorkflow, more: Iterable[tuple[str, object]] = ()) -> Compilation:
    """Return what comes of a drawing; with problems in it, where it would be refused. For the main thread; it blocks.

    The drawing may call the activities of plugins, and those of the code beside it.

    Args:
        drawn: the drawing, and the code beside it.
        more: names and objects of plugins beside those that are installed.

    Raises:
        UnknownFormatError: no compiler that is installed knows the format.
        BuildRefusedError: the code beside the drawing does not load.
        WorkerhostError: the compiler failed.
    """
    plugins = create_plugins(more)
    project = Project(drawn.name, drawn.name, f"{drawn.name}-queue", DesiredState.STOPPED)
    with _checker(plugins) as checker:
        surroundings = SurroundingsFinder(build_catalogue(plugins), lambda _: BuildTypes(), SentTypes(checker))
        return DrawingCompiler(plugins, surroundings).compile(project, drawn, lambda: ())


@contextmanager
def _checker(plugins: Plugins) -> Iterator[BuildChecker]:
    process = WarmProcess(plugins.code_modules())  # starts with the first check, if there is one
    try:
        yield BuildChecker(process, CHECK_SECONDS, host_passthrough(plugins.packages()))
    finally:
        process.stop()
