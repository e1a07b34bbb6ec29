"""What differs between two versions or builds, and that finding it ends."""

import random
import subprocess
import time
from pathlib import Path

from workerhost.runtime.sources.differences import MOST_LINES, compare
from workerhost.words import ModuleChangeKind


def test_each_module_that_differs_has_a_unified_diff() -> None:
    old = {"a": "1\n2\n3\n4\n5\n6\n7\n8\n", "gone": "x = 1", "same": "s\n"}
    new = {"a": "1\n2\n3\n4\nfive\n6\n7\n8\n", "new": "", "same": "s\n"}
    found = compare(old, new)
    assert [(each.module, each.kind, each.reason) for each in found] == [
        ("a", ModuleChangeKind.CHANGED, None),
        ("gone", ModuleChangeKind.REMOVED, None),
        ("new", ModuleChangeKind.ADDED, None),
    ]
    changed, gone, added = (each.diff for each in found)
    assert changed == "--- a\n+++ a\n@@ -2,7 +2,7 @@\n 2\n 3\n 4\n-5\n+five\n 6\n 7\n 8\n"
    assert gone == "--- gone\n+++ /dev/null\n@@ -1 +0,0 @@\n-x = 1\n\\ No newline at end of file\n"
    assert added == "--- /dev/null\n+++ new\n"
    assert compare(old, old) == []


def test_a_diff_makes_the_new_source_of_the_old_one(tmp_path: Path) -> None:
    chance = random.Random(7)
    for number in range(20):
        old = [chance.choice("abcdefgh\u2028") + "\n" for _ in range(chance.randrange(60))]
        new = [line if chance.random() < 0.8 else "new\n" for line in old if chance.random() < 0.9]
        ends = chance.choice(("", "end", "end\n"))
        sources = {"m": "".join(old)}, {"m": "".join(new) + ends}
        for change in compare(*sources):
            folder = tmp_path / str(number)
            folder.mkdir()
            (folder / "m").write_text(sources[0]["m"], newline="")
            apply = ["git", "apply", "-p0", "--whitespace=nowarn", "-"]
            subprocess.run(apply, cwd=folder, input=change.diff, text=True, check=True)
            assert (folder / "m").read_text() == sources[1]["m"]


def test_sources_that_were_made_to_take_hours_are_given_up_in_time() -> None:
    lines = [f"line {number % 100}\n" for number in range(MOST_LINES)]
    other = list(lines)
    random.Random(1).shuffle(other)
    began = time.monotonic()
    found = compare({"a": "".join(lines), "b": "".join(lines)}, {"a": "".join(other), "b": "x\n"}, seconds=0.2)
    assert time.monotonic() - began < 10
    assert found[0].diff is None
    assert found[0].reason is not None
    assert found[0].reason.startswith("comparing the lines takes too long")


def test_modules_with_too_many_lines_are_not_compared() -> None:
    many = "x\n" * (MOST_LINES + 1)
    [found] = compare({"a": many}, {"a": "y\n"})
    assert (found.diff, found.reason) == (None, "the module has more than 10000 lines, which are not compared")
    [found] = compare({}, {"a": many})
    assert str(found.diff).count("\n+x") == MOST_LINES + 1
