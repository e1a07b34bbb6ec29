"""One project's worker: a thread with an event loop that serves one task queue."""
