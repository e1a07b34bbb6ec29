"""Variables of projects."""

from workerhost.answers import VariableInfo
from workerhost.store import Variable


def variable_info(found: Variable) -> VariableInfo:
    """Return a variable as the API shows it."""
    return VariableInfo(
        scope=found.scope, name=found.name, value=found.value, version=found.version, updated_at=found.updated_at
    )
