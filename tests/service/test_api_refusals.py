"""Code that must not run is refused with its place and its reason, and with nothing of the server in it."""

import os
from pathlib import Path

import temporalio

from support.refusals import dump, refused
from workerhost.runtime.service import Service
from workerhost.testing import ECHO, Api

FORBIDDEN = {
    "import datetime\nx = datetime.datetime.now()": "datetime.datetime.now",
    "import secrets\nx = secrets.token_hex()": "secrets.token_hex",
    "import random\nx = random.choice([1])": "random.choice",
    "import pathlib\nwith pathlib.Path('/dev/null').open() as x: pass": "pathlib.Path.open",
}


def test_what_the_sandbox_forbids_at_import_is_named_with_its_line(api: Api, service: Service, project_id: str) -> None:
    api.deploy(project_id)
    before = dump(service)
    for line, name in FORBIDDEN.items():
        body = {"version": "1", "workflowCode": ECHO.replace("class Echo", "class Other") + "\n" + line + "\n"}
        refused(api, "PUT", f"/projects/{project_id}/workflows/bad", body, 422, "bad.workflow, line 12", name)
    assert dump(service) == before
    assert api.run(project_id, "Echo", "hello") == "echo: hello"


REFUSED = [
    "from json import nothing",
    "from temporalio import nothing",
    "import workerhost.nothing",
    "from .activities import nothing",
    "from . import nothing",
    "from ..nowhere.workflow import Nothing",
    "from ....beyond import Nothing",
    "from .workflow import Echo",
    "x = '\x00'",
    "# -*- coding: latin-17 -*-\nx = 1",
    "x = " + "(" * 5_000 + ")" * 5_000,
    "x = " + "-" * 100_000 + "1",
    "class Rude(Exception):\n    def __str__(self):\n        raise self\n\nraise Rude",
    "raise BaseException('no more')",
    "raise KeyboardInterrupt",
    "import os, signal\nos.kill(os.getpid(), signal.SIGKILL)",
    "import os\nos.closerange(0, 1000)",
    "import threading\nthreading.stack_size(-1)",
    "def f():\n    f()\nf()",
    "import ctypes\nctypes.string_at(0)",
]


def test_a_refusal_says_nothing_about_the_server(api: Api, service: Service, project_id: str) -> None:
    api.put(f"/projects/{project_id}")
    before = dump(service)
    secrets = [str(Path(temporalio.__file__).parent), str(Path(os.__file__).parent), "workerhost_projects", "<frozen"]
    for code in REFUSED:
        body = {"version": "1", "workflowCode": code, "activitiesCode": "from temporalio import activity\n"}
        answer = refused(api, "PUT", f"/projects/{project_id}/workflows/bad", body, 422)
        for secret in [*secrets, str(service.settings.database_url), "/lib/python"]:
            assert secret not in answer["error"], code
        assert answer["problems"]
    assert dump(service) == before


def test_workflows_that_import_each_other_in_a_circle_are_refused_in_words_of_the_project(
    api: Api, project_id: str
) -> None:
    api.deploy(project_id)
    shop = "from ..echo.workflow import Echo\n" + ECHO.replace("class Echo", "class Shop")
    api.put(f"/projects/{project_id}/workflows/shop", {"version": "1", "workflowCode": shop})
    body = {"version": "2", "workflowCode": "from ..shop.workflow import Shop\n" + ECHO}
    answer = refused(api, "PUT", f"/projects/{project_id}/workflows/echo", body, 422, "shop.workflow, line 1")
    assert "cannot import name 'Echo' from 'echo.workflow'" in answer["error"].replace(
        "partially initialized module ", ""
    )
    assert "@" not in answer["error"], "the name of a file that exists only in memory helps nobody"


def test_every_module_with_a_syntax_error_is_named(api: Api, project_id: str) -> None:
    api.put(f"/projects/{project_id}")
    body = {"version": "1", "workflowCode": "def f(:\n", "activitiesCode": "\n\nx = = 1\n"}
    answer = refused(api, "PUT", f"/projects/{project_id}/workflows/bad", body, 422)
    places = [(problem["module"], problem["line"]) for problem in answer["problems"]]
    assert places == [("bad.workflow", 1), ("bad.activities", 3)]


def test_an_earlier_version_that_no_longer_loads_is_not_activated(api: Api, service: Service, project_id: str) -> None:
    shop = ECHO.replace("class Echo", "class Shop")
    api.deploy(project_id)
    path = f"/projects/{project_id}/workflows/shop"
    api.put(path, {"version": "1", "workflowCode": "from ..echo.workflow import Echo\n" + shop})
    api.put(path, {"version": "2", "workflowCode": shop})
    api.delete(f"/projects/{project_id}/workflows/echo")
    before = dump(service)
    refused(api, "POST", f"{path}/activate", {"version": "1"}, 422, "shop.workflow, line 1")
    assert dump(service) == before
    assert api.run(project_id, "Shop", "hello") == "echo: hello"


def test_a_workflow_that_another_imports_is_not_deleted(api: Api, service: Service, project_id: str) -> None:
    api.deploy(project_id)
    code = "from ..echo.workflow import Echo\n" + ECHO.replace("class Echo", "class Shop")
    api.put(f"/projects/{project_id}/workflows/shop", {"version": "1", "workflowCode": code})
    before = dump(service)
    refused(api, "DELETE", f"/projects/{project_id}/workflows/echo", None, 422, "shop.workflow, line 1")
    assert dump(service) == before
    assert api.run(project_id, "Shop", "hello") == "echo: hello"


def test_two_workflows_of_one_name_in_one_module_name_both_lines(api: Api, project_id: str) -> None:
    twice = ECHO + ECHO.replace("class Echo", "class Other").replace("@workflow.defn", "@workflow.defn(name='Echo')")
    api.put(f"/projects/{project_id}")
    path = f"/projects/{project_id}/workflows/x"
    answer = refused(api, "PUT", path, {"version": "1", "workflowCode": twice}, 422, "workflow Echo is defined twice")
    assert answer["error"].count("x.workflow, line") == 2


def test_a_thread_that_the_code_leaves_running_does_not_hold_up_its_check(api: Api, project_id: str) -> None:
    api.put(f"/projects/{project_id}")
    code = "import threading, time\nthreading.Thread(target=time.sleep, args=(60,)).start()\n"
    body = {"version": "1", "workflowCode": ECHO, "activitiesCode": code}
    assert api.put(f"/projects/{project_id}/workflows/echo", body, expect=200)["success"] is True
