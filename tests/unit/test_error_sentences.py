"""What is refused is refused with a sentence."""

import re
from pathlib import Path

import workerhost
from workerhost import errors

RAISED_BARE = re.compile(r"raise (\w+)(?:\(\))?(?: from \w+)?$", re.MULTILINE)


def test_an_error_that_is_raised_without_words_has_a_sentence_of_its_own() -> None:
    sources = Path(workerhost.__file__).parent.rglob("*.py")
    bare = {name for source in sources for name in RAISED_BARE.findall(source.read_text()) if hasattr(errors, name)}
    assert "HostStoppingError" in bare
    assert [name for name in sorted(bare) if not str(getattr(errors, name)())] == []
