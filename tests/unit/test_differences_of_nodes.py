"""Two drawings are compared node by node, by the code that they became."""

from collections.abc import Sequence

from workerhost.drawing import NodeLine
from workerhost.runtime.sources.drawn_nodes import MOST_LINES, DrawnCode, compare_nodes


def code(*lines: str) -> DrawnCode:
    """Return code in which each comment begins the node of that id."""
    places = [NodeLine(each.strip("# "), number) for number, each in enumerate(lines, 1) if each.strip()[:1] == "#"]
    return DrawnCode("order", "\n".join(lines) + "\n", places)


def changes(old: Sequence[str], new: Sequence[str]) -> list[tuple[str, str]]:
    return [(each.node, each.kind) for each in compare_nodes(code(*old), code(*new))]


def test_a_node_has_changed_where_its_code_has() -> None:
    old = ["first()", "# a", "x = 'one'", "# b", "y = 1"]
    assert changes(old, old) == []
    assert changes(old, [*old[:2], "x = 'o ne'", *old[3:]]) == [("a", "changed")]
    assert changes(old, [*old, "# c", "z = 1"]) == [("c", "added")]
    assert changes(old, old[:3]) == [("b", "removed")]
    assert changes(old, ["second()", *old[1:]]) == []


def test_a_node_that_stands_deeper_or_in_other_lines_is_the_same() -> None:
    old = ["# a", "x = 1", "# b", "call(1, [2, 3])"]
    new = [
        "# a",
        "x = 1",
        "# if",
        "if x:",
        "    # b",
        "    call(",
        "        1,",
        "        [",
        "            2,",
        "            3,",
    ]
    assert changes(old, [*new, "        ],", "    )"]) == [("if", "added")]


def test_the_order_is_that_of_the_code_and_removed_nodes_come_last() -> None:
    assert changes(["# z", "a()", "# m", "b()"], ["# m", "c()", "# a", "d()"]) == [
        ("m", "changed"),
        ("a", "added"),
        ("z", "removed"),
    ]


def test_nothing_is_said_of_code_that_is_no_python_or_too_long() -> None:
    assert changes(["# a", "x = (1"], ["# a", "x = 2"]) == []
    assert changes(["# a", *["x = 1"] * MOST_LINES], ["# a", "x = 2"]) == []
