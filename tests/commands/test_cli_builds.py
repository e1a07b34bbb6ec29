"""The commands about builds, as processes: deploy, status of a project, rollback, promote, move."""

from pathlib import Path

import pytest

from support import GREETING, GREETING_ACTIVITIES
from support.commands import call, call_json
from workerhost import Client
from workerhost.testing import ECHO, eventually


def write(folder: Path, name: str, code: str, activities: str | None = None) -> str:
    """Write a workflow's files, and return the folder of its project."""
    (folder / name).mkdir(parents=True, exist_ok=True)
    (folder / name / "workflow.py").write_text(code)
    if activities is not None:
        (folder / name / "activities.py").write_text(activities)
    return str(folder)


def write_greeting(folder: Path, mark: str) -> str:
    return write(folder, "greeting", GREETING.replace("MARK", mark), GREETING_ACTIVITIES.replace("MARK", mark))


@pytest.fixture
def folder(tmp_path: Path) -> str:
    return write(tmp_path / "shop", "echo", ECHO)


def test_deploy_makes_the_project_publishes_its_folder_and_starts_it(
    client: Client, project_id: str, folder: str
) -> None:
    done = call(client, "deploy", project_id, folder, "--version", "7")
    assert f"{project_id}/echo" in done.stdout
    assert f"Worker started for project {project_id}" in done.stdout
    assert client.run(project_id, "Echo", "tea") == "echo: tea"
    answer = call_json(client, "deploy", project_id, folder, "--version", "7")
    assert answer["workflows"] == [{"workflowId": f"{project_id}/echo", "version": "7"}]
    assert answer["changed"] is False


def test_deploy_shows_every_problem_with_module_and_line(client: Client, project_id: str, tmp_path: Path) -> None:
    write(tmp_path, "bad", "\nx = (")
    write(tmp_path, "worse", "import nothing_such\n")
    done = call(client, "deploy", project_id, str(tmp_path), expect=1)
    assert done.stdout == ""
    assert done.stderr.startswith("workerhost: bad.workflow, line 2: SyntaxError")
    assert all(line.startswith("workerhost: ") for line in done.stderr.splitlines())


def test_deploy_shows_the_problems_of_drawings_and_names_files_that_are_none(
    client: Client, project_id: str, tmp_path: Path
) -> None:
    write(tmp_path, "echo", ECHO)
    (tmp_path / "package.json").write_text("{}")
    done = call(client, "deploy", project_id, str(tmp_path))
    assert done.stderr == "left out: package.json: it is no drawing\n"
    (tmp_path / "order.json").write_text('{"nodes": [], "edges": []}')
    done = call(client, "deploy", project_id, str(tmp_path), expect=1)
    assert "workerhost: " in done.stderr
    assert client.run(project_id, "Echo", "tea") == "echo: tea"


def test_compile_refuses_what_is_no_drawing_with_a_sentence(client: Client, project_id: str, tmp_path: Path) -> None:
    (tmp_path / "package.json").write_text("{}")
    done = call(None, "compile", str(tmp_path / "package.json"), expect=1)
    assert done.stderr.endswith("workerhost: package.json cannot be compiled: it is no drawing\n")
    (tmp_path / "order.json").write_text('{"nodes": [], "edges": []}')
    assert "--project" in call(client, "compile", str(tmp_path / "order.json"), expect=2).stderr
    missing = call(client, "compile", str(tmp_path / "order.json"), "--project", project_id, expect=1)
    assert f"project {project_id} does not exist" in missing.stderr


def test_deploy_takes_every_module_and_names_the_files_that_it_leaves_out(
    client: Client, project_id: str, tmp_path: Path
) -> None:
    code = ECHO.replace('f"echo: {text}"', "mark(text)")
    folder = write(tmp_path, "order", f"from .rules.marks import mark\n{code}")
    for name, source in {
        "prefixes.py": "PREFIX = 'order'\n",
        "order/rules/__init__.py": '"""Nothing but words."""\n',
        "order/rules/marks.py": "from ...prefixes import PREFIX\n\n\ndef mark(text):\n    return f'{PREFIX}: {text}'\n",
        "order/2nd.py": "",
        "order/test_order.py": "import pytest\n",
        "order/.hidden.py": "",
        "order/__pycache__/rules.py": "",
        "order/README.md": "",
        "scripts/fill.py": "raise SystemExit\n",
    }.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(source)
    done = call(client, "deploy", project_id, folder)
    assert done.stderr.splitlines() == [
        "left out: scripts/: it has neither a workflow.py nor an __init__.py",
        "left out: order/2nd.py: its name is not a Python name",
        "left out: order/test_order.py: it holds tests",
    ]
    assert client.run(project_id, "Echo", "tea") == "order: tea"
    (tmp_path / "order" / "rules" / "marks.py").write_text("import nothing_such\n")
    refused = call(client, "deploy", project_id, folder, expect=1)
    assert refused.stderr.splitlines()[-1].startswith("workerhost: order.rules.marks, line 1: ModuleNotFoundError")


