"""Counts of open runs where there are very many of them, or very many builds. No worker runs."""

import asyncio
from collections.abc import Mapping

import pytest
from temporalio.client import Client
from temporalio.common import SearchAttributeKey, SearchAttributePair, TypedSearchAttributes

from support.questions import note_questions
from workerhost.model import DYNAMIC, Project
from workerhost.runtime.builds.runner import MARKER
from workerhost.runtime.executions import open_runs
from workerhost.runtime.executions.open_runs import OpenRunCounter
from workerhost.runtime.service import Service
from workerhost.testing import Api, eventually

VERSIONS = SearchAttributeKey.for_keyword_list("TemporalChangeVersion")


@pytest.fixture
def project(api: Api, service: Service, project_id: str) -> Project:
    api.put(f"/projects/{project_id}")
    return service.store.projects.get(project_id)


def begin(service: Service, project: Project, counts: Mapping[str, Mapping[str, int]]) -> None:
    """Begin runs that name their build as a worker would have them do; `counts` has builds, types and numbers."""

    async def begin_all(client: Client) -> None:
        await asyncio.gather(
            *(
                client.start_workflow(
                    workflow_type,
                    id=f"{project.id}-{build}-{workflow_type}-{number}",
                    task_queue=project.task_queue,
                    search_attributes=TypedSearchAttributes([SearchAttributePair(VERSIONS, ["mine", MARKER + build])]),
                )
                for build, types in counts.items()
                for workflow_type, count in types.items()
                for number in range(count)
            )
        )

    service.temporal.call(begin_all)
    query = f"TaskQueue = '{project.task_queue}'"
    total = sum(sum(types.values()) for types in counts.values())
    eventually(lambda: service.temporal.call(lambda client: client.count_workflows(query)).count == total)


def test_runs_of_very_many_builds_take_few_questions(
    service: Service, project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    counts = {f"build-{number}": {"Work": 1} for number in range(60)}
    begin(service, project, counts)
    questions = note_questions(service, monkeypatch)
    types = {build: ["Work", "Other"] for build in counts}
    found = OpenRunCounter(service.temporal).count(project, {**types, "without": ["Work"]}, [])
    assert found == {**counts, "without": {}}
    assert len(questions.asked) <= 2


@pytest.mark.parametrize("builds_at_once", [1, 2, 8])
def test_builds_with_very_many_runs_are_counted_without_reading_these(
    service: Service, project: Project, monkeypatch: pytest.MonkeyPatch, builds_at_once: int
) -> None:
    monkeypatch.setattr(open_runs, "MOST_READ", 5)
    monkeypatch.setattr(open_runs, "BUILDS_AT_ONCE", builds_at_once)
    counts = {
        "new": {"Work": 20, "Any": 3},
        "older": {"Other": 2},
        "oldest": {"Work": 1, "Other": 1},
        "strange": {"X": 1},
    }
    begin(service, project, counts)
    questions = note_questions(service, monkeypatch)
    types = {"new": ["Work", DYNAMIC], "empty": ["Work"], "older": ["Work", "Other"], "oldest": ["Other", DYNAMIC]}
    found = OpenRunCounter(service.temporal).count(project, types, [])
    assert found == {
        "new": {"Work": 20, DYNAMIC: 3},
        "empty": {},
        "older": {"Other": 2},
        "oldest": {"Other": 1, DYNAMIC: 1},
    }
    assert questions.listed <= 5
