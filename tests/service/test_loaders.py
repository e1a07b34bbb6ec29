"""The built-in code loaders: a folder of files, and the tables."""

from pathlib import Path

import pytest

from workerhost import Project
from workerhost.default_plugins.database_loader import DatabaseLoader
from workerhost.default_plugins.directory_loader import DirectoryLoader
from workerhost.errors import WorkerhostError
from workerhost.runtime.service import Service
from workerhost.testing import ECHO, Api

SHOP = Project("shop", "shop", "shop-queue", "stopped")
ACTIVITY = "from temporalio import activity\n\n\n@activity.defn\ndef send() -> None: ...\n"


def _write(folder: Path, workflow: str, code: str, activities: str | None = None) -> None:
    (folder / workflow).mkdir(parents=True, exist_ok=True)
    (folder / workflow / "workflow.py").write_text(code, encoding="utf-8")
    if activities is not None:
        (folder / workflow / "activities.py").write_text(activities, encoding="utf-8")


@pytest.fixture
def folder(service: Service, project_id: str) -> Path:
    """The folder where the directory loader looks for the project."""
    assert service.settings.projects_dir is not None
    return service.settings.projects_dir / project_id


def test_the_directory_loader_reads_each_folder_with_a_workflow(tmp_path: Path) -> None:
    _write(tmp_path / "shop", "billing", ECHO, ACTIVITY)
    _write(tmp_path / "shop", "a-b", ECHO)
    (tmp_path / "shop" / "__pycache__").mkdir()
    (tmp_path / "shop" / "README.md").touch()
    code = DirectoryLoader(tmp_path).workerhost_load_code(SHOP)
    assert code is not None
    assert code.loader == "directory"
    found = [(each.name, each.workflow_code, each.activities_code) for each in code.workflows]
    assert found == [("a-b", ECHO, None), ("billing", ECHO, ACTIVITY)]


def test_the_version_of_files_changes_with_their_content_only(tmp_path: Path) -> None:
    def version() -> str:
        code = DirectoryLoader(tmp_path).workerhost_load_code(SHOP)
        assert code is not None
        return code.workflows[0].version

    _write(tmp_path / "shop", "billing", ECHO)
    first = version()
    _write(tmp_path / "shop", "billing", ECHO)
    assert version() == first
    _write(tmp_path / "shop", "billing", ECHO, ACTIVITY)
    assert version() != first


def test_the_directory_loader_does_not_know_other_projects(tmp_path: Path) -> None:
    assert DirectoryLoader(tmp_path).workerhost_load_code(SHOP) is None
    assert DirectoryLoader(None).workerhost_load_code(SHOP) is None


def test_a_file_that_cannot_be_read_is_an_error_with_its_workflow_and_without_its_path(tmp_path: Path) -> None:
    (tmp_path / "shop" / "billing").mkdir(parents=True)
    (tmp_path / "shop" / "billing" / "workflow.py").write_bytes(b"# \xff")
    with pytest.raises(WorkerhostError, match="the files of workflow billing cannot be read") as caught:
        DirectoryLoader(tmp_path).workerhost_load_code(SHOP)
    assert str(tmp_path) not in str(caught.value)


