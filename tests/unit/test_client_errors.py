"""What errors of the client say beside their sentence."""

from workerhost.client import ApiError


def test_problems_of_a_drawing_begin_with_their_place_and_those_of_code_have_module_and_line() -> None:
    problems = [
        {"workflow": "order", "reason": "there is no activity sned", "node": "send-1", "path": "activityName"},
        {"reason": "the list is empty"},
        {"reason": "invalid syntax", "module": "order.workflow", "line": 3},
    ]
    error = ApiError("the drawing has 2 problems", "drawing_refused", 422, {"problems": problems})
    assert [str(each) for each in error.problems] == [
        "workflow order, node send-1, activityName: there is no activity sned",
        "the list is empty",
        "order.workflow, line 3: invalid syntax",
    ]
