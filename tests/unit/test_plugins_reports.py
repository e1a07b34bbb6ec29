"""Whatever is wrong with a plugin ends up in its report, and in no other plugin."""

from importlib.metadata import EntryPoint
from pathlib import Path

import click
import click.testing
import pytest

from support.plugins import Loading
from workerhost import hookimpl
from workerhost.cli import create_cli
from workerhost.plugins import Plugins


@pytest.mark.parametrize(
    ("source", "error"),
    [
        ("raise SystemExit('I am a script')", "SystemExit: I am a script"),
        ("x = (", "SyntaxError"),
        ("import nowhere", "ModuleNotFoundError: No module named 'nowhere'"),
        ("from workerhost import nothing", "ImportError"),
    ],
)
def test_whatever_a_plugin_does_at_its_import_is_in_its_report(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, source: str, error: str
) -> None:
    (tmp_path / "plugin_that_fails.py").write_text(source)
    monkeypatch.syspath_prepend(tmp_path)
    plugins = Plugins()
    plugins.add_entry_point(EntryPoint("fails", "plugin_that_fails", "workerhost"))
    plugins.add("loading", Loading("x"), plugin_version="1")
    failed, loading = plugins.reports()
    assert error in str(failed.error)
    assert (failed.hooks, loading.error, loading.hooks) == ([], None, ["workerhost_load_code"])


def test_a_plugin_that_fails_to_import_does_not_disable_another_of_its_name() -> None:
    plugins = Plugins()
    plugins.add("twin", Loading("x"), plugin_version="1")
    plugins.add_entry_point(EntryPoint("twin", "no_such_module", "workerhost"))
    reports = plugins.reports()
    assert [report.error is None for report in reports] == [True, False]
    assert reports[0].hooks == ["workerhost_load_code"]


def test_a_command_that_a_plugin_adds_is_run_and_one_that_raises_harms_no_other(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    class Greeting:
        @hookimpl
        def workerhost_register_commands(self, cli: click.Group) -> None:
            cli.add_command(click.Command("greet", callback=lambda: click.echo("hello")))

    class Refusing:
        @hookimpl
        def workerhost_register_commands(self, cli: click.Group) -> None:
            raise RuntimeError("no commands today")

    made = Plugins()
    made.add("greeting", Greeting(), plugin_version="1")
    made.add("refusing", Refusing(), plugin_version="1")
    monkeypatch.setattr("workerhost.cli.create_plugins", lambda: made)
    result = click.testing.CliRunner().invoke(create_cli(), ["greet"])
    assert result.output == "hello\n"
    assert [report.error for report in made.reports()] == [None, "RuntimeError: no commands today"]
