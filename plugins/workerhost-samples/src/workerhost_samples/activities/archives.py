"""Archives whose bytes depend on nothing but their files."""

import gzip
import io
import tarfile
import zipfile
from collections.abc import Mapping
from pathlib import Path
from uuid import uuid4

_MODE = 0o644
_REGULAR_FILE = 0o100000
_UNIX = 3
_EPOCH_OF_ZIP = (1980, 1, 1, 0, 0, 0)


def tar_gz(files: Mapping[str, str]) -> bytes:
    """Pack `files`, text by path, into a gzipped tar archive."""
    buffer = io.BytesIO()
    with (
        gzip.GzipFile(filename="", fileobj=buffer, mode="wb", mtime=0) as zipped,
        tarfile.open(fileobj=zipped, mode="w", format=tarfile.PAX_FORMAT) as archive,
    ):
        for path, text in sorted(files.items()):
            content = text.encode("utf-8")
            entry = tarfile.TarInfo(path)
            entry.size, entry.mode = len(content), _MODE
            archive.addfile(entry, io.BytesIO(content))
    return buffer.getvalue()


def zip_of(files: Mapping[str, str]) -> bytes:
    """Pack `files`, text by path, into a zip archive."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for path, text in sorted(files.items()):
            entry = zipfile.ZipInfo(path, _EPOCH_OF_ZIP)
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.create_system = _UNIX
            entry.external_attr = (_REGULAR_FILE | _MODE) << 16
            archive.writestr(entry, text.encode("utf-8"))
    return buffer.getvalue()


def write_whole(target: Path, content: bytes) -> None:
    """Put `content` at `target` in one step: a reader sees the old file or the new one, never half of it."""
    partial = target.with_name(f".{target.name}.{uuid4().hex}.part")
    try:
        partial.write_bytes(content)
        partial.replace(target)
    finally:
        partial.unlink(missing_ok=True)
