"""Settings and themes: whether they can be read."""

from __future__ import annotations

from collections.abc import Mapping

from anima_tui.app.themes import load_themes
from anima_tui.doctor.finding import Finding
from anima_tui.errors import BadSettings
from anima_tui.paths import Paths
from anima_tui.settings import Settings
from anima_tui.standby import require_settings


def look_at_settings(paths: Paths, flags: Mapping[str, object]) -> tuple[Settings, list[Finding]]:
    """The settings in force, or the defaults where they cannot be read."""
    findings: list[Finding] = []
    try:
        settings = require_settings(paths, paths.settings_file, flags)
        said = str(paths.settings_file) if paths.settings_file.exists() else "the defaults; there is no settings.toml"
        findings.append(Finding("settings", said))
    except BadSettings as error:
        settings = Settings()
        findings.append(
            Finding("settings", str(error), well=False, remedy="the file was left as it is; mend that line")
        )
    for failure in load_themes(paths.themes).failures:
        findings.append(Finding("theme", failure, well=False, remedy=f"mend or remove it in {paths.themes}"))
    return settings, findings
