from __future__ import annotations

import subprocess
import sys


def test_importing_the_app_loads_nothing_heavy() -> None:
    code = (
        "import sys, anima_tui.app.app; "
        "print([name for name in ('torch', 'transformers', 'sae_lens', 'numpy', 'anima_tui.engine') "
        "if name in sys.modules])"
    )
    answer = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert answer.stdout.strip() == "[]"
