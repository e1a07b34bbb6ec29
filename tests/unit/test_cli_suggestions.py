"""The command line names what was meant, explains each command, and completes names for shells."""

import re

import click
import click.testing
import pytest

from support.documentation import read_page
from workerhost.cli import COMMANDS, create_cli
from workerhost.cli.completion import SHELLS
from workerhost.cli.suggestions import did_you_mean


def invoke(*arguments: str) -> click.testing.Result:
    return click.testing.CliRunner().invoke(create_cli(), arguments)


def test_the_closest_names_are_suggested_and_none_where_nothing_is_close() -> None:
    assert did_you_mean("grating", ["Greeting", "Order"]) == "did you mean Greeting?"
    assert did_you_mean("shop-", ["shop-1", "shop-2", "other"]) in (
        "did you mean shop-2 or shop-1?",
        "did you mean shop-1 or shop-2?",
    )
    assert did_you_mean("xyz", ["Greeting"]) == ""
    assert did_you_mean("xyz", []) == ""


@pytest.mark.parametrize(
    ("arguments", "meant"),
    [(["shwo"], "show"), (["stats"], "status"), (["db", "upgrad"], "upgrade"), (["plugins", "nwe"], "new")],
)
def test_a_mistyped_command_is_answered_with_the_one_that_was_meant(arguments: list[str], meant: str) -> None:
    result = invoke(*arguments)
    assert result.exit_code == 2
    assert f"No such command '{arguments[-1]}'; did you mean" in result.output
    assert meant in result.output.rpartition("did you mean")[2]


def test_a_mistyped_option_is_answered_with_the_one_that_was_meant() -> None:
    assert "--limit" in invoke("runs", "shop", "--limti", "3").output.rpartition("Did you mean")[2]


def test_a_command_that_is_close_to_nothing_is_refused_all_the_same() -> None:
    result = invoke("xyzzy")
    assert result.exit_code == 2
    assert "No such command 'xyzzy'" in result.output
    assert "did you mean" not in result.output


def test_every_command_is_listed_and_explains_itself() -> None:
    listed = invoke("--help").output
    for name in COMMANDS:
        assert f"\n  {name} " in listed
        explained = invoke(name, "--help")
        assert explained.exit_code == 0
        assert explained.output.startswith(f"Usage: workerhost {name} ")


@pytest.mark.parametrize("shell", SHELLS)
def test_each_shell_gets_its_script(shell: str) -> None:
    result = invoke("completion", shell)
    assert result.exit_code == 0
    assert f"_WORKERHOST_COMPLETE={shell}_complete" in result.output


def test_a_shell_that_is_not_known_is_refused() -> None:
    assert "'bash', 'zsh', 'fish'" in invoke("completion", "tcsh").output


def _does(name: str, command: click.Command) -> dict[str, str]:
    """Return what a command does, and those below it, by their names."""
    below = command.commands.items() if isinstance(command, click.Group) else ()
    found = {name: command.get_short_help_str(1000).removesuffix(".")}
    for each, other in below:
        found |= _does(f"{name} {each}", other)
    return found


def test_the_page_of_commands_has_every_command_and_what_it_does() -> None:
    cli = create_cli()
    wanted: dict[str, str] = {}
    for name in COMMANDS:
        command = cli.get_command(click.Context(cli), name)
        assert command
        wanted |= _does(f"workerhost {name}", command)
    shown = re.findall(r"^\| `(workerhost [^`]+)` \| (.+) \|$", read_page("docs/commands.md"), re.MULTILINE)
    assert dict(shown) == wanted
    assert len(shown) == len(wanted)
