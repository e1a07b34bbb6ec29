"""What all project workers of a host share."""

import threading
from collections.abc import Callable, Mapping
from concurrent.futures import Executor, ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

from workerhost.code.definitions import PluginActivity
from workerhost.observed import LogLine
from workerhost.plugins import Plugins
from workerhost.runtime.builds.active_code import ActiveCode
from workerhost.runtime.builds.loader import BuildLoader
from workerhost.runtime.builds.running_activities import RunningActivities
from workerhost.runtime.observing.observers import Observer
from workerhost.settings import Settings


@dataclass(frozen=True)
class WorkerContext:
    """Made once for each host; its parts may be used from any thread."""

    settings: Settings
    plugins: Plugins
    connect_options: Mapping[str, Any]
    """How clients connect to Temporal."""
    plugin_activities: Mapping[str, PluginActivity]
    """The activities of all plugins, by name."""
    active_code: ActiveCode
    """Makes the build of a project that has none yet."""
    loader: BuildLoader
    """Loads that build."""
    workflow_task_executor: ThreadPoolExecutor
    """Runs the workflow tasks of all projects."""
    blocking_executor: Executor
    """For what would block an event loop: queries, and fetching builds."""
    running_activities: RunningActivities
    """Where it is written down which activities run."""
    observer: Observer
    """Learns how activities end."""
    take_line: Callable[[LogLine], None]
    """Takes the lines of projects' logs that are said in the host; does not block."""
    start_slots: threading.Semaphore
    """Held by each worker from its first connection until it polls, so that not too many start at once."""
