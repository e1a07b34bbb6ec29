"""Names of plugins that `workerhost plugins new` refuses."""

from pathlib import Path

import pytest
from click.testing import CliRunner

from workerhost.cli.new_plugin import new_plugin
from workerhost.errors import ConfigurationError


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("Greetings", "'Greetings' is no name of a plugin"),
        ("", "'' is no name of a plugin"),
        ("two--dashes", "'two--dashes' is no name of a plugin"),
        ("a/b", "'a/b' is no name of a plugin"),
        ("..", "'..' is no name of a plugin"),
        ("käse", "'käse' is no name of a plugin"),
        ("x" * 61, "is no name of a plugin"),
        ("under_score", "'under_score' is no name of a plugin"),
        ("workerhost-greetings", "leave out workerhost-, which is put before the name: greetings"),
        ("database", "a plugin that is built in is named database"),
    ],
)
def test_a_name_that_does_not_fit_is_refused_and_nothing_is_written(tmp_path: Path, name: str, sentence: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        CliRunner().invoke(new_plugin, [name, "--folder", str(tmp_path)], catch_exceptions=False)
    assert sentence in str(caught.value)
    assert list(tmp_path.iterdir()) == []
