"""Code that a check refuses with module, line and a reason of bounded length, whatever it does to be looked at."""

from typing import Any

import pytest

from support.refusals import refused
from workerhost.testing import ECHO, Api

HEAD = "from temporalio import activity, workflow\n"

WORKFLOW = """
@workflow.defn(name={name})
class Echo:
    @workflow.run
    async def run(self, message: str) -> str:
        return message
"""

SIGNAL = """
    @workflow.signal(name={name})
    def say(self) -> None:
        pass
"""

ACTIVITY = """
@activity.defn(name={name})
def act() -> None:
    pass
"""

METACLASS = """
class Meta(type):
    def __getattribute__(cls, name):
        if name == "__module__" or name.startswith("__temporal"):
            raise RuntimeError("not for you")
        return super().__getattribute__(name)

class Strange(metaclass=Meta):
    pass
"""

GETATTR = """
class Strange:
    def __call__(self):
        pass

    def __getattr__(self, name):
        raise SystemExit("not for you")

strange = Strange()
"""

ANSWER = """
import os
for number in range(3, 64):
    try:
        os.write(number, {answer!r})
    except OSError:
        pass
os._exit(0)
"""


def problems(api: Api, code: str) -> list[dict[str, Any]]:
    answer = refused(api, "POST", "/projects/shop/workflows/echo/check", {"workflowCode": code}, 422)
    found: list[dict[str, Any]] = answer["problems"]
    return found


@pytest.fixture
def shop(api: Api) -> Api:
    api.put("/projects/shop")
    return api


@pytest.mark.parametrize(
    ("name", "said"),
    [("", "is empty"), ("x" * 100_000, "has 100000 characters"), ("a\nb", "cannot be printed"), ("\x85", "printed")],
)
def test_names_that_nobody_can_use_are_refused_where_they_stand(shop: Api, name: str, said: str) -> None:
    fine = WORKFLOW.format(name="'Echo'")
    for code, lines in (
        (HEAD + WORKFLOW.format(name=repr(name)), {4}),
        (HEAD + fine + SIGNAL.format(name=repr(name)), {4, 10}),  # of its class or of itself
        (HEAD + fine + ACTIVITY.format(name=repr(name)), {10}),
    ):
        [problem] = problems(shop, code)
        assert said in problem["reason"]
        assert len(problem["reason"]) < 500
        assert problem["module"] == "echo.workflow"
        assert problem["line"] in lines


@pytest.mark.parametrize(("part", "line"), [(METACLASS, 22), (GETATTR, 20)])
def test_a_value_that_does_not_let_itself_be_looked_at_is_named(shop: Api, part: str, line: int) -> None:
    [problem] = problems(shop, HEAD + WORKFLOW.format(name="'Echo'") + part)
    assert problem["module"] == "echo.workflow"
    assert problem["line"] is not None
    assert problem["reason"]


def test_an_exception_text_of_megabytes_is_cut_and_said_so(shop: Api) -> None:
    [problem] = problems(shop, HEAD + "raise ValueError('x' * 3_000_000)")
    assert problem["reason"].startswith("ValueError: xxx")
    assert "(cut after 2000" in problem["reason"]
    assert (len(problem["reason"]) < 2100, problem["line"]) == (True, 2)


@pytest.mark.parametrize("answer", [b"[1,2]", b"{}", b"null", b"nonsense", b'{"problems": [{"reason": 7}]}', b"x" * 99])
def test_a_check_that_answers_something_else_is_refused(shop: Api, answer: bytes) -> None:
    [problem] = problems(shop, HEAD + ANSWER.format(answer=answer))
    assert problem["reason"] == "the code interferes with the process that checks it"


def test_a_byte_order_mark_is_fine(api: Api, project_id: str) -> None:
    api.deploy(project_id, body={"version": "1", "workflowCode": "\ufeff" + ECHO})
    assert api.run(project_id, "Echo", "tea") == "echo: tea"
    api.put(f"/projects/{project_id}/workflows/echo", {"version": "1", "workflowCode": ECHO})


def test_a_module_that_is_missing_is_named_and_one_that_is_imported_without_a_dot_is_told_so(shop: Api) -> None:
    for statement, said in (
        ("from .models import Order", "ModuleNotFoundError: No module named 'echo.models'"),
        ("from echo.workflow import Order", "as in `from .echo import …`"),
        ("from workflow import Order", "echo.workflow is a module of the project, whose modules import each other"),
    ):
        [problem] = problems(shop, f"{HEAD}{statement}\n{WORKFLOW.format(name=repr('Echo'))}")
        assert said in problem["reason"], statement
        assert (problem["module"], problem["line"]) == ("echo.workflow", 2)