def test_a_dry_run_a_smoke_run_and_no_start(client: Client, project_id: str, folder: str) -> None:
    call(client, "deploy", project_id, folder, "--no-start")
    assert client.status(project_id).status == "stopped"
    client.start(project_id)
    write(Path(folder), "echo", ECHO.replace("echo:", "ECHO:"))
    assert call_json(client, "deploy", project_id, folder, "--dry-run")["dryRun"] is True
    done = call(client, "deploy", project_id, folder, "--smoke", "Echo", "--smoke-arg", '"tea"')
    assert "COMPLETED" in done.stdout
    write(Path(folder), "echo", ECHO.replace("echo:", "Echo:"))
    refused = call(client, "deploy", project_id, folder, "--smoke", "Echo", "--smoke-timeout", "5", expect=1)
    assert refused.stderr.splitlines()[-1].startswith("workerhost: ")
    assert client.run(project_id, "Echo", "tea") == "ECHO: tea"


def test_status_shows_the_builds_the_ramp_and_what_happened(client: Client, project_id: str, folder: str) -> None:
    first = call_json(client, "deploy", project_id, folder)["buildId"]
    write(Path(folder), "echo", ECHO.replace("echo:", "ECHO:"))
    ramped = call_json(client, "deploy", project_id, folder, "--ramp", "10")["buildId"]
    shown = call(client, "status", project_id).stdout
    assert "running" in shown
    assert f"10% of new runs take {ramped[:12]}" in shown
    states = {line.split()[0]: line.split()[1] for line in shown.splitlines() if line[:12] in (first[:12], ramped[:12])}
    assert states == {first[:12]: "current", ramped[:12]: "ramping"}
    assert "ramp_started" in shown
    answer = call_json(client, "status", project_id)
    assert answer["deployment"]["currentBuild"] == first
    assert answer["worker"]["projectId"] == project_id

    assert call_json(client, "promote", project_id)["buildId"] == ramped
    assert "no_ramp" not in call(client, "promote", project_id, expect=1).stderr


def test_rollback_takes_the_build_before_a_digest_its_beginning_or_a_version(
    client: Client, project_id: str, folder: str
) -> None:
    first = call_json(client, "deploy", project_id, folder, "--version", "1")["buildId"]
    write(Path(folder), "echo", ECHO.replace("echo:", "ECHO:"))
    second = call_json(client, "deploy", project_id, folder, "--version", "2")["buildId"]
    assert first in call(client, "rollback", project_id).stdout
    assert call_json(client, "rollback", project_id, "--to", second[:12])["buildId"] == second
    assert call_json(client, "rollback", project_id, "--version", "1", "--workflow", "echo")["buildId"] == first
    assert call(client, "rollback", project_id, "--to", "0" * 32, expect=1).stdout == ""


def test_move_takes_one_run_or_all_of_a_build(client: Client, project_id: str, tmp_path: Path) -> None:
    first = call_json(client, "deploy", project_id, write_greeting(tmp_path, "A"))["buildId"]
    runs = [client.execute(project_id, "Greeting", name).workflow_id for name in ("Ada", "Bob", "Cleo")]
    eventually(lambda: all(client.execution(project_id, run).build_id for run in runs))
    second = call_json(client, "deploy", project_id, write_greeting(tmp_path, "B"))["buildId"]
    assert call_json(client, "move", project_id, runs[0])["to"] == second
    answer = call_json(client, "move", project_id, "--from", first[:12])
    assert (answer["status"], answer["moved"]) == ("completed", 2)
    assert {client.execution(project_id, run).build_id for run in runs} == {second}
    assert call(client, "move", project_id, "--from", second, "--to", first[:12]).stdout
    assert {client.execution(project_id, run).build_id for run in runs} == {first}


def test_move_lists_what_cannot_be_moved_with_the_reason(client: Client, project_id: str, tmp_path: Path) -> None:
    first = call_json(client, "deploy", project_id, write_greeting(tmp_path, "A"))["buildId"]
    run = client.execute(project_id, "Greeting", "Ada").workflow_id
    eventually(lambda: client.execution(project_id, run).build_id)
    write(tmp_path, "greeting", ECHO.replace("class Echo", "class Greeting"))
    call(client, "deploy", project_id, str(tmp_path))
    shown = call(client, "move", project_id, "--from", first).stdout
    assert "NOT MOVED" in shown
    assert run in shown
    assert call(client, "move", project_id, run, expect=1).stderr.startswith("workerhost: ")


def test_diff_shows_what_has_changed_between_builds_and_versions(
    client: Client, project_id: str, folder: str, tmp_path: Path
) -> None:
    first = call_json(client, "deploy", project_id, folder, "--version", "1")["buildId"]
    write(Path(folder), "echo", ECHO.replace("echo:", "ECHO:"))
    (Path(folder) / "echo" / "models.py").write_text("x = 1\n")
    call(client, "deploy", project_id, folder, "--version", "2")
    shown = call(client, "diff", project_id, first[:12]).stdout
    assert shown.startswith(
        "--- /dev/null\n+++ echo.models\n@@ -0,0 +1 @@\n+x = 1\n--- echo.workflow\n+++ echo.workflow\n"
    )
    assert '+        return f"ECHO: {text}"\n' in shown
    versions = call(client, "diff", project_id, "2", "1", "--workflow", "echo").stdout
    assert versions.startswith("--- models\n+++ /dev/null\n")
    assert '+        return f"echo: {text}"\n' in versions
    same = call(client, "diff", project_id, "current")
    assert (same.stdout, same.stderr) == ("", "Nothing differs.\n")
    assert call_json(client, "diff", project_id, first)["from"] == first
    assert "has no build 00000000" in call(client, "diff", project_id, "00000000", expect=1).stderr
    assert "give TO as well" in call(client, "diff", project_id, "1", "--workflow", "echo", expect=2).stderr
