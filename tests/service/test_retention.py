"""What is kept, for how long, and what is deleted."""

import re
from datetime import date
from pathlib import Path

from workerhost.runtime.retention.rules import kept
from workerhost.runtime.retention.tidier import RetentionTidier
from workerhost.runtime.service import Service
from workerhost.settings import Settings
from workerhost.store.usage import UsageFigures, UsageRow
from workerhost.testing import Api

WATCH_IT = Path(__file__).parents[2] / "docs" / "observe.md"


def test_the_table_of_the_docs_is_what_is_kept() -> None:
    section = WATCH_IT.read_text().split("## What is kept\n")[1].split("\n## ")[0]
    rows = re.findall(r"^\| (?!what \|)(.+?) \| `(.+?)` \| (\d+) \| (?:`(\w+)` )?\|$", section, re.MULTILINE)

    assert rows == [
        (each.what, "` and `".join(each.tables), f"{each.days:g}", each.setting or "") for each in kept(Settings())
    ]


def test_the_api_shows_what_the_database_and_temporal_keep(api: Api, service: Service) -> None:
    answer = api.get("/retention")

    assert [each["days"] for each in answer["kept"]] == [each.days for each in kept(service.settings)]
    assert answer["temporal"]["namespace"] == "default"
    assert answer["temporal"]["days"] >= 1  # what the server was started with


def test_what_is_older_is_deleted_and_the_rest_stays(api: Api, service: Service, project_id: str) -> None:
    api.deploy(project_id)
    events = service.store.deployments.events(project_id)

    service.observation.tidier.forget_what_is_old()

    assert service.store.deployments.events(project_id) == events != []

    tidier = RetentionTidier(service.settings.model_copy(update={"events_days": 1e-9}), service.store)
    tidier.forget_what_is_old()

    assert service.store.deployments.events(project_id) == []


def test_figures_are_deleted_also_where_none_are_counted_any_more(service: Service, project_id: str) -> None:
    long_ago = date(2000, 1, 1)
    service.store.usage.save([UsageRow(project_id, long_ago, "gone", UsageFigures(actions=1))])
    settings = service.settings.model_copy(update={"statistics": False})

    RetentionTidier(settings, service.store).forget_what_is_old()

    assert service.store.usage.days(project_id, long_ago, long_ago) == []
