"""The settings of what looks on while projects run: statistics, usage, metrics, logs, and how long they are kept."""

from enum import StrEnum

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict


class LogFormat(StrEnum):
    """How the lines of the service's log are written."""

    AUTO = "auto"
    """For people where standard error is a terminal, as JSON elsewhere."""
    CONSOLE = "console"
    """For people."""
    JSON = "json"
    """One object a line, for programs."""


class ObservationSettings(BaseSettings):
    """A part of the settings of one process."""

    model_config = SettingsConfigDict(env_prefix="WORKERHOST_", populate_by_name=True, frozen=True, extra="ignore")

    workers_days: float = Field(
        default=7, gt=0, allow_inf_nan=False, description="Days that the rows of workers that have stopped are kept."
    )
    batches_days: float = Field(
        default=30, gt=0, allow_inf_nan=False, description="Days that batches which have ended are kept."
    )
    events_days: float = Field(
        default=400,
        gt=0,
        allow_inf_nan=False,
        description="Days that it is kept what was published, promoted, rolled back or moved.",
    )
    usage_days: int = Field(
        default=400, ge=1, le=36500, description="Days for which is kept what projects have used on each."
    )
    statistics: bool = Field(
        default=True,
        description="Whether it is counted how activities and runs end, how long they take, and what projects use.",
    )
    statistics_hours_kept_days: int = Field(
        default=14,
        ge=1,
        le=3650,
        description="Days after which the statistics of hours are rolled up into those of their day.",
    )
    statistics_days_kept_days: int = Field(
        default=400, ge=1, le=36500, description="Days after which the statistics of days are deleted."
    )
    metrics: bool = Field(
        default=True, description="Whether hosts count what happens and answer `GET /metrics` with it."
    )
    metrics_projects: int = Field(
        default=100,
        ge=1,
        le=10_000,
        description="Projects that a host names in its metrics: the busiest ones; all others are `other` together.",
    )
    metrics_port: int = Field(
        default=0,
        ge=0,
        le=65535,
        description="Port on which `workerhost host` answers `GET /metrics`, at WORKERHOST_BIND; 0 for none.",
    )
    project_logs: bool = Field(
        default=True,
        description="Whether the lines that the code of projects logs and prints are kept, and shown by the API.",
    )
    project_logs_mb: int = Field(
        default=50, ge=1, description="Megabytes of lines that are kept of each project; past that the oldest go."
    )
    project_logs_days: int = Field(
        default=7, ge=1, le=36500, description="Days for which the lines of projects are kept."
    )
    project_logs_rate: int = Field(
        default=1000,
        ge=1,
        description="Lines a second that a project may log on a host; a line of several KiB counts several times. Five "
        "times as many may come at once. What is more is dropped, and the log says how much.",
    )
    log_followers: int = Field(
        default=100, ge=1, description="Callers that may follow logs of projects at once, beside all other calls."
    )
    log_level: str = Field(
        default="INFO",
        pattern="^(DEBUG|INFO|WARNING|ERROR)$",
        description="Least severe log lines that are written: DEBUG, INFO, WARNING or ERROR.",
    )
    log_format: LogFormat = Field(
        default=LogFormat.AUTO,
        description="Form of the log lines: `console` for people, `json` for programs, `auto` for `console` on a "
        "terminal and `json` elsewhere.",
    )
    log_requests: bool = Field(
        default=True, description="Whether the log has a line for each request to the control API."
    )
    show_project_lines: bool = Field(
        default=False,
        description="Whether the lines of projects' logs are written to the service's own log, too; `dev` does so.",
    )
