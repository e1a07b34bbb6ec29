"""What a service asks Temporal's visibility store."""

from dataclasses import dataclass
from typing import Any

import pytest
from temporalio.client import Client

from workerhost.runtime.service import Service


@dataclass
class Questions:
    """How often the store was asked since the last `reset`, and how many executions it listed."""

    asked: int = 0
    listed: int = 0

    def reset(self) -> None:
        self.asked = self.listed = 0


def client_of(service: Service) -> Client:
    """Return the client that the service's API uses; it belongs to that client's own event loop."""

    async def look(client: Client) -> Client:
        return client

    return service.temporal.call(look)


def note_questions(service: Service, monkeypatch: pytest.MonkeyPatch) -> Questions:
    """Note what the service asks from now on."""
    found = Questions()
    store = client_of(service).workflow_service

    def note(name: str) -> None:
        ask = getattr(store, name)

        async def ask_and_note(*args: Any, **options: Any) -> Any:
            answer = await ask(*args, **options)
            found.asked += 1
            found.listed += len(getattr(answer, "executions", ()))
            return answer

        monkeypatch.setattr(store, name, ask_and_note)

    note("list_workflow_executions")
    note("count_workflow_executions")
    return found
