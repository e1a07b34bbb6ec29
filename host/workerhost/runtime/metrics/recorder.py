"""Keeps the metrics of this host."""

from workerhost.runtime.observing.observers import Observer


class MetricsRecorder(Observer):
    """The metrics of what happens in this host. Safe to use from any thread."""
