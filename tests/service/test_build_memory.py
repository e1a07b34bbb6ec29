"""Builds that nobody needs leave the memory of a host, and come back when somebody does."""

import gc
import sys
from collections.abc import Callable

import pytest

from support.publishing import begin, end, mark_of, publish, shown, work
from workerhost.code.build import Build
from workerhost.code.importer import FINDER
from workerhost.runtime.builds.project_builds import ProjectBuilds
from workerhost.runtime.service import Service
from workerhost.settings import Settings
from workerhost.testing import Api, eventually
from workerhost.words import Isolation

MOST_LOADED = 3


@pytest.fixture
def settings(settings: Settings) -> Settings:
    """Few builds stay in memory, which is the host's."""
    return settings.model_copy(update={"max_loaded_builds": MOST_LOADED, "isolation": Isolation.THREAD})


Publish = Callable[[str], str]


@pytest.fixture
def published(api: Api, project_id: str) -> Publish:
    """Publishes a build of a project that runs, and returns its digest."""
    api.deploy(project_id, "work", work("A"))
    return lambda mark: str(publish(api, project_id, mark)["buildId"])


def _library(service: Service, project_id: str) -> ProjectBuilds:
    worker = service.host.worker(project_id)
    assert worker is not None
    return worker.builds


def _modules(project_id: str, digest: str) -> list[str]:
    """Return the names of a build's modules that this process has, after what nobody refers to is collected."""
    gc.unfreeze()  # the service sets old objects aside for a while
    gc.collect()
    build = Build(project_id, {}, digest)  # other tests may have left projects with the same code
    return [name for name in [*sys.modules, *FINDER._sources] if name.startswith(build.package)]


def _done(api: Api, project_id: str, name: str) -> str:
    """Run an execution to its end and return its workflow id."""
    workflow_id = f"{project_id}-{name}"
    begin(api, project_id, workflow_id, "Work")
    assert api.outcome(project_id, workflow_id)["status"] == "COMPLETED"
    return workflow_id


def test_a_drained_build_is_let_go_with_its_modules_and_still_answers_for_closed_runs(
    api: Api, service: Service, project_id: str, published: Publish
) -> None:
    old = shown(api, project_id)["currentBuild"]
    closed = _done(api, project_id, "closed")
    new = published("B")
    library = _library(service, project_id)
    assert old in library.cache.kept()
    assert _modules(project_id, old)

    def is_dropped() -> bool:
        service.tidier.drop_drained_builds()  # the visibility store is a little behind
        return old not in library.cache.kept()

    eventually(is_dropped)
    eventually(lambda: not _modules(project_id, old))
    assert library.cache.loaded(old) is None
    assert _modules(project_id, new)
    assert not [
        name
        for name in vars(sys.modules["workerhost_projects"])
        if name.endswith(f"__{old}") and project_id.rpartition("-")[2] in name
    ]

    assert mark_of(service, closed) == "A"
    assert _modules(project_id, old), "it came back to answer"
    assert api.run(project_id, "Work") == "B"


def test_a_build_with_open_runs_and_the_one_that_is_tried_are_not_let_go(
    api: Api, service: Service, project_id: str, published: Publish
) -> None:
    old = shown(api, project_id)["currentBuild"]
    begin(api, project_id, f"{project_id}-waits", "Work", "wait")
    assert mark_of(service, f"{project_id}-waits") == "A"
    new = published("B")
    tried = publish(api, project_id, "C", ramp=50)["buildId"]
    eventually(
        lambda: [each["openRunCount"] for each in shown(api, project_id)["builds"] if each["digest"] == old] == [1]
    )
    service.tidier.drop_drained_builds()
    assert set(_library(service, project_id).cache.kept()) == {old, new, tried}


def test_a_build_that_a_run_was_moved_to_is_not_let_go(
    api: Api, service: Service, project_id: str, published: Publish
) -> None:
    old = shown(api, project_id)["currentBuild"]
    middle = published("B")
    published("C")
    workflow_id = f"{project_id}-waits"
    begin(api, project_id, workflow_id, "Work", "wait")
    assert mark_of(service, workflow_id) == "C"
    api.post(f"/projects/{project_id}/executions/{workflow_id}/move", {"build": middle}, expect=200)
    library = _library(service, project_id)
    eventually(lambda: mark_of(service, workflow_id) == "B")

    def is_dropped() -> bool:
        service.tidier.drop_drained_builds()
        return old not in library.cache.kept()

    eventually(is_dropped)
    assert middle in library.cache.kept()
    assert end(api, project_id, workflow_id) == "B"


def test_a_build_that_a_cached_run_uses_is_not_forgotten_when_the_library_lets_it_go(
    api: Api, service: Service, project_id: str, published: Publish
) -> None:
    old = shown(api, project_id)["currentBuild"]
    workflow_id = f"{project_id}-waits"
    begin(api, project_id, workflow_id, "Work", "wait")
    assert mark_of(service, workflow_id) == "A"
    published("B")
    library = _library(service, project_id)
    library.cache.drop(old)
    assert old not in library.cache.kept()
    modules = _modules(project_id, old)
    assert modules
    loaded = library.cache.loaded(old)
    assert loaded is not None, "what a run uses is at hand for others"
    del loaded

    assert mark_of(service, workflow_id) == "A"
    assert end(api, project_id, workflow_id) == "A"
    eventually(lambda: not _modules(project_id, old))


def test_the_current_build_and_the_one_that_is_tried_stay_whatever_is_dropped(
    api: Api, service: Service, project_id: str, published: Publish
) -> None:
    current = shown(api, project_id)["currentBuild"]
    tried = publish(api, project_id, "B", ramp=50)["buildId"]
    library = _library(service, project_id)
    for digest in (current, tried):
        library.cache.drop(digest)
    assert set(library.cache.kept()) == {current, tried}


def test_few_builds_stay_in_memory_however_many_are_published(
    api: Api, service: Service, project_id: str, published: Publish
) -> None:
    digests = [shown(api, project_id)["currentBuild"]]
    runs = [_done(api, project_id, "A")]
    for mark in "BCDEFG"[: 2 * MOST_LOADED]:
        digests.append(published(mark))
        runs.append(_done(api, project_id, mark))
        assert len(_library(service, project_id).cache.kept()) <= MOST_LOADED
    assert _library(service, project_id).cache.kept() == digests[-MOST_LOADED:]
    for digest in digests[:-MOST_LOADED]:
        eventually(lambda digest=digest: not _modules(project_id, digest))  # type: ignore[misc]
    assert [mark_of(service, run) for run in runs] == list("ABCDEFG")
    assert len(_library(service, project_id).cache.kept()) <= MOST_LOADED


def test_what_was_used_least_recently_is_let_go_first(
    api: Api, service: Service, project_id: str, published: Publish
) -> None:
    first = shown(api, project_id)["currentBuild"]
    closed = _done(api, project_id, "A")
    second, third = published("B"), published("C")
    library = _library(service, project_id)
    assert library.cache.kept() == [first, second, third]
    assert mark_of(service, closed) == "A"
    assert library.cache.kept() == [second, third, first]
    fourth = published("D")
    assert library.cache.kept() == [third, first, fourth]


def test_a_build_can_be_published_again_after_it_was_forgotten(
    api: Api, service: Service, project_id: str, published: Publish
) -> None:
    old = shown(api, project_id)["currentBuild"]
    published("B")
    _library(service, project_id).cache.drop(old)
    eventually(lambda: not _modules(project_id, old))
    assert published("A") == old
    assert api.run(project_id, "Work") == "A"
