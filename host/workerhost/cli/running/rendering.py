"""Steps of runs as people read them: a line for each change, and a table of all."""

from collections.abc import Iterator, Sequence
from datetime import UTC

from workerhost.answers import ExecutionInfo, FailureInfo, StepInfo, StuckInfo
from workerhost.cli.output import as_text, between, colored, cut, duration
from workerhost.words import StepKind, StepStatus, StuckCode

WORD_WIDTH = len("completed")
ARGUMENTS_WIDTH = 40
VALUE_WIDTH = 60
REASON_WIDTH = 200

WORDS: dict[str, str] = {StepKind.SIGNAL: "signal ", StepKind.UPDATE: "update ", StepKind.CHILD_WORKFLOW: "workflow "}
"""What is put before the name of a step that is no activity."""

HEAD = ("STEP", "WHAT", "STATUS", "TRIES", "TOOK", "RESULT OR REASON")


class ProgressLines:
    """Says of each change of a run what is new, in a line. Belongs to one thread."""

    def __init__(self) -> None:
        self._steps: dict[str, StepInfo] = {}
        self._execution: ExecutionInfo | None = None

    def lines(self, change: StepInfo | ExecutionInfo) -> Iterator[str]:
        """Yield a line for what is new in a step or an execution, none where that is of no interest."""
        if isinstance(change, ExecutionInfo):
            yield from self._of_execution(change)
        else:
            text = _news(change, self._steps.get(change.id))
            self._steps[change.id] = change
            if text:
                yield text

    def _of_execution(self, execution: ExecutionInfo) -> Iterator[str]:
        before, self._execution = self._execution, execution
        if before is not None and before.run_id != execution.run_id:
            self._steps.clear()
            yield _line("continued", f"as run {execution.run_id}")
        if execution.stuck and _is_news(execution.stuck, before):
            yield _line("stuck", cut(execution.stuck.reason, REASON_WIDTH))


def outcome_line(execution: ExecutionInfo) -> str:
    """Return how an execution has ended, and after which time."""
    took = between(execution.started_at, execution.closed_at)
    return colored(execution.status) + (f" in {took}" if took else "")


def step_rows(steps: Sequence[StepInfo]) -> list[tuple[object, ...]]:
    """Return the cells of a table of steps, below `HEAD`."""
    return [_row(step) for step in steps]


def step_title(step: StepInfo) -> str:
    """Return what a step is: its node, where it has one, and its label, or its name with its arguments."""
    return f"{cut(step.node, VALUE_WIDTH)}: {_title(step)}" if step.node else _title(step)


def _title(step: StepInfo) -> str:
    if step.kind == StepKind.TIMER:
        wait = step.input[0] if step.input else None
        name = f"timer {duration(wait / 1000).replace('.0 s', ' s')}" if isinstance(wait, int | float) else "timer"
        return f"{cut(step.label, VALUE_WIDTH)} ({name})" if step.label else name
    if step.label:
        return f"{cut(step.label, VALUE_WIDTH)} ({cut(step.name, VALUE_WIDTH)})"
    arguments = ", ".join(as_text(value) for value in step.input)
    return f"{WORDS.get(step.kind, '')}{cut(step.name, VALUE_WIDTH)}({cut(arguments, ARGUMENTS_WIDTH)})"


def failure_text(failure: FailureInfo) -> str:
    """Return a failure with what it was caused by, in a sentence."""
    parts: list[str] = []
    current: FailureInfo | None = failure
    while current is not None:
        if current.message and not any(current.message in part for part in parts):
            parts.append(current.message)
        current = current.cause
    return ": ".join(parts) or failure.type


def failed_node(failure: FailureInfo | None) -> str | None:
    """Return the node of the drawing at which a run failed, where one is known."""
    while failure is not None:
        if failure.node:
            return failure.node
        failure = failure.cause
    return None


def stack_trace(failure: FailureInfo | None) -> str | None:
    """Return the trace of where a failure began: that of the innermost cause which has one."""
    found = None
    while failure is not None:
        found = failure.stack_trace or found
        failure = failure.cause
    return found


def _is_news(stuck: StuckInfo, before: ExecutionInfo | None) -> bool:
    if stuck.code == StuckCode.ACTIVITY_RETRIES:  # each try has a line already
        return False
    known = before.stuck if before else None
    return known is None or (known.code, known.since) != (stuck.code, stuck.since)


def _news(step: StepInfo, before: StepInfo | None) -> str | None:
    title = step_title(step)
    if step.status == StepStatus.RETRYING:
        return None if before == step else _line("retrying", f"{title}, {_retry(step)}")
    if step.status in (StepStatus.SCHEDULED, StepStatus.RUNNING):
        if before is None:
            return _line("started", title + (f", try {step.attempt}" if step.attempt > 1 else ""))
        return _line("started", f"{title}, try {step.attempt}") if step.attempt > before.attempt else None
    if before is not None and before.status == step.status:
        return None
    return _line(_status(step), _ended(step, title))


def _retry(step: StepInfo) -> str:
    reason = f" failed: {cut(failure_text(step.failure), REASON_WIDTH)}" if step.failure else " failed"
    again = f"; again at {step.next_attempt_at.astimezone(UTC):%H:%M:%SZ}" if step.next_attempt_at else ""
    return f"try {step.attempt}{reason}{again}"


def _ended(step: StepInfo, title: str) -> str:
    took = _took(step)
    tries = f", {step.attempt} tries" if step.attempt > 1 else ""
    return f"{title}{f' in {took}' if took else ''}{tries}{_because(step)}"


def _because(step: StepInfo) -> str:
    if step.status == StepStatus.COMPLETED or step.failure is None:
        return ""
    return f": {cut(failure_text(step.failure), REASON_WIDTH)}"


def _took(step: StepInfo) -> str | None:
    """Return how long the run waited for a step; a signal is there at once."""
    return None if step.kind == StepKind.SIGNAL else between(step.scheduled_at, step.closed_at)


def _row(step: StepInfo) -> tuple[object, ...]:
    value = None
    if step.status != StepStatus.COMPLETED and step.failure:
        value = cut(failure_text(step.failure), VALUE_WIDTH)
    elif step.result is not None:
        value = as_text(step.result, VALUE_WIDTH)
    return step.id, step_title(step), colored(_status(step)), step.attempt, _took(step), value


def _status(step: StepInfo) -> str:
    return "timed out" if step.status == StepStatus.TIMED_OUT else str(step.status)


def _line(word: str, text: str) -> str:
    return f"{colored(word)}{' ' * max(0, WORD_WIDTH - len(word))}  {text}"
