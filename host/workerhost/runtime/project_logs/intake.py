"""Takes the lines of projects' logs in, without ever holding up who brings them."""

from workerhost.observed import LogLine


class LogIntake:
    """Lines that wait to be written. Safe to use from any thread, event loops among them."""

    def take(self, line: LogLine) -> None:
        """Take a line; what a project brings too much of is dropped, and counted."""
