"""What each process loads at run time. The import contracts say the same of the static graph."""

from __future__ import annotations

import subprocess
import sys

import pytest

ENGINE_SIDE = ["torch", "transformers", "sae_lens", "safetensors", "anima_tui.engine"]
APP_SIDE = ["textual", "rich", "anima_tui.app", "anima_tui.plain"]


@pytest.mark.parametrize(
    ("module", "never"),
    [
        ("anima_tui.cli", [*ENGINE_SIDE, *APP_SIDE, "msgspec", "numpy"]),
        ("anima_tui.plain", [*ENGINE_SIDE, "textual", "rich", "numpy"]),
        ("anima_tui.app.app", ENGINE_SIDE),
        ("anima_tui.wire", [*ENGINE_SIDE, *APP_SIDE]),
        ("anima_tui.engine.server, anima_tui.engine.session", [*APP_SIDE, "sae_lens", "transformer_lens", "plotly"]),
    ],
)
def test_a_process_never_loads_what_is_not_its_own(module: str, never: list[str]) -> None:
    program = f"import sys, {module}; print(*[name for name in {never!r} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout.split() == []
