"""The one exception that a user ever sees, and the exit codes it can carry."""

from __future__ import annotations

import enum


class ExitCode(enum.IntEnum):
    """What the shell is told; the table of DESIGN.md, "Interface conventions"."""

    OK = 0
    FAILED = 1  # a check or the lab failed
    USAGE = 2  # wrong usage, or an invalid topology
    ENVIRONMENT = 3  # no engine, no permission, something taken
    NOT_READY = 4  # not ready in time
    NO_CHECK = 5  # no check ran
    CHANGES = 6  # changes are pending (plan --detailed-exitcode)
    INTERRUPTED = 130


class LabError(Exception):
    """The world refused: what happened (with where), and what to do next.

    ``what`` is one line without a full stop; ``hint`` may have several lines.
    """

    def __init__(
        self, what: str, *, hint: str = "", exit_code: ExitCode = ExitCode.ENVIRONMENT
    ) -> None:
        super().__init__(what)
        self.what = what
        self.hint = hint
        self.exit_code = exit_code