def test_a_file_that_may_not_be_opened_is_an_error_without_its_path(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _write(tmp_path / "shop", "billing", ECHO)

    # What an administrator may read cannot be made unreadable for a test that runs as one.
    def refuse(path: Path, encoding: str) -> str:
        raise PermissionError(13, "Permission denied", str(path))

    with monkeypatch.context() as patch:
        patch.setattr(Path, "read_text", refuse)
        with pytest.raises(WorkerhostError, match="Permission denied") as caught:
            DirectoryLoader(tmp_path).workerhost_load_code(SHOP)
    assert str(tmp_path) not in str(caught.value)


def test_a_folder_whose_name_cannot_be_a_workflows_is_not_skipped_silently(tmp_path: Path) -> None:
    _write(tmp_path / "shop", "billing", ECHO)
    _write(tmp_path / "shop", "my flow", ECHO)
    with pytest.raises(WorkerhostError, match="my flow"):
        DirectoryLoader(tmp_path).workerhost_load_code(SHOP)


def test_workflows_in_folders_import_each_other_and_a_restart_takes_changes(
    api: Api, folder: Path, project_id: str
) -> None:
    _write(folder, "billing-2", ECHO.replace("class Echo", "class Billing"))
    shop = ECHO.replace("class Echo", "class Shop").replace(
        'return f"echo: {text}"', "return await workflow.execute_child_workflow(Billing.run, text)"
    )
    _write(folder, "shop", "from ..billing_2.workflow import Billing\n" + shop)
    api.put(f"/projects/{project_id}")
    api.post("/workers/start", {"projectId": project_id}, expect=200)
    assert api.run(project_id, "Shop", "tea") == "echo: tea"

    _write(folder, "billing-2", ECHO.replace("class Echo", "class Billing").replace("echo:", "changed:"))
    assert api.run(project_id, "Shop", "tea") == "echo: tea"
    api.post("/workers/restart", {"projectId": project_id}, expect=200)
    assert api.run(project_id, "Shop", "tea") == "changed: tea"


def test_modules_beside_workflow_and_beside_its_folder_are_taken_and_what_is_left_out_is_in_the_log(
    api: Api, folder: Path, project_id: str, caplog: pytest.LogCaptureFixture
) -> None:
    code = ECHO.replace('f"echo: {text}"', "mark(text)")
    _write(folder, "echo", f"from .rules.marks import mark\n{code}")
    (folder / "echo" / "rules").mkdir()
    marks = "from ...shared import MARK\n\n\ndef mark(text):\n    return MARK + text\n"
    (folder / "echo" / "rules" / "marks.py").write_text(marks)
    (folder / "shared.py").write_text("MARK = 'shared: '\n")
    (folder / "echo" / "a b.py").touch()
    api.put(f"/projects/{project_id}")
    api.post("/workers/start", {"projectId": project_id}, expect=200)
    assert api.run(project_id, "Echo", "tea") == "shared: tea"
    assert f"project {project_id}: left out: echo/a b.py: its name is not a Python name" in caplog.messages


def test_files_that_do_not_load_name_module_and_line(api: Api, folder: Path, project_id: str) -> None:
    _write(folder, "billing", "\nx = (\n")
    api.put(f"/projects/{project_id}")
    answer = api.post("/workers/start", {"projectId": project_id}, expect=422)
    assert answer["error"].startswith("billing.workflow, line 2: SyntaxError")
    assert api.get(f"/projects/{project_id}")["desiredState"] == "stopped"


def test_an_empty_folder_has_no_workflows_to_start(api: Api, folder: Path, project_id: str) -> None:
    folder.mkdir(parents=True)
    api.put(f"/projects/{project_id}")
    assert api.post("/workers/start", {"projectId": project_id}, expect=409)["code"] == "no_workflows"


def test_code_in_a_folder_comes_before_code_in_the_tables_and_is_changed_there_only(
    api: Api, folder: Path, project_id: str
) -> None:
    api.deploy(project_id)
    _write(folder, "echo", ECHO.replace("echo:", "folder:"))
    api.post("/workers/restart", {"projectId": project_id}, expect=200)
    assert api.run(project_id, "Echo", "x") == "folder: x"
    path = f"/projects/{project_id}/workflows/echo"
    for method, where, body in (
        ("PUT", path, {"version": "2", "workflowCode": ECHO}),
        ("POST", f"{path}/activate", {"version": "1"}),
        ("DELETE", path, None),
    ):
        answer = api.call(method, where, body, 409)
        assert answer["code"] == "code_not_in_database"
        assert "code loader directory" in answer["error"]


def test_the_database_loader_knows_the_active_versions_only(api: Api, service: Service, project_id: str) -> None:
    loader = DatabaseLoader(service.store)
    api.put(f"/projects/{project_id}")
    project = service.store.projects.get(project_id)
    assert loader.workerhost_load_code(project) is None
    api.deploy(project_id, start=False)
    api.put(f"/projects/{project_id}/workflows/echo", {"version": "2", "workflowCode": ECHO + "\n# two\n"})
    code = loader.workerhost_load_code(project)
    assert code is not None
    assert code.loader == "database"
    assert [(each.name, each.version) for each in code.workflows] == [("echo", "2")]
