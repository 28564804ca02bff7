"""Write docs/reference/ from the tables of the code: `make docs`.

A page that is written by hand is wrong from the first change on; these are made from what the
programs themselves read.  A test compares the pages with what this would write.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Iterator, Mapping
from importlib import import_module
from pathlib import Path
from typing import Final

import typer

from labctl.cli.commands import COMMANDS
from labctl.compiler.expected import KINDS
from labctl.node.mta.lib.config.parameters import PARAMETERS, Kind, Parameter
from labctl.node.mta.smtpd.restrictions.table import RESTRICTIONS

FOLDER: Final = Path(__file__).with_name("reference")
MADE_BY: Final = "<!-- made by docs/generate.py; change the code instead -->\n\n"


def commands() -> Iterator[str]:
    """The commands of labctl, each with its help."""
    yield "# Commands\n"
    for command in COMMANDS:
        function = import_module(command.module).command
        yield f"\n## labctl {command.name}\n\n{command.summary}\n"
        if not isinstance(function, typer.Typer) and function.__doc__:
            yield "\n" + _indented(function.__doc__)


def checks() -> Iterator[str]:
    """The kinds of checks that `labctl verify` makes from a topology."""
    yield "# Checks\n\n"
    yield "In the order in which they run; one that needs a failed one is skipped.\n"
    for kind, expectation in KINDS.items():
        yield f"\n## {kind} (layer {expectation.layer.value})\n\n"
        yield _flowing(expectation.__doc__ or "") + "\n"


def parameters() -> Iterator[str]:
    """The parameters of main.cf: which programs read them, and which are only known."""
    read = [one for one in PARAMETERS.values() if one.is_read]
    known = [one for one in PARAMETERS.values() if not one.is_read]
    yield "# Parameters of main.cf\n\n"
    yield f"Postfix 3.7 has {len(PARAMETERS)}; our programs read {len(read)} of them.\n"
    yield "Setting one of the others is allowed and named by `postfix check`.\n\n"
    yield "A number or a period beyond its bounds stops the program that reads it.\n\n"
    yield "## Obeyed\n\n"
    yield "| parameter | default | bounds | read by | |\n|---|---|---|---|---|\n"
    for one in read:
        cells = [one.name, _code(one.default), _bounds(one), " ".join(one.readers), one.doc]
        yield f"| {' | '.join(map(_cell, cells))} |\n"
    yield "\n## Known, and read by nobody yet\n\n"
    yield "| parameter | default | |\n|---|---|---|\n"
    for one in known:
        yield f"| {one.name} | {_cell(_code(one.default))} | {_cell(one.doc)} |\n"


def smtpd_restrictions() -> Iterator[str]:
    """The restrictions of smtpd, as its own table has them."""
    yield "# Restrictions of smtpd\n\n"
    for name, row in RESTRICTIONS.items():
        yield f"* `{name}`: {_flowing(_doc(row.ask))}\n"


PAGES: Final[Mapping[str, Callable[[], Iterator[str]]]] = {
    "commands.md": commands,
    "checks.md": checks,
    "parameters.md": parameters,
    "restrictions.md": smtpd_restrictions,
}


def page(name: str) -> str:
    """Give the text of a page."""
    return MADE_BY + "".join(PAGES[name]())


def main() -> int:
    FOLDER.mkdir(exist_ok=True)
    for name in PAGES:
        (FOLDER / name).write_text(page(name))
    return 0


def _code(text: str) -> str:
    return f"`{text}`" if text else ""


def _bounds(one: Parameter) -> str:
    """Those of a number or a period; that a text must not be empty goes without saying."""
    if one.kind not in (Kind.NUMBER, Kind.SIZE, Kind.SECONDS) or not any(one.bounds):
        return ""
    least, greatest = one.bounds
    return f"{least or ''}..{greatest or ''}"


def _doc(thing: object) -> str:
    return (getattr(thing, "__doc__", "") or "").partition("\n\n")[0]


def _flowing(text: str) -> str:
    return re.sub(r"\s+", " ", text).strip()


def _indented(text: str) -> str:
    lines = [line.strip() if line.startswith("    ") else line for line in text.splitlines()]
    return "".join(f"    {line}\n" if line.strip("\b ") else "\n" for line in lines)


def _cell(text: str) -> str:
    return text.replace("|", "\\|")


if __name__ == "__main__":
    sys.exit(main())
