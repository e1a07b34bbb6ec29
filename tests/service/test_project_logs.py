"""The log of a project through the API: found, followed, and what is refused."""

import json
import threading
import time
from collections.abc import Iterator
from datetime import timedelta

import pytest

from support.log_lines import NOON, LogStream, log_line
from workerhost.api.observing import logs
from workerhost.code.warm_process import WarmProcess
from workerhost.observed import LogLevel
from workerhost.runtime.project_logs import feed
from workerhost.runtime.service import Service
from workerhost.settings import Settings
from workerhost.store.project_logs.values import StoredLine
from workerhost.testing import Api, eventually, running_service


@pytest.fixture(autouse=True)
def short_silence(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have streams say something soon, since who reads in this process leaves when something comes."""
    monkeypatch.setattr(logs, "QUIET_SECONDS", 0.2)


@pytest.fixture
def settings(settings: Settings) -> Settings:
    """Lines of times long ago stay."""
    return settings.model_copy(update={"project_logs_days": 36500})


@pytest.fixture
def project(api: Api, project_id: str) -> str:
    api.put(f"/projects/{project_id}", {}, 201)
    return project_id


@pytest.fixture
def there(settings: Settings, warm_process: WarmProcess) -> Iterator[Service]:
    """Another host."""
    with running_service(settings, warm_process=warm_process) as other:
        yield other


def take(service: Service, project: str, *messages: str, **values: object) -> None:
    for message in messages:
        service.observation.logs.take(log_line(message, project, **values))


def messages(api: Api, project: str, query: str = "") -> list[str]:
    return [each["message"] for each in api.get(f"/projects/{project}/logs?{query}")["lines"]]


def follow(api: Api, project: str, query: str = "", last: str | None = None) -> LogStream:
    return LogStream(api, f"/projects/{project}/logs?follow=true&{query}", last)


def test_a_line_is_found_with_all_that_is_known_of_it(api: Api, service: Service, project: str) -> None:
    take(
        service,
        project,
        "charged \x1b[31m",
        level=LogLevel.WARNING,
        workflow_id="order/1",
        run_id="run-1",
        workflow_type="Order",
        build_id="abc",
        activity="charge",
        attempt=2,
        node="pay",
        logger="shop",
        fields={"amount": 12.5},
    )
    take(service, project, "hello", run_id="run-2", at=NOON + timedelta(seconds=1))
    eventually(lambda: messages(api, project) == ["hello", "charged \x1b[31m"])
    page = api.get(f"/projects/{project}/logs?runId=run-1")
    assert page == {
        "lines": [
            {
                "at": "2026-01-31T12:00:00.000Z",
                "level": "warning",
                "message": "charged \x1b[31m",
                "workflowId": "order/1",
                "runId": "run-1",
                "workflowType": "Order",
                "buildId": "abc",
                "activity": "charge",
                "attempt": 2,
                "node": "pay",
                "logger": "shop",
                "fields": {"amount": 12.5},
            }
        ],
        "cursor": None,
    }
    for query in ("workflowId=order/1", "activity=charge", "node=pay", "level=warning", "text=CHARGED"):
        assert messages(api, project, query) == ["charged \x1b[31m"], query
    assert messages(api, project, "after=2026-01-31T12:00:01Z") == ["hello"]
    assert messages(api, project, "before=2026-01-31T12:00:01Z&level=debug") == ["charged \x1b[31m"]
    assert messages(api, project, "level=error") == []


def test_pages_go_on_where_they_ended_while_new_lines_come(api: Api, service: Service, project: str) -> None:
    take(service, project, *map(str, range(5)))
    eventually(lambda: len(messages(api, project)) == 5)
    first = api.get(f"/projects/{project}/logs?limit=3")
    take(service, project, "new")
    eventually(lambda: len(messages(api, project)) == 6)
    second = api.get(f"/projects/{project}/logs?limit=3&cursor={first['cursor']}")
    assert [each["message"] for page in (first, second) for each in page["lines"]] == ["4", "3", "2", "1", "0"]
    assert second["cursor"] is None
    assert api.get(f"/projects/{project}/logs?cursor=x", 400)["code"] == "invalid_request"


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("limit=0", "limit must be a whole number from 1 to 1000"),
        ("limit=1001", "limit must be a whole number from 1 to 1000"),
        ("level=loud", "level"),
        ("after=yesterday", "after must be a time with its zone"),
        ("text=", "text"),
        ("run=1", "run is not a known parameter"),
        ("follow=true&cursor=x", "follow goes with neither before nor cursor"),
        ("follow=true&before=2026-01-31T12:00:00Z", "follow goes with neither before nor cursor"),
    ],
)
def test_what_does_not_fit_is_refused_with_a_sentence(api: Api, project: str, query: str, said: str) -> None:
    assert api.get(f"/projects/{project}/logs?{query}", 400)["error"].startswith(said)


@pytest.mark.parametrize("query", ["", "follow=true"])
def test_a_last_event_that_is_none_of_the_stream_is_refused(api: Api, project: str, query: str) -> None:
    answer = api.client.get(f"/projects/{project}/logs?{query}", headers={"Last-Event-ID": "a;#"})
    assert answer.status_code == 400
    assert answer.get_json()["error"] == "Last-Event-ID is not the id of an event of this stream"


def test_a_project_that_does_not_exist_has_no_log_and_one_that_is_made_again_a_new_one(
    api: Api, service: Service, project: str
) -> None:
    take(service, project, "of the former")
    eventually(lambda: messages(api, project) == ["of the former"])
    api.delete(f"/projects/{project}")
    assert api.get(f"/projects/{project}/logs", 404)["code"] == "project_not_found"
    assert api.get(f"/projects/{project}/logs?follow=true", 404)["code"] == "project_not_found"
    api.put(f"/projects/{project}", {}, 201)
    assert messages(api, project) == []
    service.observation.log_trimmer.trim_logs()
    take(service, project, "of the new")
    eventually(lambda: messages(api, project) == ["of the new"])


def test_a_follower_gets_the_newest_lines_and_then_those_of_all_hosts_in_order(
    api: Api, service: Service, there: Service, project: str
) -> None:
    take(service, project, "0", "1", "2")
    eventually(lambda: len(messages(api, project)) == 3)
    streams = [follow(api, project, "limit=2"), follow(Api.of(there), project, "limit=0&level=error")]
    eventually(lambda: streams[0].messages() == ["1", "2"])
    threads = [
        threading.Thread(target=lambda host=host, name=name: take(host, project, *(f"{name}{n}" for n in range(200))))
        for host, name in ((service, "here"), (there, "there"))
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    take(there, project, "at last", level=LogLevel.ERROR)
    eventually(lambda: len(streams[0].messages()) == 2 + 401)
    eventually(lambda: streams[1].messages() == ["at last"])
    told = streams[0].messages()[2:]
    assert [each for each in told if each.startswith("here")] == [f"here{n}" for n in range(200)]
    assert [each for each in told if each.startswith("there")] == [f"there{n}" for n in range(200)]
    again = follow(api, project, last=streams[0].lines[-2].id)
    eventually(lambda: again.messages() == told[-1:])
    assert "at last" in told
    unnamed = follow(api, project, "level=error", last=streams[0].lines[0].id)
    eventually(lambda: unnamed.messages() == ["at last"])
    for each in (*streams, again, unnamed):
        each.leave()


def test_a_follower_that_falls_behind_misses_nothing(
    api: Api, service: Service, project: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(feed, "KEPT_LINES", 3)
    monkeypatch.setattr(feed, "READ_AT_ONCE", 7)
    stream = follow(api, project)
    take(service, project, *map(str, range(100)))
    eventually(lambda: stream.messages() == [str(number) for number in range(100)])
    stream.leave()


def test_one_who_names_a_line_that_is_not_there_yet_gets_those_that_come(
    api: Api, service: Service, project: str
) -> None:
    take(service, project, "before")
    eventually(lambda: messages(api, project) == ["before"])
    stream = follow(api, project, last="9" * 18)
    take(service, project, "after")
    eventually(lambda: stream.messages() == ["after"])
    stream.leave()


def test_a_line_is_made_text_once_for_all_who_follow() -> None:
    stored = StoredLine(7, log_line("one"))
    begin = time.perf_counter()
    texts = [logs.shown_line(stored) for _ in range(20_000)]
    assert time.perf_counter() - begin < 0.2  # else it takes most of a second
    assert texts[0] == texts[-1]
    assert texts[0].startswith("event: line\nid: 7\n")


def test_followers_are_bounded_and_go_when_their_host_stops(
    settings: Settings, warm_process: WarmProcess, project: str
) -> None:
    with running_service(settings.model_copy(update={"log_followers": 1}), warm_process=warm_process) as other:
        api = Api.of(other)
        first = follow(api, project)
        refused = api.get(f"/projects/{project}/logs?follow=true", 503)
        assert refused["code"] == "too_many_watchers"
        assert "WORKERHOST_LOG_FOLLOWERS" in refused["error"]
        take(other, project, "goes on")
        eventually(lambda: first.messages() == ["goes on"])
        first.leave()
        second = follow(api, project)
        other.drain()
        eventually(lambda: second.has_ended)
        second.leave()


def test_followers_on_all_hosts_are_done_when_the_project_is_deleted(
    api: Api, there: Service, service: Service, project: str
) -> None:
    other = f"{project}-other"
    api.put(f"/projects/{other}", {}, 201)
    streams = [follow(each, project) for each in (api, Api.of(there))]
    beside = follow(api, other)
    take(service, project, "last")
    eventually(lambda: [each.messages() for each in streams] == [["last"], ["last"]])
    api.delete(f"/projects/{project}")
    eventually(lambda: all(each.has_ended for each in streams))
    take(service, other, "goes on")
    eventually(lambda: beside.messages() == ["goes on"])
    beside.leave()


def test_where_logs_are_switched_off_the_call_says_so(
    settings: Settings, warm_process: WarmProcess, project: str
) -> None:
    with running_service(settings.model_copy(update={"project_logs": False}), warm_process=warm_process) as other:
        take(other, project, "unheard")
        refused = Api.of(other).get(f"/projects/{project}/logs", 409)
    assert refused["code"] == "project_logs_off"
    assert "WORKERHOST_PROJECT_LOGS" in refused["error"]


def test_the_document_says_that_the_log_can_be_followed(api: Api) -> None:
    described = api.get("/openapi.json")["paths"]["/projects/{projectId}/logs"]["get"]
    assert sorted(described["responses"]["200"]["content"]) == ["application/json", "text/event-stream"]
    assert "Last-Event-ID" in json.dumps(described["parameters"])
