"""`labctl`: from the command line to one command, and from any error to a message.

INPUT AND OUTPUT
    ``main()`` returns the exit status of DESIGN "Interface conventions". A ``LabError`` is
    printed as what happened and what to do next; a traceback is for ``--debug`` only.

WHY A TABLE
    `labctl --help` answers before one looks away, because nothing but the table is
    loaded for it; a command's module is imported when that command runs.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from importlib import import_module
from typing import Annotated, Final, cast

import typer

from labctl import __version__
from labctl.cli.commands import COMMANDS, Command
from labctl.cli.render import show_data, show_error, show_unexpected
from labctl.errors import ExitCode, LabError

DEBUG: Final = "--debug"
COMPLETION: Final = "_LABCTL_COMPLETE"

# The UsageError of click; typer brings a click of its own from some version on.
UsageError: Final = cast(type[Exception], typer.BadParameter.__base__)


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; every failure has become a message and an exit status."""
    arguments = list(sys.argv[1:] if argv is None else argv) or ["--help"]
    debug = DEBUG in _before_separator(arguments)
    try:
        return run(arguments)
    except LabError as error:
        show_error(error)
        return _again_if(debug, error.exit_code)
    except KeyboardInterrupt:
        show_error(LabError("interrupted", hint="What was begun can be removed: labctl down"))
        return _again_if(debug, ExitCode.INTERRUPTED)
    except BrokenPipeError:
        # The reader of our output went away, as in `labctl plan ... | head`.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return ExitCode.FAILED
    except Exception as error:
        show_unexpected(error)
        return _again_if(debug, ExitCode.FAILED)


def run(arguments: Sequence[str]) -> int:
    """Run one command, and let its exceptions out."""
    app = build(_named_commands(arguments))
    try:
        result = app(args=list(arguments), prog_name="labctl", standalone_mode=False)
    except typer.Exit as ended:
        return ended.exit_code
    except typer.Abort:
        raise KeyboardInterrupt from None
    except UsageError as wrong:
        raise _usage(wrong) from None
    return result if isinstance(result, int) else ExitCode.OK


def build(wanted: frozenset[str]) -> typer.Typer:
    """Make the application; commands that are not in ``wanted`` are names only."""
    # typer's rich help takes as long to import as all the rest together.
    app = typer.Typer(
        help=HELP, rich_markup_mode=None, no_args_is_help=True, context_settings=HELP_OPTIONS
    )
    app.callback()(_options)
    for command in COMMANDS:
        if command.name in wanted:
            _add(app, command)
        else:
            app.command(command.name, help=command.summary)(_only_a_name)
    return app


def _add(app: typer.Typer, command: Command) -> None:
    module = import_module(command.module)
    if isinstance(module.command, typer.Typer):  # a command with commands: images build
        app.add_typer(module.command, name=command.name, help=command.summary)
        return
    app.command(
        command.name, short_help=command.summary, context_settings=dict(command.settings)
    )(module.command)


def _named_commands(arguments: Sequence[str]) -> frozenset[str]:
    """The command that the line names; while completing, those that it may become."""
    words = [word for word in arguments if not word.startswith("-")]
    if COMPLETION in os.environ:
        words += os.environ.get(
            "COMP_WORDS", os.environ.get("_TYPER_COMPLETE_ARGS", "")
        ).split()
        return frozenset(words)
    return frozenset(words[:1])


def _before_separator(arguments: Sequence[str]) -> Sequence[str]:
    """What is ours: after "--" come the words of somebody else's command."""
    return arguments[: arguments.index("--")] if "--" in arguments else arguments


def _usage(wrong: Exception) -> LabError:
    text = wrong.format_message() if hasattr(wrong, "format_message") else str(wrong)
    context = getattr(wrong, "ctx", None)
    path = context.command_path if context else "labctl"
    what = text[:1].lower() + text[1:].rstrip(".")
    return LabError(what, hint=f"See: {path} --help", exit_code=ExitCode.USAGE)


def _again_if(debug: bool, code: int) -> int:
    if debug:
        raise  # called while an exception is being handled
    return code


def _only_a_name() -> None:
    """Stand for a command whose module is not loaded."""


def _version(wanted: bool) -> None:
    if wanted:
        show_data(f"labctl {__version__}")
        raise typer.Exit


def _options(
    debug: Annotated[bool, typer.Option(DEBUG, help="Show tracebacks.")] = False,
    version: Annotated[
        bool,
        typer.Option("--version", callback=_version, is_eager=True, help="Show the version."),
    ] = False,
) -> None:
    pass


HELP_OPTIONS: Final = {"help_option_names": ["-h", "--help"]}

HELP: Final = """One YAML file becomes a small internet of mail, and proves that mail flows.

\b
Begin with:
  labctl up topologies/beauvelo.yml     start the network of the course
  labctl verify beauvelo                prove that it works
  labctl shell smtp                     look around on one of its machines
  labctl down beauvelo                  remove it without a trace
"""
