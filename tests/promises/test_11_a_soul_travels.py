"""Export and import are identities, refuse what is hostile, and overwrite nothing; an old soul still opens."""

from __future__ import annotations

import io
import os
import random
import re
import sqlite3
import stat
import subprocess
import sys
import zipfile
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from hashlib import sha256
from pathlib import Path

import msgspec
import pytest
import torch

from anima_tui.cli import main
from anima_tui.engine.body import Body
from anima_tui.engine.checkpoint import read_checkpoint
from anima_tui.engine.personality import import_personality
from anima_tui.engine.soul import Soul, archive, database, schema
from anima_tui.errors import AnimaError, SoulMismatch, SoulTaken, SoulUnreadable
from tests.engine.souls import CORE, D_SAE, awake, contents, memory, night, turn

GOLDEN = Path(__file__).with_name("golden")


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name in [name for name in os.environ if name.startswith("ANIMA_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("ANIMA_HOME", str(tmp_path))
    return tmp_path


def souls(home: Path) -> Path:
    return home / "data" / "souls"


def live(folder: Path) -> tuple[object, ...]:
    """A soul with days, nights, a checkpoint and a page; what she holds."""
    with awake(folder) as soul:
        for k in range(1, 5):
            soul.save_turn(turn(k, memories=[memory(f"rain and snow {k}"), memory(f"fog {k}", speaker="anima")]))
        soul.save_night(night(5, lines=["I like rain."], consumed=[1, 2]))
        soul.save_turn(turn(6))
        soul.save_turn(turn(7, supersedes=soul.exchanges(1)[0].id))
        soul.save_night(night(8, lines=["I like rain.", "I like snow."], consumed=[3]))
        soul.undo_night()
        soul.save_interrupted_night(1_800_000_000.0, "You woke her; nothing changed.", ["half a dream"])
        soul.save_turn(turn(9))
        for name, content in (("checkpoints/0001.pt", b"a checkpoint"), ("dreams/0001.md", b"a page")):
            (folder / name).parent.mkdir(exist_ok=True)
            (folder / name).write_bytes(content)
        return contents(soul)


def keepsakes(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.glob("[cd]*/*")}


def dump(file: Path) -> list[str]:
    """Every row but those of FTS5's own tables, whose order of bytes means nothing."""
    with closing(sqlite3.connect(file)) as connection:
        return [line for line in connection.iterdump() if "memory_words_" not in line]


# --- there and back --------------------------------------------------------------------------------------


@pytest.mark.parametrize("sleeping", [True, False], ids=["asleep", "awake"])
def test_a_whole_soul_goes_there_and_back_as_she_was(home: Path, sleeping: bool) -> None:
    before = live(souls(home) / "anima")
    holder = None if sleeping else awake(souls(home) / "anima")
    parcel = home / "anima.anima"
    assert main(["soul", "export", str(parcel)]) == 0
    if holder is not None:
        holder.close()
    rows = dump(souls(home) / "anima" / "soul.db")
    assert main(["soul", "import", str(parcel), "--soul", "mira"]) == 0
    assert dump(souls(home) / "mira" / "soul.db") == rows
    assert keepsakes(souls(home) / "mira") == keepsakes(souls(home) / "anima")
    with awake(souls(home) / "mira") as soul:
        assert contents(soul) == before
    assert stat.S_IMODE((souls(home) / "mira").stat().st_mode) == 0o700


def test_an_archive_of_what_came_from_an_archive_has_the_same_members(home: Path) -> None:
    live(souls(home) / "anima")
    first, second = home / "1.anima", home / "2.anima"
    main(["soul", "export", str(first)])
    main(["soul", "import", str(first), "--soul", "mira"])
    main(["soul", "export", str(second), "--soul", "mira"])
    one, two = (archive.read_manifest(file).members for file in (first, second))
    assert one.keys() == two.keys()
    assert {name: digest for name, digest in one.items() if digest != two[name]}.keys() <= {"soul.db"}


def test_a_personality_goes_there_and_back_into_a_newborn_soul(home: Path, body: Body) -> None:
    def wake(name: str) -> Soul:
        return Soul.open(souls(home) / name, body=body.name, fingerprint=body.fingerprint, d_sae=body.sae.d_sae)

    with wake("anima") as soul:
        reservoir = torch.linspace(-1, 1, body.sae.d_sae).numpy()
        soul.save_night(replace(night(1, lines=["I like rain."]), reservoir=reservoir))
        lines = [(line.text, line.core) for line in soul.self_model().lines]
    file = home / "anima.pt"
    assert main(["soul", "export", str(file)]) == 0
    assert main(["soul", "import", str(file), "--soul", "mira"]) == 0
    with wake("mira") as soul:
        assert (soul.reservoir() == reservoir).all()
        assert [(line.text, line.core) for line in soul.self_model().lines] == lines
        assert soul.exchange_count == 0
        assert soul.nights(9) == []
    again = home / "again.pt"
    assert main(["soul", "export", str(again), "--soul", "mira"]) == 0
    one, two = (
        read_checkpoint(path, body=body.name, fingerprint=body.fingerprint, d_sae=body.sae.d_sae)
        for path in (file, again)
    )
    assert torch.equal(one.reservoir, two.reservoir)
    assert one.lines == two.lines


def test_a_personality_of_another_body_is_not_let_in(home: Path, body: Body) -> None:
    live(souls(home) / "anima")  # of another fingerprint than the seedling's
    assert main(["soul", "export", str(home / "anima.pt")]) == 0
    with pytest.raises(SoulMismatch, match="cannot live in"):
        import_personality(home / "anima.pt", souls(home) / "mira", body.folder, 0.0)
    assert not (souls(home) / "mira").exists()


def test_a_backup_and_a_new_name_and_the_trash_keep_her_as_she_is(
    home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before = live(souls(home) / "anima")
    assert main(["soul", "backup"]) == 0
    (backup,) = (souls(home) / "anima" / "backups").iterdir()
    assert dump(backup) == dump(souls(home) / "anima" / "soul.db")
    assert main(["soul", "rename", "mira"]) == 0
    assert not (souls(home) / "anima").exists()
    assert main(["soul", "delete", "mira", "--yes"]) == 0
    assert list(souls(home).iterdir()) == []
    (kept,) = (home / "data" / "trash").iterdir()
    assert str(kept) in capsys.readouterr().out
    kept.rename(souls(home) / "back")
    with awake(souls(home) / "back") as soul:
        assert contents(soul) == before


# --- nothing is overwritten ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("command", "sentence"),
    [
        (["import", "{home}/anima.anima"], "a soul “anima” already"),
        (["import", "{home}/anima.anima", "--soul", "mira"], "a soul “mira” already"),
        (["export", "{home}/anima.anima"], "a file .* already"),
        (["export", "{home}/taken.pt"], "a file .* already"),
        (["rename", "mira"], "a soul “mira” already"),
        (["rename", "../mira"], "cannot name a soul"),
        (["export", "{home}/anima.zip"], "can hold no soul"),
        (["export", "{home}/no/such/folder.anima"], "Nothing can be written"),
        (["export", "{home}/new.anima", "--soul", "nobody"], "no soul “nobody”"),
        (["backup", "nobody"], "no soul “nobody”"),
        (["rename", "new", "--soul", "nobody"], "no soul “nobody”"),
        (["delete", "nobody", "--yes"], "no soul “nobody”"),
        (["restore", "nobody"], "no soul “nobody”"),
        (["delete", "mira"], "that was not “mira”"),
    ],
)
def test_what_is_taken_or_not_there_is_one_sentence_and_everything_stays(
    home: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, command: list[str], sentence: str
) -> None:
    for name in ("anima", "mira"):
        live(souls(home) / name)
    archive.pack(souls(home) / "anima", home / "anima.anima", 0.0)
    (home / "taken.pt").write_bytes(b"taken")
    monkeypatch.setattr(sys, "stdin", io.StringIO("anima\n"))
    before = everything(home)
    assert main(["soul", *(word.format(home=home) for word in command)]) == 2
    said = capsys.readouterr().err
    assert said.count("\n") == 1
    assert re.search(sentence, said)
    assert everything(home) == before


def everything(home: Path) -> dict[Path, bytes]:
    """But for locks, and what a reader of a WAL leaves beside it."""
    files = (path for path in home.rglob("*") if path.is_file() and not path.name.endswith((".lock", "-shm", "-wal")))
    return {path: path.read_bytes() for path in files}


@pytest.mark.parametrize("command", [["rename", "mira"], ["delete", "--yes"], ["restore"]])
def test_a_soul_that_is_awake_is_not_moved(home: Path, capsys: pytest.CaptureFixture[str], command: list[str]) -> None:
    with awake(souls(home) / "anima") as soul:
        assert main(["soul", *command]) == 2
        assert "already awake" in capsys.readouterr().err
        soul.save_turn(turn(1))
    with awake(souls(home) / "anima") as soul:
        assert soul.exchange_count == 1


# --- hostile archives ------------------------------------------------------------------------------------


@pytest.fixture
def good(tmp_path: Path) -> Path:
    live(tmp_path / "anima")
    archive.pack(tmp_path / "anima", tmp_path / "good.anima", 0.0)
    return tmp_path / "good.anima"


Members = dict[str, bytes]
Change = Callable[[Members], Members]


def rewritten(good: Path, change: Change, **how: object) -> Path:
    """The archive with other members, and a manifest that is true of them unless `change` made its own."""
    with zipfile.ZipFile(good) as source:
        members = {name: source.read(name) for name in source.namelist()}
    manifest = msgspec.json.decode(members.pop("manifest.json"))
    members = change(members)
    own = members.pop("manifest.json", None)
    manifest["members"] = {name: sha256(data).hexdigest() for name, data in members.items()}
    bad = good.with_name("bad.anima")
    with zipfile.ZipFile(bad, "w", zipfile.ZIP_DEFLATED if how.get("packed") else zipfile.ZIP_STORED) as target:
        for name, data in members.items():
            entry = zipfile.ZipInfo(name)
            entry.compress_type = target.compression
            entry.external_attr = int(str(how.get("mode", 0))) << 16
            target.writestr(entry, data)
        target.writestr("manifest.json", own if own is not None else msgspec.json.encode(manifest))
    return bad


def without(name: str) -> Change:
    return lambda members: {key: data for key, data in members.items() if key != name}


HOSTILE: dict[str, tuple[Change, dict[str, object]]] = {
    "a path that climbs": (lambda members: members | {"../../evil.md": b"x"}, {}),
    "a path that climbs from a good folder": (lambda members: members | {"dreams/../../evil.md": b"x"}, {}),
    "an absolute path": (lambda members: members | {"/tmp/evil.md": b"x"}, {}),
    "a path of another system": (lambda members: members | {"dreams\\..\\evil.md": b"x"}, {}),
    "a hidden file": (lambda members: members | {".bashrc": b"x"}, {}),
    "a lock": (lambda members: members | {"soul.lock": b""}, {}),
    "a WAL": (lambda members: members | {"soul.db-wal": b"x"}, {}),
    "a folder": (lambda members: members | {"dreams/": b""}, {}),
    "links": (lambda members: members, {"mode": stat.S_IFLNK | 0o777}),
    "pipes": (lambda members: members, {"mode": stat.S_IFIFO | 0o666}),
    "packed members": (lambda members: members | {"dreams/0009.md": bytes(50_000_000)}, {"packed": True}),
    "no soul": (without("soul.db"), {}),
    "a soul that is none": (lambda members: members | {"soul.db": b"SQLite format 3\0"}, {}),
    "a soul cut short": (lambda members: members | {"soul.db": members["soul.db"][:20_000]}, {}),
    "a manifest that is none": (lambda members: members | {"manifest.json": b"[]"}, {}),
    "an empty manifest": (lambda members: members | {"manifest.json": b""}, {}),
    "a huge manifest": (lambda members: members | {"manifest.json": b" " * (archive._MANIFEST_LARGEST + 1)}, {}),
    "a manifest of a deep nest": (lambda members: members | {"manifest.json": b"[" * 100_000}, {}),
}


@pytest.mark.parametrize(("change", "how"), HOSTILE.values(), ids=HOSTILE)
def test_a_hostile_archive_is_refused_in_one_sentence(
    tmp_path: Path, good: Path, change: Change, how: dict[str, object]
) -> None:
    bad = rewritten(good, change, **how)
    before = sorted(tmp_path.rglob("*"))
    with pytest.raises(SoulUnreadable, match="can be trusted") as refusal:
        archive.unpack(bad, tmp_path / "souls" / "victim")
    assert "\n" not in str(refusal.value)
    assert sorted(path for path in tmp_path.rglob("*") if path != tmp_path / "souls") == before
    assert list((tmp_path / "souls").iterdir()) == []


def test_an_archive_that_was_only_rewritten_is_let_in(tmp_path: Path, good: Path) -> None:
    """So that the refusals above are for what is hostile, and not for how the test writes."""
    archive.unpack(rewritten(good, lambda members: members), tmp_path / "souls" / "guest")


@pytest.mark.parametrize("name", ["soul.db", "checkpoints/0001.pt", "dreams/0001.md"])
def test_a_member_that_does_not_match_its_hash_is_refused(tmp_path: Path, good: Path, name: str) -> None:
    with zipfile.ZipFile(good) as source:
        members = {entry: source.read(entry) for entry in source.namelist()}
    manifest = msgspec.json.decode(members["manifest.json"])
    manifest["members"][name] = "0" * 64
    members["manifest.json"] = msgspec.json.encode(manifest)
    with zipfile.ZipFile(tmp_path / "bad.anima", "w") as target:
        for entry, data in members.items():
            target.writestr(entry, data)
    with pytest.raises(SoulUnreadable, match="does not match its hash"):
        archive.unpack(tmp_path / "bad.anima", tmp_path / "souls" / "victim")


def test_a_member_twice_is_refused(tmp_path: Path, good: Path) -> None:
    with zipfile.ZipFile(good, "a") as target, pytest.warns(UserWarning, match="Duplicate"):
        target.writestr("dreams/0001.md", b"another page")
    with pytest.raises(SoulUnreadable, match="not those of its manifest"):
        archive.unpack(good, tmp_path / "souls" / "victim")


@pytest.mark.parametrize("soul", ["../evil", "/evil", "", ".hidden", "a\x1b[2J", "x" * 100])
def test_a_name_that_an_archive_brings_is_checked(
    home: Path, good: Path, soul: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with zipfile.ZipFile(good) as source:
        manifest = msgspec.json.decode(source.read("manifest.json"))
    manifest["soul"] = soul
    bad = rewritten(good, lambda members: members | {"manifest.json": b""})
    with zipfile.ZipFile(good) as source, zipfile.ZipFile(bad, "w") as target:
        for name in source.namelist():
            data = msgspec.json.encode(manifest) if name == "manifest.json" else source.read(name)
            target.writestr(name, data)
    assert main(["soul", "import", str(bad)]) == 2
    said = capsys.readouterr().err
    assert "cannot name a soul" in said and "\x1b" not in said
    assert not souls(home).exists()


def test_any_damage_is_one_sentence_or_a_whole_soul(tmp_path: Path, good: Path) -> None:
    content = good.read_bytes()
    chance = random.Random(12)
    refused = 0
    for number in range(150):
        bad = bytearray(content)
        bad[chance.randrange(len(bad))] ^= chance.randrange(1, 256)
        file = tmp_path / "damaged.anima"
        file.write_bytes(bytes(bad) if number % 2 else content[: chance.randrange(len(content))])
        folder = tmp_path / "souls" / str(number)
        try:
            archive.unpack(file, folder)
        except AnimaError as error:
            refused += 1
            assert "\n" not in str(error)
            assert not folder.exists()
        else:
            awake(folder).close()
    assert refused > 100
    assert not list((tmp_path / "souls").glob(".*"))


def test_a_soul_of_a_newer_anima_is_told_apart_from_a_damaged_one(tmp_path: Path, good: Path) -> None:
    def newer(members: Members) -> Members:
        file = tmp_path / "newer.db"
        file.write_bytes(members["soul.db"])
        with closing(sqlite3.connect(file)) as connection:
            connection.execute("PRAGMA user_version = 99")
        return members | {"soul.db": file.read_bytes()}

    with pytest.raises(SoulMismatch, match="newer Anima"):
        archive.unpack(rewritten(good, newer), tmp_path / "souls" / "victim")


def test_a_taken_name_is_refused_before_anything_is_read(tmp_path: Path) -> None:
    (tmp_path / "anima").mkdir()
    with pytest.raises(SoulTaken):
        archive.unpack(tmp_path / "none.anima", tmp_path / "anima")


# --- nothing heavy ---------------------------------------------------------------------------------------


def test_only_a_personality_needs_torch(home: Path) -> None:
    live(souls(home) / "anima")
    program = (
        "import sys\nfrom anima_tui.cli import main\n"
        f"parcel = {str(home / 'a.anima')!r}\n"
        "for words in (['list'], ['export', parcel], ['import', parcel, '--soul', 'b'], ['backup'], ['rename', 'c'],"
        " ['delete', 'c', '--yes']): assert main(['soul', *words]) == 0\n"
        "print(*[name for name in ('torch', 'transformers', 'textual') if name in sys.modules], file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stderr.split() == []


# --- the ladder ------------------------------------------------------------------------------------------


def test_every_step_of_the_ladder_has_a_golden_soul() -> None:
    """A step that is added brings the dump of a soul of the version before it."""
    versions = {int(file.stem.removeprefix("soul-")) for file in GOLDEN.glob("soul-*.sql")}
    assert set(range(1, len(schema.LADDER))) <= versions


@pytest.mark.parametrize("golden", sorted(GOLDEN.glob("soul-*.sql")), ids=lambda file: file.stem)
def test_an_old_soul_opens_climbs_and_holds_the_same(tmp_path: Path, golden: Path) -> None:
    folder = tmp_path / "old"
    folder.mkdir()
    with closing(sqlite3.connect(folder / "soul.db")) as connection:
        connection.executescript(golden.read_text(encoding="utf-8"))
    version = int(golden.stem.removeprefix("soul-"))
    assert database.examine(folder / "soul.db").d_sae == D_SAE
    archive.pack(folder, tmp_path / "old.anima", 0.0)
    with awake(folder) as soul:
        assert schema.version(soul._connection) == len(schema.LADDER)
        assert contents(soul) == live(tmp_path / "young")
        assert [line.text for line in soul.self_model().lines] == [CORE.text, "I like rain."]
        soul.save_turn(turn(10))
        soul.save_night(night(11))
    assert bool(list((folder / "backups").iterdir())) or version == len(schema.LADDER)
    archive.unpack(tmp_path / "old.anima", tmp_path / "travelled")
    with awake(tmp_path / "travelled") as soul:
        assert soul.exchange_count == 6
