"""One who watches a run, and what there is to tell."""

import threading
import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from workerhost.errors import InvalidRequestError
from workerhost.runtime.executions.execution import Execution
from workerhost.runtime.executions.history.step import Step
from workerhost.words import RunId


@dataclass(frozen=True)
class Seen:
    """How far a run was seen."""

    run_id: RunId
    event: int
    """The number of the last event of its history that was told."""

    def to_text(self) -> str:
        """Return this as the id of an event of a stream."""
        return f"{self.run_id}.{self.event}"

    @classmethod
    def of_text(cls, text: str) -> "Seen":
        """Return what the id of an event says.

        Raises:
            InvalidRequestError: it is not one that this service made.
        """
        run_id, _, event = text.partition(".")
        try:
            return cls(RunId(str(uuid.UUID(run_id))), int(event))
        except ValueError as error:
            raise InvalidRequestError("Last-Event-ID is not the id of an event of this stream") from error


@dataclass(frozen=True)
class StepChange:
    """A step, and the number of the event until which the history is told with it."""

    event: int
    step: Step


@dataclass(frozen=True)
class News:
    """What has happened since a viewer was told last."""

    changes: Sequence[StepChange] = ()
    """By their events. A step that changed several times is here once, as it is now."""
    execution: Execution | None = None
    """The execution, where it is to be told how it does."""
    is_last: bool = False
    """Whether nothing more will come."""


@dataclass(eq=False)
class Viewer:
    """Holds what one watcher was not told yet: the newest state of each step alone, so a slow one costs no more.

    Safe to use from any thread.

    Args:
        forget: called once, when the watcher has left.
    """

    forget: Callable[[], None]
    run_id: RunId = field(default_factory=lambda: RunId(""))
    """What is watched."""
    after: int = 0
    """Events up to this one are told no more, but for the steps that are not at their end."""
    is_gone: bool = False
    """Whether the watcher has left."""
    _steps: dict[str, StepChange] = field(default_factory=dict)
    _execution: Execution | None = None
    _is_ended: bool = False
    _news: threading.Condition = field(default_factory=threading.Condition)

    def tell(self, changes: Mapping[str, StepChange], execution: Execution | None = None) -> None:
        """Keep changes for the watcher, and how the execution does.

        Args:
            changes: by the ids of the steps.
            execution: as it is now; None where that is not to be told.
        """
        wanted = {
            number: change
            for number, change in changes.items()
            if change.event > self.after or not change.step.status.is_end
        }
        with self._news:
            self._steps |= wanted
            self._execution = execution or self._execution
            self._news.notify()

    def end(self) -> None:
        """Have the watcher go when it was told everything."""
        with self._news:
            self._is_ended = True
            self._news.notify()

    def take(self, seconds: float) -> News:
        """Return what there is to tell, after waiting for it at most so many seconds."""
        with self._news:
            self._news.wait_for(lambda: self._steps or self._execution or self._is_ended, seconds)
            changes = sorted(self._steps.values(), key=lambda change: change.event)
            news = News(changes, self._execution, is_last=self._is_ended)
            self._steps, self._execution = {}, None
            return news

    def leave(self) -> None:
        """Say that the watcher has gone: nothing is told any more. May be called again."""
        with self._news:
            if self.is_gone:
                return
            self.is_gone = self._is_ended = True
            self._news.notify()
        self.forget()
