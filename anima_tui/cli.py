"""The command line. Each subcommand imports what it needs when it runs, so that `--help` is instant."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING

from anima_tui import __version__
from anima_tui.errors import AnimaError
from anima_tui.text import safe_line

if TYPE_CHECKING:
    from anima_tui.paths import Paths
    from anima_tui.settings import Settings

UNUSABLE = 2
INTERRUPTED = 128 + 2  # as a shell reports a process ended by SIGINT


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
    except Exception as error:
        return _broke(error)


def _broke(error: Exception) -> int:
    """A mistake of ours: the traceback goes to a file that holds nobody's words."""
    from anima_tui.crash import write_report
    from anima_tui.paths import user_paths

    report = write_report(user_paths().logs, "command", error, None)
    print(f"anima-tui: that went wrong inside ({type(error).__name__}); {report} may go with a bug.", file=sys.stderr)
    return 1


def chat(options: argparse.Namespace) -> int:
    """Talk: in the app, or in a bare terminal when asked to or when there is no terminal to draw on."""
    from anima_tui.paths import user_paths
    from anima_tui.standby import remember_settings, settings_in_force

    paths = user_paths()
    settings, complaint = settings_in_force(paths, _flags(options))
    if not complaint:
        remember_settings(paths)
    asked = "interactive" in options or "stream" in options or "cot" in options
    if asked or not (sys.stdin.isatty() and sys.stdout.isatty()):
        from anima_tui import plain

        return plain.run(settings, paths, stream="stream" in options, cot="cot" in options)
    from anima_tui.app import app

    return app.run(settings, paths, complaint)


def engine(options: argparse.Namespace) -> int:
    from anima_tui.engine.parallel import start
    from anima_tui.paths import user_paths
    from anima_tui.standby import settings_in_force

    paths = user_paths()
    settings, complaint = settings_in_force(paths, _flags(options))
    start.one_for_each(settings.compute.devices)
    if start.rank():
        from anima_tui.engine.parallel.following import follow

        follow(settings.compute)
    from anima_tui.engine import server

    return start.left(server.main(settings, paths, complaint, restore="restore" in options))


def attune(options: argparse.Namespace) -> int:
    from anima_tui.engine.attune import command

    return command.main(options.rest)


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
    match options.what:
        case "list":
            return _print(shelf.souls(paths))
        case "path":
            return _print([str(paths.soul(settings.soul))])
        case what:
            from anima_tui.engine.soul import command

            return _print(command.obey(what, options, settings, paths))


def doctor(options: argparse.Namespace) -> int:
    """Exit status 1 where something is not well."""
    if "reset_terminal" in options:
        from anima_tui.doctor.terminal import reset_terminal

        reset_terminal()
        return 0
    from anima_tui.doctor import examine
    from anima_tui.paths import user_paths

    well = True
    for finding in examine(user_paths(), _flags(options)):
        _print(finding.lines())
        well = well and finding.well
    return 0 if well else 1


def show_paths(options: argparse.Namespace) -> int:
    from anima_tui import shelf

    return _print(shelf.places(_in_force(options)[1]))


def _print(lines: Iterable[str]) -> int:
    for line in lines:
        print(line)
    return 0


def _flags(options: argparse.Namespace) -> dict[str, object]:
    """The settings that stand on the command line."""
    return {
        name: getattr(options, name) for name in ("soul", "body", "theme", "engine", "read_only") if name in options
    }


def _in_force(options: argparse.Namespace) -> tuple[Settings, Paths]:
    """Raises BadSettings: what is no talk does nothing on settings that were not meant."""
    from anima_tui.paths import user_paths
    from anima_tui.standby import require_settings

    paths = user_paths()
    return require_settings(paths, paths.settings_file, _flags(options)), paths


def _parser() -> argparse.ArgumentParser:
    # SUPPRESS: a flag may stand before or after the subcommand, and the one given wins over the absent one.
    shared = argparse.ArgumentParser(add_help=False, argument_default=argparse.SUPPRESS)
    shared.add_argument("--soul", metavar="NAME", help="whose memories and habits")
    shared.add_argument("--body", metavar="NAME", help="a preset, or the path of a body's folder")
    shared.add_argument("--theme", metavar="NAME", help="colours of the app")
    shared.add_argument("--engine", metavar="WHERE", help="ssh://[user@]host[:port], or the command that starts it")
    shared.add_argument("--read-only", action="store_true", help="look in on a soul; nothing is saved")
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
    server = add("engine", engine, "the process with the model in it, on stdin and stdout", shared)
    server.add_argument(
        "--restore", action="store_true", default=argparse.SUPPRESS, help="a damaged soul from her newest whole backup"
    )
    add("attune", attune, "measure a body: labels, valence, safe strengths")  # its own --help answers
    add("lab", lab, "run a study: stability, suppression, drift, year, features; then `lab report`")
    bodies = add("body", body, "the bodies there are", shared)
    bodies.add_argument(
        "what", help="check tells what a body needs before it is downloaded", choices=["list", "show", "check", "use"]
    )
    bodies.add_argument("body", metavar="NAME", nargs="?", default=argparse.SUPPRESS)
    souls = add("soul", soul, "the souls there are: list, carry away, bring back, rename, delete", shared)
    _add_soul_commands(souls, shared)
    checkup = add("doctor", doctor, "look at everything that may keep her from waking", shared)
    checkup.add_argument(
        "--reset-terminal", action="store_true", default=argparse.SUPPRESS, help="mend what a killed app left behind"
    )
    add("paths", show_paths, "where everything is kept", shared)
    return parser


def _add_soul_commands(souls: argparse.ArgumentParser, shared: argparse.ArgumentParser) -> None:
    commands = souls.add_subparsers(dest="what", metavar="COMMAND", required=True)

    def add(name: str, text: str, argument: str = "soul", metavar: str = "NAME") -> argparse.ArgumentParser:
        command = commands.add_parser(name, help=text, description=text, parents=[shared], allow_abbrev=False)
        if argument == "soul":
            command.add_argument("soul", metavar=metavar, nargs="?", default=argparse.SUPPRESS)
        else:
            command.add_argument(argument, metavar=metavar)
        return command

    add("list", "every soul, the newest first")
    add("path", "the folder of a soul")
    add("export", "write a soul to one file: NAME.anima for all of her, NAME.pt for her personality", "file", "FILE")
    add("import", "bring a soul from such a file, under the name it brings or that of --soul", "file", "FILE")
    add("backup", "make one more backup now")
    add("restore", "put the newest whole backup in the place of a damaged soul.db, which is kept aside")
    remembered = commands.add_parser(
        "memories",
        help="what she remembers",
        description="List what she remembers; * marks what is pinned. Changes need her asleep.",
        parents=[shared],
        allow_abbrev=False,
    )
    remembered.add_argument("words", metavar="WORDS", nargs="*", help="only memories in which these words begin a word")
    remembered.add_argument("--limit", type=int, default=50, metavar="N", help="how many (default 50)")
    remembered.add_argument("--pin", type=int, metavar="ID", help="let it always come to mind")
    remembered.add_argument("--unpin", type=int, metavar="ID")
    remembered.add_argument("--edit", nargs=2, metavar=("ID", "TEXT"), help="other words for it")
    remembered.add_argument("--forget", type=int, metavar="ID", help="erase it, and what she holds true on its account")
    add("rename", "give a soul another name", "new", "NEW")
    delete = add("delete", "move a soul to the trash")
    delete.add_argument("--yes", action="store_true", help="without asking for the name once more")
