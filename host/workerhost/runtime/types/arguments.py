"""Whether arguments fit what a workflow type, a signal, a query or an update takes, before anything is sent."""

import json
import math
import time
from collections.abc import Iterable, Sequence
from typing import Any

from temporalio.common import RawValue

from workerhost.code.schemas.types import WorkflowType
from workerhost.errors import InvalidArgumentsError, NotFoundError, WorkerhostError
from workerhost.model import Project
from workerhost.runtime.types.build_types import CheckedArguments, KnownTypes, TypesOfBuilds
from workerhost.store import Store
from workerhost.words import HOST_MESSAGES, BuildId, MessageKind, RunId

OWN_NAMES = ("__temporal", "__stack_trace", "__enhanced_stack_trace")
"""How the names of queries and signals begin that every workflow has from the SDK."""

LONGEST_CHECK_SECONDS = 0.1
"""How long one check may take. What takes longer, as a schema that refers to itself many times over, is let through."""

_UNKNOWN = object()
"""Stands for an argument that is no JSON, so that nothing can be said of it."""


class ArgumentChecker:
    """Checks arguments and names against the types of builds. Safe to use from any thread; every call may block.

    Of what is not known nothing is refused: types of a build that an earlier version has stored, annotations that say
    nothing, a check that takes too long.

    Args:
        store: tells which runs were moved.
        types: of builds.
    """

    def __init__(self, store: Store, types: TypesOfBuilds) -> None:
        self._store = store
        self._types = types

    def check_start(
        self,
        project: Project,
        builds: Iterable[BuildId],
        workflow_type: str,
        args: Sequence[Any],
        *,
        deadline: float = math.inf,
    ) -> None:
        """Check the arguments of a new run.

        Args:
            project: whose run it is to be.
            builds: ids of those that it may take. The arguments must fit each of them that has the workflow type.
            workflow_type: what is to run.
            args: JSON values, or values as Temporal has them.
            deadline: when many checks together give up and let the values through, in seconds of `time.monotonic`.

        Raises:
            InvalidArgumentsError: they do not fit; the sentence names the argument and its field.
        """
        for build_id in builds:
            known = self._types.known(project.id, build_id)
            workflow = known.workflow(workflow_type) if known else None
            if known and workflow:
                check_arguments(
                    f"workflow type {workflow_type}", known.checked(workflow, None, workflow), args, deadline
                )

    def check_message(  # noqa: PLR0913, PLR0917  all of it says what is sent
        self,
        project: Project,
        build_id: BuildId | None,
        workflow_type: str,
        kind: MessageKind,
        name: str,
        args: Sequence[Any],
        run_id: RunId | None = None,
    ) -> None:
        """Check the name and the arguments of a signal, a query or an update.

        Args:
            project: whose run it is for.
            build_id: of the build that the run's history names. None where it names none yet: then what any build that
                new runs take admits is admitted.
            workflow_type: of the run.
            kind: of the message.
            name: of the message.
            args: JSON values.
            run_id: of the run, where it may have been moved to another build.

        Raises:
            NotFoundError: the type has nothing of that kind and name; the sentence lists what it has.
            InvalidArgumentsError: the arguments do not fit.
        """
        if name.startswith(OWN_NAMES):
            return
        moved_to = self._store.moves.target(project.id, run_id) if build_id and run_id else None
        builds = [moved_to or build_id] if build_id else project.deployment.builds
        refusal: WorkerhostError | None = None
        for each in builds:
            known = self._types.known(project.id, each)
            workflow = known.workflow(workflow_type) if known else None
            if known is None or workflow is None:
                return
            try:
                _check_message(known, workflow, workflow_type, kind, name, args)
            except (NotFoundError, InvalidArgumentsError) as error:
                refusal = error
            else:
                return
        if refusal is not None:
            raise refusal


def check_arguments(taker: str, checked: CheckedArguments, args: Sequence[Any], deadline: float = math.inf) -> None:
    """Check arguments against what something takes.

    Args:
        taker: what they are for, as it is called in the sentence.
        checked: what it takes.
        args: JSON values, or values as Temporal has them.
        deadline: when the check lets them through at the latest, in seconds of `time.monotonic`.

    Raises:
        InvalidArgumentsError: they do not fit.
    """
    wanted = checked.arguments
    if len(args) < wanted.required:
        missing = f"args[{len(args)}]{_title(checked, len(args))} is required"
        raise InvalidArgumentsError(f"{missing}: {taker} takes {_number(wanted.required, wanted.most)}")
    if wanted.most is not None and len(args) > wanted.most:
        number = f"{taker} takes {_number(wanted.required, wanted.most)}, and not {len(args)}"
        raise InvalidArgumentsError(f"args[{wanted.most}] is one too many: {number}")
    deadline = min(deadline, time.monotonic() + LONGEST_CHECK_SECONDS)
    for index, (validator, value) in enumerate(zip(checked.validators, args, strict=False)):
        plain = _plain(value)
        problem = None if plain is _UNKNOWN else validator.problem(plain, deadline)
        if problem is not None:
            place, reason = problem
            raise InvalidArgumentsError(f"args[{index}]{place}: {reason}")


def _check_message(  # noqa: PLR0913, PLR0917  all of it says what is sent
    known: KnownTypes, workflow: WorkflowType, workflow_type: str, kind: MessageKind, name: str, args: Sequence[Any]
) -> None:
    message = known.message(workflow, kind, name)
    if message is not None:
        check_arguments(f"{kind} {name}", known.checked(workflow, kind, message), args)
    elif kind not in known.types.set_at_run_time:
        known_names = (each.name for each in workflow.messages.get(kind, ()))
        names = ", ".join(sorted(each for each in known_names if not each.startswith(HOST_MESSAGES))) or "none"
        raise NotFoundError(
            f"workflow type {workflow_type} has no {kind} {name}; it has: {names}", code=f"{kind}_not_found"
        )


def _title(checked: CheckedArguments, index: int) -> str:
    title = checked.items[index].get("title") if checked.arguments.is_array and index < len(checked.items) else None
    return f" ({title})" if isinstance(title, str) else ""


def _number(required: int, most: int | None) -> str:
    if most is None:
        return f"at least {required} arguments" if required != 1 else "at least 1 argument"
    if most == 0:
        return "no arguments"
    if required == most:
        return f"{most} argument" if most == 1 else f"{most} arguments"
    return f"{required} to {most} arguments" if required else f"at most {most} argument{'s' if most > 1 else ''}"


def _plain(value: Any) -> Any:
    """Return an argument as a JSON value; one that comes from Temporal may be something else."""
    if not isinstance(value, RawValue):
        return value
    encoding = value.payload.metadata.get("encoding", b"")
    if encoding == b"binary/null":
        return None
    if encoding != b"json/plain":
        return _UNKNOWN
    try:
        return json.loads(value.payload.data)
    except (ValueError, RecursionError):
        return _UNKNOWN
