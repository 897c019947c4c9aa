"""Which knob wins, and what is said when one cannot be used."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import msgspec
import pytest

from anima_tui.errors import BadSettings
from anima_tui.settings import Section, Settings, load_settings


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "settings.toml"


def knobs(section: type[Section] = Settings, prefix: str = "") -> list[str]:
    names: list[str] = []
    for field in msgspec.structs.fields(section):
        nested = isinstance(field.type, type) and issubclass(field.type, Section)
        names += knobs(field.type, f"{prefix}{field.name}.") if nested else [prefix + field.name]
    return names


def test_without_a_file_the_defaults_are_in_force(file: Path) -> None:
    assert load_settings(file, {}) == Settings()


def test_a_flag_beats_a_variable_beats_the_file_beats_the_default(file: Path) -> None:
    file.write_text('soul = "file"\nbody = "file"\ntheme = "file"\n[decode]\ntemperature = 0.1\n')
    environment = {"ANIMA_SOUL": "variable", "ANIMA_BODY": "variable", "ANIMA_DECODE_TEMPERATURE": "0.2"}
    settings = load_settings(file, environment, {"soul": "flag"})
    assert (settings.soul, settings.body, settings.theme) == ("flag", "variable", "file")
    assert settings.decode.temperature == 0.2
    assert settings.decode.top_p == Settings().decode.top_p


def test_every_knob_has_a_variable_of_its_own() -> None:
    variables = Counter("ANIMA_" + knob.replace(".", "_").upper() for knob in knobs())
    assert not [variable for variable, times in variables.items() if times > 1]


@pytest.mark.parametrize("knob", knobs())
def test_every_knob_can_be_set_by_its_variable(file: Path, knob: str) -> None:
    value: object = Settings()
    for name in knob.split("."):
        value = getattr(value, name)
    given = "7" if value is None else str(value)
    changed = load_settings(file, {"ANIMA_" + knob.replace(".", "_").upper(): given})
    for name in knob.split("."):
        changed = getattr(changed, name)
    assert changed == (7 if value is None else value)


def test_a_number_in_a_variable_is_read_even_when_flags_follow(file: Path) -> None:
    settings = load_settings(file, {"ANIMA_DECODE_SEED": "7"}, {"decode.temperature": 0.0})
    assert (settings.decode.seed, settings.decode.temperature) == (7, 0.0)


@pytest.mark.parametrize(
    "written",
    [
        b'soul = "no end',
        b"\xff\xfe",
        b"sole = 'misspelt'",
        b"soul = 3",
        b"decode = 3",
        b"[decode]\ntemperature = -1",
        b"[decode]\ntop_p = 1.5",
        b"[decode]\ntemperature = 'hot'",
    ],
)
def test_a_bad_file_is_named_in_one_sentence_and_left_as_it_is(file: Path, written: bytes) -> None:
    file.write_bytes(written)
    with pytest.raises(BadSettings) as refused:
        load_settings(file, {})
    assert str(file) in str(refused.value)
    assert "\n" not in str(refused.value)
    assert file.read_bytes() == written


def test_a_bad_variable_and_a_bad_flag_are_told_apart(file: Path) -> None:
    with pytest.raises(BadSettings, match=r"ANIMA_ variable .*decode\.top_p"):
        load_settings(file, {"ANIMA_DECODE_TOP_P": "much"})
    with pytest.raises(BadSettings, match=r"a flag .*decode\.top_p"):
        load_settings(file, {}, {"decode.top_p": 2.0})


def test_a_folder_in_place_of_the_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadSettings, match="cannot be read"):
        load_settings(tmp_path, {})
