"""`python -m anima_tui`."""

from __future__ import annotations

import sys

from anima_tui.cli import main

sys.exit(main())
