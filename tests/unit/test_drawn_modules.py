"""What counts for the id of a build of modules that were made of drawings: all but their comments."""

import time

import pytest

from workerhost import ProjectCode, WorkflowCode
from workerhost.code.build import make_build
from workerhost.code.drawn_modules import without_labels

FIRST = "# Compiled from a canvas drawing by workerhost-drawings 0.1.0. Change the drawing, not this.\n"


def build_id(source: str) -> str:
    return make_build("shop", ProjectCode((WorkflowCode("order", "1", source),), "test")).id


def test_the_ids_of_other_builds_stay_as_they_were() -> None:
    assert build_id("# a comment\nw = 1  # another\n") == "57b50275fdfc83ac908c945db37fa696"


@pytest.mark.parametrize(
    "source",
    [
        "# a comment\nw = 1\n",
        "\n" + FIRST + "# a comment\n",
        "# Compiled from a canvas drawing by hand.\n# a comment\n",
        FIRST.replace("Change", "Do not change") + "# a comment\n",
    ],
)
def test_a_module_that_was_not_made_of_a_drawing_counts_as_it_is(source: str) -> None:
    assert without_labels(source) == source


def test_comments_in_lines_of_their_own_become_empty_lines() -> None:
    source = FIRST + 'def run():\n    """It runs."""\n    # Send the mail\n    x = "# no comment"  # kept\n\n#Last'
    assert without_labels(source) == (FIRST + 'def run():\n    """It runs."""\n\n    x = "# no comment"  # kept\n\n')


@pytest.mark.parametrize(
    "text",
    [
        'x = """\n# text\n"""\n',
        "x = '''\n  # text\n'''\n",
        'x = "\\\n# text"\n',
        'def f():\n    """\n    # text\n    """\n',
        '"""One."""\nx = """Two\n# text\n"""\n',
        'x = f"""\n{1}\n# text\n"""\n',
    ],
)
def test_what_looks_like_a_comment_within_a_text_counts(text: str) -> None:
    assert without_labels(FIRST + text) == FIRST + text
    assert without_labels(f"{FIRST}# label\n{text}    # label\n") == f"{FIRST}\n{text}\n"


def test_quotes_in_a_label_change_nothing() -> None:
    plain, quoted = (f'{FIRST}# {label}\nx = 1\n    # more\ny = """\n# text"""\n' for label in ("a", "a \"\"\" ''' \\"))
    assert without_labels(plain) == without_labels(quoted)
    assert build_id(plain) == build_id(quoted)
    assert len({without_labels(f"{FIRST}# {label}\nx = 1\n") for label in ("a", 'a """', "a \\")}) == 1


def test_what_is_no_python_counts_as_it_is() -> None:
    source = FIRST + '# label\nx = """ without an end\n'
    assert without_labels(source) == source


def test_another_compiler_makes_another_build() -> None:
    assert build_id(FIRST + "x = 1\n") != build_id(FIRST.replace("0.1.0", "0.2.0") + "x = 1\n")


def test_a_drawing_of_a_thousand_nodes_takes_milliseconds() -> None:
    node = (
        '        # Label of a node\n        result = await workflow.execute_activity(\n            "send",\n        )\n'
    )
    source = FIRST + 'class Drawing:\n    """What was drawn."""\n' + 1000 * node
    best = float("inf")
    for _ in range(5):
        began = time.perf_counter()
        without_labels(source)
        best = min(best, time.perf_counter() - began)
    assert best < 0.05
