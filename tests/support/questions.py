"""What a service asks Temporal."""

from dataclasses import dataclass, field
from typing import Any

import pytest
from temporalio.client import Client

from workerhost.runtime.service import Service


@dataclass
class Questions:
    """What Temporal was asked since the last `reset`, by the names of its calls, and how many executions it listed."""

    asked: list[str] = field(default_factory=list)
    listed: int = 0

    def reset(self) -> None:
        self.asked, self.listed = [], 0


def client_of(service: Service) -> Client:
    """Return the client that the service's API uses; it belongs to that client's own event loop."""

    async def look(client: Client) -> Client:
        return client

    return service.temporal.call(look)


def note_questions(service: Service, monkeypatch: pytest.MonkeyPatch) -> Questions:
    """Note what the service asks from now on."""
    found = Questions()
    temporal = client_of(service).workflow_service

    def note(name: str) -> None:
        ask = getattr(temporal, name)

        async def ask_and_note(*args: Any, **options: Any) -> Any:
            answer = await ask(*args, **options)
            found.asked.append(name)
            found.listed += len(getattr(answer, "executions", ()))
            return answer

        monkeypatch.setattr(temporal, name, ask_and_note)

    for name in [each for each in dir(temporal) if each.startswith(("count_", "describe_", "get_", "list_"))]:
        note(name)
    return found
