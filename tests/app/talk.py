"""`python -m tests.app.talk calm|die|garbage|hostile|fuzz PACE`: the real app on the engine without a model."""

from __future__ import annotations

import shlex
import sys

import msgspec

from anima_tui.app.app import run
from anima_tui.paths import user_paths
from anima_tui.settings import load_settings

if __name__ == "__main__":
    paths = user_paths().prepared()
    engine = shlex.join([sys.executable, "-m", "tests.app.fake_child", *sys.argv[1:]])
    sys.exit(run(msgspec.structs.replace(load_settings(paths.settings_file), engine=engine), paths))
