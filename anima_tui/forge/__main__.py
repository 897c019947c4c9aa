"""`python -m anima_tui.forge train | pack | evaluate`."""

from __future__ import annotations

import sys

from anima_tui.forge import evaluate, pack, train

COMMANDS = {"train": train.main, "pack": pack.main, "evaluate": evaluate.main}


def main() -> int:
    """Run one command; the exit status."""
    name, arguments = (sys.argv[1:2] or [""])[0], sys.argv[2:]
    if name not in COMMANDS:
        print(f"say which: {', '.join(COMMANDS)}; each tells its options with --help.", file=sys.stderr)
        return 2
    COMMANDS[name](arguments)
    return 0


if __name__ == "__main__":
    sys.exit(main())
