"""Collects in memory what a host writes to the statistics with its heartbeats."""

from workerhost.runtime.observing.observers import Observer


class StatisticsRecorder(Observer):
    """Counts what happens in this host, by project and hour. Safe to use from any thread."""
