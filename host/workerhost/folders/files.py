"""Which files of a folder are modules. What looks like code and is none is named, with the reason."""

import io
import tokenize
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from workerhost.drawing import Drawing
from workerhost.folders.drawings import ENDINGS, read_drawing
from workerhost.model import is_valid_id
from workerhost.module_names import LONGEST_NAME, PACKAGE_CODE, SHARED, module_fault

LARGEST_FILE = 4 * 1024**2
"""Bytes of a module; no call takes more."""

_NO_CODE = {
    ".ipynb": "a notebook is no module",
    ".pyi": "it has types alone; the module itself is what counts",
    ".pyx": "it must be compiled first",
}
"""Files that look like code, by the end of their names, and why they are no modules."""

_PROGRAMS = {
    "__main__": "it is a program and no module",
    "conftest": "it belongs to tests",
    "setup": "it is a program and no module",
}
"""Files that are run by tools and not imported, and why they are left out."""


_NO_STATEMENT = (tokenize.COMMENT, tokenize.NL, tokenize.NEWLINE, tokenize.STRING, tokenize.ENDMARKER)
"""What the code of a package may be made of that does nothing."""


Drawn = tuple[Path, Drawing]
"""A file, and the drawing in it."""


@dataclass
class FoundFiles:
    """What stands in a folder.

    Attributes:
        modules: the file of each module, by the module's name.
        left_out: a sentence for each file or folder that looks like code and is not taken.
    """

    modules: dict[str, Path] = field(default_factory=dict)
    left_out: list[str] = field(default_factory=list)


class FolderWalk:
    """Looks for the modules in a project's folder. For the thread that made it; a call reads the folder.

    Args:
        root: the project's folder. A link that leads out of it is not followed: somebody else may own what is there.
    """

    def __init__(self, root: Path) -> None:
        self._root = root
        self._target = root.resolve()

    def modules_of(self, folder: Path) -> FoundFiles:
        """Return the modules of a workflow, whose folder this is, and of its subfolders."""
        found = FoundFiles()
        for path in _entries(folder):
            self._look(path, "", found)
        return found

    def modules_of_project(self) -> FoundFiles:
        """Return the modules that stand in the project's folder itself, and in packages that are no workflows."""
        found = FoundFiles()
        for path in _entries(self._root):
            if path.is_dir() and (is_workflow(path) or drawings_of(path)):
                continue
            if not path.is_dir() or (path / f"{PACKAGE_CODE}.py").is_file():
                self._look(path, SHARED, found)
            elif _holds_code(path):
                self._leave_out(path, f"it has neither a workflow.py nor an {PACKAGE_CODE}.py", found)
        return found

    def drawings_of_project(self) -> tuple[dict[str, list[Drawn]], list[str]]:
        """Return the drawings in the project's folder by the workflows that they become, and what was left out.

        They are the files of the folder itself, and the file `workflow` in the folder of a workflow that is not code.

        Raises:
            ConfigurationError: a file cannot be read, or is a drawing whose JSON is broken.
        """
        found: dict[str, list[Drawn]] = {}
        left_out: list[str] = []
        for path in _entries(self._root):
            for file in drawings_of(path) if path.is_dir() else [path] if path.suffix in ENDINGS else []:
                name = path.name if path.is_dir() else path.stem
                drawing = self._why_no_drawing(file, path, name) or read_drawing(file)
                if isinstance(drawing, str):
                    left_out.append(f"left out: {file.relative_to(self._root).as_posix()}: {drawing}")
                else:
                    found.setdefault(name, []).append((file, drawing))
        return found, left_out

    def _why_no_drawing(self, file: Path, entry: Path, name: str) -> str | None:
        if self.leaves(file) or self.leaves(entry):
            return "it is a link that leads out of the project's folder"
        if not file.is_file():
            return "it is no file"
        if file != entry and is_workflow(entry):
            return "the workflow has a workflow.py"
        return None if is_valid_id(name) else "its name cannot be that of a workflow"

    def leaves(self, path: Path) -> bool:
        """Tell whether a path is a link that leads out of the project's folder, or nowhere."""
        return path.is_symlink() and not (path.exists() and path.resolve().is_relative_to(self._target))

    def _look(self, path: Path, prefix: str, found: FoundFiles) -> None:
        name = prefix + (path.name if path.is_dir() else path.stem)
        if path.is_dir():
            if reason := self._why_no_package(path, name):
                if _holds_code(path):
                    self._leave_out(path, reason, found)
                return
            for each in _entries(path):
                self._look(each, f"{name}.", found)
        elif path.suffix in _NO_CODE:
            self._leave_out(path, _NO_CODE[path.suffix], found)
        elif path.suffix == ".py":
            if reason := self._why_no_module(path, name):
                self._leave_out(path, reason, found)
            elif path.name != f"{PACKAGE_CODE}.py" or not _is_empty(path):
                found.modules[name] = path

    def _why_no_package(self, path: Path, name: str) -> str | None:
        if path.is_symlink():
            return "a link to a folder is not followed"
        if path.name in ("test", "tests"):
            return "it holds tests"
        if (path / "pyvenv.cfg").exists():
            return "it is an environment of Python"
        return _name_fault(path.name, name)

    def _why_no_module(self, path: Path, name: str) -> str | None:
        if self.leaves(path):
            return "it is a link that leads out of the project's folder"
        if path.stem in _PROGRAMS:
            return _PROGRAMS[path.stem]
        if path.stem.startswith("test_") or path.stem.endswith("_test"):
            return "it holds tests"
        if name in ("workflow", "activities"):
            return None
        return _name_fault(path.stem, name) or _why_unreadable(path)

    def _leave_out(self, path: Path, reason: str, found: FoundFiles) -> None:
        place = path.relative_to(self._root).as_posix()
        found.left_out.append(f"left out: {place}{'/' if path.is_dir() else ''}: {reason}")


