"""`.anima`: a whole soul in one file, to carry away and to bring back.

A zip archive whose members are stored as they are, so that it can never unpack to more than its own size, and a
manifest that says what they are and whose.
"""

from __future__ import annotations

import re
import stat
import tempfile
import zipfile
from collections.abc import Generator
from contextlib import closing, contextmanager
from hashlib import sha256
from pathlib import Path
from typing import IO, Literal

import msgspec

from anima_tui import __version__
from anima_tui.engine.soul.backups import copy_to
from anima_tui.engine.soul.database import Bond, examine, look_at
from anima_tui.engine.soul.faults import reading, require_soul, writing
from anima_tui.engine.soul.files import appearing, replacing, sync
from anima_tui.errors import AnimaError, SoulTaken, SoulUnreadable
from anima_tui.text import safe_line

SUFFIX = ".anima"
LARGEST = 4 * 2**30
"""Bytes; a soul of ten thousand exchanges has some twenty million."""

_MANIFEST = "manifest.json"
_MANIFEST_LARGEST = 16 * 2**20
_MEMBER = re.compile(r"soul\.db|checkpoints/[0-9]{4,9}\.pt|dreams/[0-9]{4,9}\.md")
_CHUNK = 2**20


class Manifest(msgspec.Struct, frozen=True, kw_only=True):
    """What an archive says of itself."""

    format: Literal["anima soul"] = "anima soul"
    version: Literal[1] = 1
    anima: str
    """Version of the Anima that wrote it."""
    soul: str
    body: str
    fingerprint: str
    d_sae: int
    made: float
    """Seconds since the epoch."""
    members: dict[str, str]
    """Hex SHA-256 of every member by its name."""


def pack(folder: Path, file: Path, now: float) -> None:
    """Write the soul in `folder`, awake or not, to `file`.

    Raises SoulTaken where there is such a file, SoulUnreadable, SoulMismatch or SoulUnwritable; nothing is then left.
    """
    if file.exists():
        raise SoulTaken(f"There is a file {file} already, and it was left as it is; choose another name.")
    require_soul(folder)
    with writing(file.parent), tempfile.TemporaryDirectory(prefix=".anima-", dir=file.parent) as desk:
        database = Path(desk) / "soul.db"
        with reading(folder):
            bond = examine(folder / "soul.db")
            connection = look_at(folder / "soul.db")
        with closing(connection):
            copy_to(connection, database)
        with replacing(file) as new, zipfile.ZipFile(new, "w") as archive:
            members = {name: _store(archive, name, path) for name, path in _parts(folder, database).items()}
            manifest = Manifest(
                anima=__version__,
                soul=folder.name,
                body=bond.body,
                fingerprint=bond.fingerprint,
                d_sae=bond.d_sae,
                made=now,
                members=members,
            )
            archive.writestr(zipfile.ZipInfo(_MANIFEST), msgspec.json.format(msgspec.json.encode(manifest)))


def read_manifest(file: Path) -> Manifest:
    """What `file` says it holds, nothing of it proven. Raises SoulUnreadable."""
    with _distrusting(file), zipfile.ZipFile(file) as archive:
        return _manifest(archive)


def unpack(file: Path, folder: Path) -> None:
    """Bring the soul in `file` to `folder`, where she appears whole or not at all.

    Raises SoulTaken where the folder exists, SoulUnreadable for anything but such an archive, SoulMismatch where it
    was made by a newer Anima, or SoulUnwritable.
    """
    if folder.exists():
        raise SoulTaken(
            f"There is a soul “{folder.name}” already, and she was left as she is; give the imported one another name"
            " with --soul."
        )
    with writing(folder.parent), appearing(folder) as desk:
        _fill(file, desk)


def _parts(folder: Path, database: Path) -> dict[str, Path]:
    """Files by the name that they have in an archive."""
    found = {
        f"{path.parent.name}/{path.name}": path
        for kind in ("checkpoints/*.pt", "dreams/*.md")
        for path in sorted(folder.glob(kind))
    }
    return {"soul.db": database} | {name: path for name, path in found.items() if _MEMBER.fullmatch(name)}


def _store(archive: zipfile.ZipFile, name: str, path: Path) -> str:
    """The hex SHA-256 of what was stored."""
    digest = sha256()
    with path.open("rb") as source, archive.open(zipfile.ZipInfo(name), "w") as target:
        while chunk := source.read(_CHUNK):
            digest.update(chunk)
            target.write(chunk)
    return digest.hexdigest()


def _fill(file: Path, desk: Path) -> None:
    """Every member checked and on the disk."""
    with _distrusting(file), zipfile.ZipFile(file) as archive:
        manifest = _manifest(archive)
        for name, digest in manifest.members.items():
            with archive.open(name) as member:
                _extract(member, desk / name, digest)
        for folder in (path for path in desk.iterdir() if path.is_dir()):
            sync(folder)
        if examine(desk / "soul.db") != Bond(manifest.body, manifest.fingerprint, manifest.d_sae):
            raise ValueError("its soul is not the one that it names")


def _extract(member: IO[bytes], path: Path, digest: str) -> None:
    found = sha256()
    with writing(path.parent):
        path.parent.mkdir(mode=0o700, exist_ok=True)
        target = path.open("xb")
    with target:
        while chunk := member.read(_CHUNK):
            found.update(chunk)
            with writing(path.parent):
                target.write(chunk)
    if found.hexdigest() != digest:
        raise ValueError(f"{path.name} does not match its hash")
    with writing(path.parent):
        sync(path)


def _manifest(archive: zipfile.ZipFile) -> Manifest:
    """Raises ValueError, or whatever a damaged archive provokes, unless every member is one that `pack` could make."""
    entries = archive.infolist()
    size = Path(str(archive.filename)).stat().st_size
    if size > LARGEST or sum(entry.file_size for entry in entries) > size:
        raise ValueError("it is larger than any soul")
    for entry in entries:
        if entry.compress_type != zipfile.ZIP_STORED or entry.flag_bits & 1:
            raise ValueError("a member is packed in a way that no soul is")
        if stat.S_IFMT(entry.external_attr >> 16) not in (0, stat.S_IFREG):
            raise ValueError("a member is not a plain file")
    names = [entry.filename for entry in entries]
    if archive.getinfo(_MANIFEST).file_size > _MANIFEST_LARGEST:
        raise ValueError("its manifest is larger than any")
    manifest = msgspec.json.decode(archive.read(_MANIFEST), type=Manifest)
    if sorted(names) != sorted([_MANIFEST, *manifest.members]) or "soul.db" not in manifest.members:
        raise ValueError("its members are not those of its manifest")
    if strange := [name for name in manifest.members if not _MEMBER.fullmatch(name)]:
        raise ValueError(f"{strange[0]!r} is no part of a soul")
    return manifest


@contextmanager
def _distrusting(file: Path) -> Generator[None]:
    """Raises SoulUnreadable for whatever a hostile archive may provoke."""
    try:
        yield
    except AnimaError:
        raise
    except Exception as error:
        why = safe_line(str(error)) or type(error).__name__
        raise SoulUnreadable(
            f"{file} is not a soul that can be trusted ({why}); nothing was taken from it, choose another."
        ) from error
