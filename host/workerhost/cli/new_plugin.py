"""`workerhost plugins new`: writes a plugin that installs and passes its tests."""

import re
from importlib.metadata import version
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path
from string import Template

import click

from workerhost.default_plugins.database_loader import DatabaseLoader
from workerhost.default_plugins.directory_loader import DirectoryLoader
from workerhost.errors import ConfigurationError

PREFIX = "workerhost-"
SUFFIX = ".template"
NAME = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
LONGEST_NAME = 60
BUILT_IN = (DatabaseLoader.name, DirectoryLoader.name)


@click.command("new")
@click.argument("name")
@click.option(
    "--folder",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    default=Path(),
    help="Where the folder of the plugin is made; else in the current folder.",
)
def new_plugin(name: str, folder: Path) -> None:
    """Write a plugin with one activity, a sample project and tests, to begin with.

    NAME is what it is about, as in `greetings`: lower-case letters, digits and dashes. The plugin is a distribution
    with the name workerhost-NAME, in a folder of that name.
    """
    check_name(name)
    target = folder / f"{PREFIX}{name}"
    write_plugin(name, target)
    click.echo(f"Wrote {target}. Next:")
    for command in (f"cd {target}", "pip install -e '.[test]'", "pytest", "workerhost plugins", "workerhost dev"):
        click.echo(f"  {command}")


def check_name(name: str) -> None:
    """Refuse a name that cannot become those of a distribution, a package and a plugin.

    Raises:
        ConfigurationError: the sentence says what is wrong with it.
    """
    if name.startswith(PREFIX):
        raise ConfigurationError(f"leave out {PREFIX}, which is put before the name: {name.removeprefix(PREFIX)}")
    if not NAME.fullmatch(name) or len(name) > LONGEST_NAME:
        raise ConfigurationError(
            f"{name!r} is no name of a plugin: lower-case letters, digits and single dashes between them, "
            f"{LONGEST_NAME} at most, as in my-greetings"
        )
    if name in BUILT_IN:
        raise ConfigurationError(f"a plugin that is built in is named {name}; choose another name")


def write_plugin(name: str, target: Path) -> None:
    """Write the files of a plugin.

    Args:
        name: one that `check_name` lets pass.
        target: the folder to make.

    Raises:
        ConfigurationError: the folder is there already, or cannot be made; nothing was written then.
    """
    try:
        target.mkdir()
    except FileExistsError as error:
        raise ConfigurationError(f"{target} is there already; nothing was written") from error
    except OSError as error:
        raise ConfigurationError(f"{target} cannot be made: {error.strerror}") from error
    first, *others = name.split("-")
    words = {
        "name": name,
        "distribution": f"{PREFIX}{name}",
        "package": f"{PREFIX}{name}".replace("-", "_"),
        "activity": "".join((first, *(other.capitalize() for other in others), "Greet")),
        "project": f"{name}-sample",
        "version": version("workerhost"),
    }
    _write(files("workerhost.cli") / "plugin_template", target, words)


def _write(template: Traversable, target: Path, words: dict[str, str]) -> None:
    target.mkdir(exist_ok=True)
    for part in template.iterdir():
        name = {"package": words["package"], "gitignore.template": ".gitignore"}.get(part.name, part.name)
        path = target / name.removesuffix(SUFFIX)
        if part.is_dir():
            _write(part, path, words)
        else:
            path.write_text(Template(part.read_text(encoding="utf-8")).substitute(words), encoding="utf-8")
