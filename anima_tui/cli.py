"""The command line. Each subcommand imports what it needs when it runs, so that `--help` is instant."""

from __future__ import annotations

import argparse
import os
import re
import sys
from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING

from anima_tui import __version__
from anima_tui.errors import AnimaError, BadSettings
from anima_tui.text import safe_line

if TYPE_CHECKING:
    from anima_tui.paths import Paths
    from anima_tui.settings import Settings

UNUSABLE = 2
INTERRUPTED = 128 + 2  # as a shell reports a process ended by SIGINT

# Word characters, dots and dashes survive every file system and the shell at the far end of an ssh engine.
_SOUL_NAME = re.compile(r"\w[\w.-]{0,63}")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code; an AnimaError becomes one sentence on stderr."""
    parser = _parser()
    options, rest = parser.parse_known_args(arguments)
    if rest and options.run not in (attune, lab):
        parser.error(f"unrecognized arguments: {' '.join(rest)}")
    options.rest = rest
    try:
        code = options.run(options)
        sys.stdout.flush()
        return code
    except AnimaError as error:
        print(f"anima-tui: {safe_line(str(error))}", file=sys.stderr)
        return UNUSABLE
    except KeyboardInterrupt:
        return INTERRUPTED
    except BrokenPipeError:
        # The reader left; what is still buffered must not raise once more when Python shuts down.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1


def chat(options: argparse.Namespace) -> int:
    """Talk: in the app, or in a bare terminal when asked to or when there is no terminal to draw on."""
    settings, paths = _in_force(options)
    asked = "interactive" in options or "stream" in options or "cot" in options
    if asked or not (sys.stdin.isatty() and sys.stdout.isatty()):
        from anima_tui import plain

        return plain.run(settings, paths, stream="stream" in options, cot="cot" in options)
    from anima_tui.app import app

    return app.run(settings, paths)


def engine(options: argparse.Namespace) -> int:
    from anima_tui.engine import server

    return server.main(*_in_force(options))


def attune(options: argparse.Namespace) -> int:
    from anima_tui.engine import attune

    return attune.main(options.rest)


def lab(options: argparse.Namespace) -> int:
    from anima_tui.lab import command

    return command.main(options.rest)


def body(options: argparse.Namespace) -> int:
    from anima_tui import shelf

    settings, paths = _in_force(options)
    match options.what:
        case "list":
            return _print(shelf.bodies(paths))
        case "show":
            return _print(shelf.body(settings.body, paths))
        case "check":
            return _print(shelf.check(settings.body, paths, settings))
        case _:
            return _print(shelf.use(settings.body, paths))


def soul(options: argparse.Namespace) -> int:
    from anima_tui import shelf

    settings, paths = _in_force(options)
    return _print(shelf.souls(paths) if options.what == "list" else [str(paths.soul(settings.soul))])


def show_paths(options: argparse.Namespace) -> int:
    from anima_tui import shelf

    return _print(shelf.places(_in_force(options)[1]))


def _print(lines: Iterable[str]) -> int:
    for line in lines:
        print(line)
    return 0


def _in_force(options: argparse.Namespace) -> tuple[Settings, Paths]:
    from anima_tui.paths import user_paths
    from anima_tui.settings import load_settings

    paths = user_paths()
    flags = {name: getattr(options, name) for name in ("soul", "body", "theme", "engine") if name in options}
    settings = load_settings(paths.settings_file, flags=flags)
    if not _SOUL_NAME.fullmatch(settings.soul):
        raise BadSettings(
            f"{settings.soul!r} cannot name a soul; use letters, digits, dots, dashes and underscores, "
            "at most 64 of them, not beginning with a dot or a dash."
        )
    return settings, paths


def _parser() -> argparse.ArgumentParser:
    # SUPPRESS: a flag may stand before or after the subcommand, and the one given wins over the absent one.
    shared = argparse.ArgumentParser(add_help=False, argument_default=argparse.SUPPRESS)
    shared.add_argument("--soul", metavar="NAME", help="whose memories and habits")
    shared.add_argument("--body", metavar="NAME", help="a preset, or the path of a body's folder")
    shared.add_argument("--theme", metavar="NAME", help="colours of the app")
    shared.add_argument("--engine", metavar="WHERE", help="ssh://[user@]host[:port], or the command that starts it")
    talking = argparse.ArgumentParser(add_help=False, argument_default=argparse.SUPPRESS)
    plain = talking.add_argument_group("plain mode", "Any of these talks in a bare terminal; pipes do too.")
    plain.add_argument("--interactive", action="store_true", help="without the app")
    plain.add_argument("--stream", action="store_true", help="show the reply as it is made")
    plain.add_argument("--cot", action="store_true", help="think first, and show the thoughts")

    parser = argparse.ArgumentParser(
        "anima-tui",
        description="A terminal companion with a persistent inner life.",
        parents=[shared, talking],
        allow_abbrev=False,
    )
    parser.add_argument("--version", action="version", version=f"anima-tui {__version__}")
    parser.set_defaults(run=chat)
    commands = parser.add_subparsers(title="commands", metavar="COMMAND")

    def add(
        name: str, run: Callable[[argparse.Namespace], int], text: str, *parents: argparse.ArgumentParser
    ) -> argparse.ArgumentParser:
        command = commands.add_parser(
            name, help=text, description=text, parents=parents, add_help=bool(parents), allow_abbrev=False
        )
        command.set_defaults(run=run)
        return command

    add("chat", chat, "talk (what happens without a command)", shared, talking)
    add("engine", engine, "the process with the model in it, on stdin and stdout", shared)
    add("attune", attune, "measure a body: labels, valence, safe strengths")  # its own --help answers
    add("lab", lab, "run a study: stability, suppression, drift, year, features; then `lab report`")
    bodies = add("body", body, "the bodies there are", shared)
    bodies.add_argument(
        "what", help="check tells what a body needs before it is downloaded", choices=["list", "show", "check", "use"]
    )
    bodies.add_argument("body", metavar="NAME", nargs="?", default=argparse.SUPPRESS)
    souls = add("soul", soul, "the souls there are", shared)
    souls.add_argument("what", choices=["list", "path"])
    souls.add_argument("soul", metavar="NAME", nargs="?", default=argparse.SUPPRESS)
    add("paths", show_paths, "where everything is kept", shared)
    return parser
