"""What this plugin gives to workerhost: a compiler of drawings."""

from importlib.metadata import version

from workerhost import hookimpl
from workerhost.drawing import Compilation, CompileContext
from workerhost_drawings.compiling import FRONT_ENDS, compile_drawing

DISTRIBUTION = "workerhost-drawings"


@hookimpl
def workerhost_compile(format: str, source: object, context: CompileContext) -> Compilation | None:
    """Compile a canvas graph, an Open Workflow document or a program in the intermediate form."""
    if format not in FRONT_ENDS:
        return None
    return compile_drawing(format, source, context, f"{DISTRIBUTION} {version(DISTRIBUTION)}")