def is_workflow(folder: Path) -> bool:
    """Tell whether a folder holds a workflow that is code."""
    return (folder / "workflow.py").is_file()


def drawings_of(folder: Path) -> list[Path]:
    """Return the files of a folder that may be the drawing of its workflow."""
    return [path for ending in ENDINGS if (path := folder / f"workflow{ending}").is_file()]


def _entries(folder: Path) -> list[Path]:
    """Return what stands in a folder, sorted, without what is hidden and what Python has made itself."""
    return sorted(path for path in folder.iterdir() if not path.name.startswith(".") and path.name != "__pycache__")


def _holds_code(folder: Path) -> bool:
    return next(_code_files(folder, depth=8), None) is not None


def _code_files(folder: Path, depth: int) -> Iterator[Path]:
    """Yield the files with code in a folder, and folders that are too deep to look at; nothing in links, which may lead
    in circles."""
    if not depth:
        yield folder
        return
    for path in _entries(folder):
        if path.is_dir():
            if not path.is_symlink():
                yield from _code_files(path, depth - 1)
        elif path.suffix == ".py" or path.suffix in _NO_CODE:
            yield path


def _name_fault(last: str, name: str) -> str | None:
    fault = module_fault(name)
    if fault is None:
        return None
    is_python_name = module_fault(f"{SHARED}{last}") is None
    return f"its name {fault}" if is_python_name or len(name) > LONGEST_NAME else "its name is not a Python name"


def _why_unreadable(path: Path) -> str | None:
    if not path.is_file():
        return "it is no file"
    if path.stat().st_size > LARGEST_FILE:
        return f"it is larger than {LARGEST_FILE // 1024**2} MiB"
    try:
        path.read_text(encoding="utf-8")
    except UnicodeDecodeError:
        return "it is not UTF-8"
    except OSError:
        return None  # who reads it next says why it cannot be read
    return None


def _is_empty(path: Path) -> bool:
    """Tell whether the code of a package is none: nothing but comments and a text that describes it."""
    try:
        tokens = list(tokenize.generate_tokens(io.StringIO(path.read_text(encoding="utf-8")).readline))
    except (OSError, ValueError, SyntaxError, tokenize.TokenError):
        return False  # it is a module like any other, and is refused as one
    return all(token.type in _NO_STATEMENT for token in tokens)
