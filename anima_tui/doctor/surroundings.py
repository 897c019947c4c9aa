"""The terminal, and the hardware as torch sees it: a child process is asked, because importing torch takes seconds."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator

from anima_tui.doctor.finding import Finding

PATIENCE = 120.0  # seconds; a cold disk may take most of a minute
_ASK = """
import torch
if torch.cuda.is_available():
    print(f"{torch.cuda.get_device_name()}, CUDA {torch.version.cuda}")
elif torch.backends.mps.is_available():
    print("Apple GPU")
else:
    print(f"none that torch {torch.__version__} can use; the seedling needs none")
"""


def look_at_terminal() -> Iterator[Finding]:
    if not sys.stdout.isatty():
        yield Finding("terminal", "none: the output goes to a file or a pipe, so the app would be the plain mode")
        return
    columns, rows = shutil.get_terminal_size()
    kind = os.environ.get("TERM", "")
    size = f"{kind or 'TERM is not set'}, {columns}x{rows}"
    if kind in ("", "dumb"):
        yield Finding("terminal", size, well=False, remedy="set TERM, for example to xterm-256color")
    elif (columns, rows) < (40, 10):
        yield Finding("terminal", size, well=False, remedy="make the window larger: Anima needs 40x10")
    else:
        yield Finding("terminal", size)
    yield _colours(kind)
    encoding = (sys.stdout.encoding or "").lower().replace("-", "")
    if encoding != "utf8":
        yield Finding("letters", encoding, well=False, remedy="set LANG to a UTF-8 locale, for example C.UTF-8")


def _colours(kind: str) -> Finding:
    if os.environ.get("NO_COLOR"):
        return Finding("colours", "none, because NO_COLOR is set")
    if os.environ.get("COLORTERM", "").lower() in ("truecolor", "24bit"):
        return Finding("colours", "16 million")
    said = "256" if "256" in kind else "few"
    return Finding("colours", said, remedy="if your terminal can do more, set COLORTERM=truecolor")


def look_at_gpu() -> Finding:
    try:
        done = subprocess.run(
            [sys.executable, "-c", _ASK], capture_output=True, text=True, check=True, timeout=PATIENCE
        )
    except (OSError, subprocess.SubprocessError) as error:
        said = getattr(error, "stderr", "") or str(error)
        return Finding(
            "GPU", f"torch cannot be asked: {said.strip().splitlines()[-1]}", well=False, remedy="install torch anew"
        )
    return Finding("GPU", done.stdout.strip())
