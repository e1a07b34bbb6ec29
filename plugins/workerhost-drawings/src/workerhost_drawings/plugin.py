"""What this plugin gives to workerhost: a compiler of drawings, and activities that they call.

Every command of workerhost imports this module, and few of them need what it stands for, which takes most of a second
to import: so each hook imports what it needs itself.
"""

import pkgutil
from importlib.metadata import version

from workerhost import hookimpl
from workerhost.drawing import Compilation, CompileContext
from workerhost.model import ActivitySet
from workerhost_drawings import v1

DISTRIBUTION = "workerhost-drawings"


@hookimpl
def workerhost_compile(format: str, source: object, context: CompileContext) -> Compilation | None:
    """Compile a canvas graph, an Open Workflow document or a program in the intermediate form."""
    from workerhost_drawings.compiling import FRONT_ENDS, compile_drawing  # noqa: PLC0415

    if format not in FRONT_ENDS:
        return None
    return compile_drawing(format, source, context, f"{DISTRIBUTION} {version(DISTRIBUTION)}")


@hookimpl
def workerhost_register_code_modules() -> list[str]:
    """Name what drawn workflows import."""
    return [f"{v1.__name__}.{each.name}" for each in pkgutil.iter_modules(v1.__path__)]


@hookimpl
def workerhost_register_activity_sets() -> list[ActivitySet]:
    """Contribute the calls of Open Workflow, which reach no more than the code that makes them."""
    from workerhost_drawings.activities.calls import http_call, openapi_call  # noqa: PLC0415

    return [ActivitySet("calls", [http_call, openapi_call], beside_code=True)]
