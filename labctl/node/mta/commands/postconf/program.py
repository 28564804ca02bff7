"""The options of postconf(1), and which of its jobs they ask for."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Final

from labctl.node.base.log import Fatal
from labctl.node.mta.commands.options import Options, parse_options, pass_any_bytes
from labctl.node.mta.commands.postconf import main_cf_edit, main_cf_report
from labctl.node.mta.commands.postconf.options import check
from labctl.node.mta.lib.config.main_cf import DEFAULT_DIRECTORY


def main(argv: Sequence[str]) -> int:
    """Obey the command line."""
    pass_any_bytes()
    options = check(parse_options(argv, LETTERS, USAGE))
    for letter, lines in LISTS.items():
        if options.has(letter):
            print("\n".join(lines()))
            return 0
    for letter, missing in NOT_THERE.items():
        if options.has(letter):
            raise Fatal(f"-{letter}: {missing}")
    if any(options.has(letter) for letter in "MFP"):
        return _master_cf(options)
    if options.has("b") or options.has("t"):
        return _bounce_templates(options)
    if any(options.has(letter) for letter in "eX#"):
        return main_cf_edit.run(options, _directory(options))
    return main_cf_report.run(options, _directory(options))


def _master_cf(options: Options) -> int:
    # main.cf is what is asked for nearly always; it need not wait for this import.
    from labctl.node.mta.commands.postconf import master_cf_edit, master_cf_report

    if any(options.has(letter) for letter in "eX#"):
        return master_cf_edit.run(options, _directory(options))
    return master_cf_report.run(options, _directory(options))


def _bounce_templates(options: Options) -> int:
    # Asked for once a year; nobody else should pay for the import.
    from labctl.node.mta.commands.postconf import bounce_report

    return bounce_report.run(options, _directory(options))


def _directory(options: Options) -> str:
    import os  # read here only: nothing below may depend on the environment

    chosen = options.values("c")
    return chosen[-1] if chosen else os.environ.get("MAIL_CONFIG") or DEFAULT_DIRECTORY


def _table_types() -> list[str]:
    from labctl.node.mta.lib.maps import TYPES

    return sorted(TYPES)


def _lock_types() -> list[str]:
    return ["flock", "fcntl", "dotlock"]


LETTERS: Final = "aAbc:C:deEfFhHlmMno:pPtT:vxX#"
USAGE: Final = (
    "postconf [-a (server SASL types)] [-A (client SASL types)] [-b (bounce templates)]"
    " [-c config_dir] [-c param_class] [-d (parameter defaults)] [-e (edit configuration)]"
    " [-f (fold lines)] [-F (master.cf fields)] [-h (no names)] [-H (no values)]"
    " [-l (lock types)] [-m (map types)] [-M (master.cf)] [-n (non-default parameters)]"
    " [-o name=value (override parameter value)] [-p (main.cf, default)]"
    " [-P (master.cf parameters)] [-t (bounce templates)]"
    " [-T compile-version|run-version|public-key-algorithms] [-v (verbose)]"
    " [-x (expand parameter values)] [-X (exclude)] [-# (comment-out)] [name...]"
)
LISTS: Final[Mapping[str, Callable[[], list[str]]]] = {
    "m": _table_types,
    "l": _lock_types,
}
NOT_THERE: Final[Mapping[str, str]] = {
    "a": "there is no SASL authentication in this mail system yet",
    "A": "there is no SASL authentication in this mail system yet",
    "T": "there is no TLS in this mail system yet",
}
