"""What cannot be read is never overwritten."""

from __future__ import annotations

import random
import shutil
import sqlite3
from contextlib import closing
from hashlib import sha256
from pathlib import Path

import pytest

from anima_tui import wire
from anima_tui.app.app import AnimaApp
from anima_tui.app.themes import bundled_folder, load_themes
from anima_tui.cli import main
from anima_tui.engine.soul import OrganState, custody
from anima_tui.errors import AnimaError, BadSettings, SoulMismatch, SoulUnreadable
from anima_tui.paths import Paths
from anima_tui.settings import Memory as Weights
from anima_tui.settings import Settings
from anima_tui.standby import remember_settings, settings_in_force
from tests.app import story
from tests.app.conftest import Stage, Talk
from tests.app.replay import ReplayEngine
from tests.engine.souls import awake, contents, memory, night, signature, turn
from tests.promises.conftest import NIGHTLY


@pytest.fixture(scope="module")
def lived(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a soul that has lived a little; to be copied, not opened."""
    folder = tmp_path_factory.mktemp("lived") / "anima"
    with awake(folder) as soul:
        for k in range(1, 40):
            soul.save_turn(turn(k, memories=[memory(f"rain and snow {k}"), memory(f"fog {k}", speaker="anima")]))
        soul.save_night(night(40, consumed=[1, 2]))
        soul.save_turn(turn(41))
    return folder


@pytest.fixture
def folder(lived: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(lived, tmp_path / "anima"))


def use_all(folder: Path) -> None:
    """Wake the soul, read everything, live through a turn and a night."""
    with awake(folder) as soul:
        last = soul.exchanges(1000)[-1].id
        soul.tokens(last)
        soul.generations()
        soul.nights(1000)
        soul.evidence()
        soul.recall("rain or fog 7", signature(1), Weights(), 48.0)
        soul.memories_for_tonight(1000, 48.0)
        soul.save_turn(turn(42, supersedes=last))
        soul.save_night(night(43))
        soul.undo_night()


def require_sentence_or_whole(folder: Path) -> bool:
    """True where the soul could not be woken; the file must then be as it was, and the sentence say how to mend."""
    digest = sha256((folder / "soul.db").read_bytes()).digest()
    try:
        awake(folder).close()
    except AnimaError as error:
        assert sha256((folder / "soul.db").read_bytes()).digest() == digest
        assert str(folder) in str(error) or f"“{folder.name}”" in str(error)
        assert "--soul" in str(error)
        assert "\n" not in str(error)
        return True
    try:
        use_all(folder)
    except AnimaError as error:
        assert "\n" not in str(error)
    return False


@pytest.mark.timeout(3600)
def test_a_flipped_byte_anywhere_gives_one_sentence_or_a_good_start(lived: Path, tmp_path: Path) -> None:
    good = (lived / "soul.db").read_bytes()
    chance = random.Random(7)
    elsewhere = range(100, len(good), 256) if NIGHTLY else (chance.randrange(len(good)) for _ in range(25))
    places = [*range(0, 100, 1 if NIGHTLY else 7), *elsewhere]
    refused = 0
    for number, place in enumerate(places):
        folder = tmp_path / str(number)
        folder.mkdir()
        bad = bytearray(good)
        bad[place] ^= chance.randrange(1, 256)
        (folder / "soul.db").write_bytes(bad)
        refused += require_sentence_or_whole(folder)
    assert refused


@pytest.mark.timeout(3600)
def test_a_page_of_noise_anywhere_gives_one_sentence_or_a_good_start(lived: Path, tmp_path: Path) -> None:
    good = (lived / "soul.db").read_bytes()
    chance = random.Random(8)
    refused = 0
    for page in range(0, len(good), 4096 if NIGHTLY else 3 * 4096):
        folder = tmp_path / str(page)
        folder.mkdir()
        (folder / "soul.db").write_bytes(good[:page] + chance.randbytes(4096) + good[page + 4096 :])
        refused += require_sentence_or_whole(folder)
    assert refused


@pytest.mark.parametrize("share", [0.0, 0.001, 0.01, 0.3, 0.6, 0.9, 0.999])
def test_a_truncated_soul_is_left_as_it_is(folder: Path, share: float) -> None:
    file = folder / "soul.db"
    file.write_bytes(file.read_bytes()[: int(file.stat().st_size * share)])
    left = file.read_bytes()
    with pytest.raises(SoulUnreadable, match=rf"{folder}.*--soul"):
        awake(folder)
    assert file.read_bytes() == left


@pytest.mark.parametrize("content", [b"", b"hello", b"\0" * 8192, b"SQLite format 3\0" + b"\xff" * 9000])
def test_what_is_not_a_soul_is_left_as_it_is(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "soul.db"
    file.write_bytes(content)
    with pytest.raises(SoulUnreadable, match="was left as it is"):
        awake(tmp_path)
    assert file.read_bytes() == content


def test_another_programs_database_is_left_as_it_is(tmp_path: Path) -> None:
    file = tmp_path / "soul.db"
    with closing(sqlite3.connect(file)) as connection:
        connection.execute("CREATE TABLE bookmarks (url TEXT)")
    left = file.read_bytes()
    with pytest.raises(SoulUnreadable, match="not a soul"):
        awake(tmp_path)
    assert file.read_bytes() == left


@pytest.mark.parametrize("name", ["reservoir", "evidence", "organs"])
def test_a_state_that_does_not_match_its_hash_is_refused(folder: Path, name: str) -> None:
    file = folder / "soul.db"
    with closing(sqlite3.connect(file)) as connection:
        connection.execute("UPDATE state SET data = zeroblob(length(data)) WHERE name = ?", (name,))
        connection.commit()
    left = file.read_bytes()
    with pytest.raises(SoulUnreadable, match=f"its {name} does not match its hash"):
        awake(folder)
    assert file.read_bytes() == left


def test_a_newer_soul_is_left_as_it_is(folder: Path) -> None:
    file = folder / "soul.db"
    with closing(sqlite3.connect(file)) as connection:
        connection.execute("PRAGMA user_version = 99")
    left = file.read_bytes()
    with pytest.raises(SoulMismatch, match="made by a newer Anima"):
        awake(folder)
    assert file.read_bytes() == left


def test_a_soul_of_another_body_is_told_apart_and_left_as_it_is(folder: Path) -> None:
    file = folder / "soul.db"
    left = file.read_bytes()
    with pytest.raises(SoulMismatch, match=r"“seedling”.*“gpt2”.*--body seedling.*--soul"):
        awake(folder, body="gpt2", fingerprint="e" * 64)
    with pytest.raises(SoulMismatch, match=r"another build.*ffffffffffff.*eeeeeeeeeeee.*--soul"):
        awake(folder, fingerprint="e" * 64)
    assert file.read_bytes() == left
    with awake(folder) as soul:
        assert soul.exchange_count == 40


def test_a_refusal_frees_the_soul(folder: Path) -> None:
    with pytest.raises(SoulMismatch):
        awake(folder, body="gpt2", fingerprint="e" * 64)
    awake(folder).close()


def test_a_refusal_names_what_may_bring_her_back(folder: Path) -> None:
    awake(folder).close()
    (backup,) = (folder / "backups").iterdir()
    checkpoint = folder / "checkpoints" / "0003.pt"
    checkpoint.parent.mkdir()
    checkpoint.touch()
    (folder / "soul.db").write_bytes(b"gone")
    with pytest.raises(SoulUnreadable) as refusal:
        awake(folder)
    assert f"the newest backup is {backup}" in str(refusal.value)
    assert f"the newest checkpoint is {checkpoint}" in str(refusal.value)


def test_a_soul_that_vanished_beside_its_backups_is_not_replaced_by_a_blank_one(folder: Path) -> None:
    awake(folder).close()
    (folder / "soul.db").unlink()
    with pytest.raises(SoulUnreadable, match=r"soul\.db is gone"):
        awake(folder)
    assert not (folder / "soul.db").exists()


def test_damage_met_while_awake_is_one_sentence(folder: Path) -> None:
    with awake(folder) as soul:
        soul._connection.execute("UPDATE exchange SET user = x'ff' WHERE id = 1")
        with pytest.raises(SoulUnreadable):
            soul.exchanges(1000)
        soul.save_organs(OrganState(fatigue=1.0))


def test_a_soul_whose_tables_were_tampered_with_is_refused(folder: Path) -> None:
    file = folder / "soul.db"
    with closing(sqlite3.connect(file)) as connection:
        connection.execute("DROP TRIGGER generation_never_changes")
    left = file.read_bytes()
    with pytest.raises(SoulUnreadable, match="not those of a soul"):
        awake(folder)
    assert file.read_bytes() == left


# --- brought back ----------------------------------------------------------------------------------------


def test_the_newest_whole_backup_comes_back_and_the_damaged_file_is_kept(folder: Path) -> None:
    with awake(folder) as soul:  # makes a backup
        before = contents(soul)
    (whole,) = (folder / "backups").iterdir()
    newer = whole.with_name("29990101T000000Z.db")
    newer.write_bytes(whole.read_bytes()[:9000])
    (folder / "soul.db").write_bytes(b"damaged")
    (folder / "soul.db-wal").write_bytes(b"of the damaged one")
    backup, aside = custody.restore(folder, 0.0)
    assert backup == whole
    assert aside.read_bytes() == b"damaged"
    assert Path(f"{aside}-wal").read_bytes() == b"of the damaged one"
    with awake(folder) as soul:
        assert contents(soul) == before


def test_a_whole_soul_is_not_replaced_by_an_older_one(folder: Path) -> None:
    custody.back_up_now(folder, 0.0)
    left = (folder / "soul.db").read_bytes()
    with pytest.raises(AnimaError, match="nothing to restore"):
        custody.restore(folder, 0.0)
    assert (folder / "soul.db").read_bytes() == left


def test_without_a_whole_backup_nothing_is_touched(folder: Path) -> None:
    (folder / "backups").mkdir()
    for file in (folder / "soul.db", folder / "backups" / "20260101T000000Z.db"):
        file.write_bytes(b"damaged")
    before = {path: path.read_bytes() for path in folder.rglob("soul.db*")}
    with pytest.raises(SoulUnreadable, match="none of its backups is whole"):
        custody.restore(folder, 0.0)
    assert {path: path.read_bytes() for path in folder.rglob("soul.db*")} == before


async def test_the_app_names_what_is_damaged_and_offers_the_backup_on_a_key(stage: Stage) -> None:
    fault = wire.Fault(text="The soul in /x cannot be read and was left as it is.", remedy="restore")
    async with stage([fault]) as talk:
        assert "The soul in /x cannot be read" in talk.transcript()[-1]
        assert "Ctrl+L brings her newest whole backup back" in talk.transcript()[-1]
        await talk.press("ctrl+l")
        assert talk.app._flags == ("--restore",)
        assert len(talk.engines) == 2


# --- what is not a soul ----------------------------------------------------------------------------------


def spoilt(good: bytes) -> list[bytes]:
    """Truncated and flipped in every region."""
    chance = random.Random(11)
    cuts = [good[: len(good) * share // 8] for share in range(8)]
    flips: list[bytes] = []
    for place in range(0, len(good), max(1, len(good) // 40)):
        bad = bytearray(good)
        bad[place] ^= chance.randrange(1, 256)
        flips.append(bytes(bad))
    return cuts + flips


GOOD_SETTINGS = b'soul = "anima"\nbody = "seedling"\n\n[decode]\ntemperature = 0.6\nmax_new_tokens = 100\n'


def test_damaged_settings_are_named_stay_as_they_are_and_have_a_stand_in(paths: Paths) -> None:
    file = paths.settings_file
    file.parent.mkdir(parents=True)
    file.write_bytes(GOOD_SETTINGS)
    last, _ = settings_in_force(paths, {})
    for remembered in (False, True):
        refused = 0
        for bad in spoilt(GOOD_SETTINGS):
            file.write_bytes(bad)
            settings, complaint = settings_in_force(paths, {})
            if complaint:
                refused += 1
                assert settings == (last if remembered else Settings())
                assert "\n" not in complaint
                assert f"{file}" in complaint or "cannot name a soul" in complaint
            assert file.read_bytes() == bad
        assert refused > 10
        file.write_bytes(GOOD_SETTINGS)
        remember_settings(paths)


def test_damaged_settings_change_nothing_of_what_a_flag_says_and_excuse_no_bad_flag(paths: Paths) -> None:
    paths.prepared().settings_file.write_text('body = "seedling"\nsoul = \n')
    settings, complaint = settings_in_force(paths, {"soul": "mira"})
    assert settings.soul == "mira"
    assert "at line 2" in complaint
    with pytest.raises(BadSettings, match="cannot name a soul"):
        settings_in_force(paths, {"soul": "../mira"})


def test_a_command_that_is_no_talk_does_nothing_on_damaged_settings(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("ANIMA_HOME", str(tmp_path))
    (tmp_path / "config").mkdir()
    (tmp_path / "config" / "settings.toml").write_text("soul = ")
    assert main(["soul", "delete", "--yes"]) == 2
    assert "settings.toml" in capsys.readouterr().err


async def test_the_app_starts_all_the_same_and_says_once_which_file_is_damaged(
    paths: Paths, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("NO_COLOR", raising=False)
    paths.prepared().settings_file.write_text("[decode")
    paths.themes.mkdir()
    (paths.themes / "mine.toml").write_text('name = "mine"\nprimary = 3\n')
    settings, complaint = settings_in_force(paths, {})
    engine = ReplayEngine([story.ready(), wire.Notice(text=complaint, level="warning")])
    app = AnimaApp(settings, paths, lambda: engine, complaint)
    async with app.run_test(size=(120, 40)) as pilot:
        talk = Talk(app, pilot, [engine])
        await talk.settle()
        assert app.session.ready
        assert talk.transcript().count(complaint) == 1
        assert any("mine.toml" in line for line in talk.transcript())
        assert "settings.toml" in talk.seen()


def test_a_damaged_theme_is_named_and_stays_as_it_is(tmp_path: Path) -> None:
    good = (bundled_folder() / "ember.toml").read_bytes()
    refused = 0
    for number, bad in enumerate(spoilt(good)):
        file = tmp_path / f"{number}.toml"
        file.write_bytes(bad)
    loaded = load_themes(tmp_path)
    for failure in loaded.failures:
        refused += 1
        assert "\n" not in failure
        assert failure.split(":")[0].removesuffix(".toml").isdecimal()
    assert refused > 5
    assert len(loaded.themes) + refused == len(spoilt(good))
    assert [(tmp_path / f"{number}.toml").read_bytes() for number in range(len(spoilt(good)))] == spoilt(good)
