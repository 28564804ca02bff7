"""Call the program whose name this process was called by, as /usr/lib/labctl/run does.

INPUT AND OUTPUT
    ``main(argv)``: the last part of argv[0] names the program; a name of ``run`` itself means
    that argv[1] does.  A program that gives up (``Fatal``) ends with `name: fatal: text`.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence

from labctl.node.base import programs
from labctl.node.base.log import Fatal

_EX_SOFTWARE = 70  # sysexits.h


def main(argv: Sequence[str]) -> int:
    """Run one program to its end; returns its exit status."""
    name = os.path.basename(argv[0])
    if name == "run":
        return main(argv[1:]) if len(argv) > 1 else _say("run", "which program?", 64)
    try:
        program = programs.load(name)
        if name not in programs.PROGRAMS:
            return _say(name, "this program is started by the Postfix master(8) only", 1)
        status: int = program.main([name, *argv[1:]])
    except programs.UnknownProgram as unknown:
        return _say(name, str(unknown), _EX_SOFTWARE)
    except Fatal as failure:
        for warning in failure.warnings:
            print(f"{name}: warning: {warning}", file=sys.stderr)
        return _say(name, str(failure), failure.status)
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:
        # Whoever read our output has gone (`postqueue -p | head`): there is nobody to tell.
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        return 141
    return status


def _say(name: str, text: str, status: int) -> int:
    print(f"{name}: fatal: {text}", file=sys.stderr)
    return status
