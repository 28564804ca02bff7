"""`labctl verify`: prove that a running lab does what its topology promises."""

from __future__ import annotations

import enum
import json
from pathlib import Path
from typing import Annotated

import typer

from labctl.checks.report import LEFT_OUT, Outcome, Report, Result
from labctl.checks.verify import verify
from labctl.cli import completing
from labctl.cli.labs import LAB_HELP, plain_name
from labctl.cli.render import GREEN, INDENT, RED, paint, show_data, show_progress
from labctl.engine.select import plan_of, running


class Output(enum.StrEnum):
    """Formats of --output."""

    TABLE = "table"
    JSON = "json"


def command(
    lab: Annotated[str, typer.Argument(help=LAB_HELP, autocompletion=completing.labs)] = "",
    only: Annotated[
        list[str] | None,
        typer.Option("--only", help="Checks by id: 'dns.*'.", autocompletion=completing.checks),
    ] = None,
    output: Annotated[
        Output, typer.Option("--output", "-o", help="How to print it.")
    ] = Output.TABLE,
    junit: Annotated[
        Path | None, typer.Option(help="Write a JUnit report here as well.")
    ] = None,
    errors_only: Annotated[bool, typer.Option("--errors-only", help="Failures only.")] = False,
    fail_fast: Annotated[
        bool, typer.Option("--fail-fast", "-x", help="Stop at the first.")
    ] = False,
) -> int:
    """Check names, ports, logins, mail from everywhere to everyone, and what must be refused.

    Every probe has a token of its own, is looked for on disk and read back over POP3 and IMAP.
    Exit status: 0 all passed, 1 something failed, 5 no check ran.

    \b
    labctl verify beauvelo
    labctl verify --only 'flow.*' --junit report.xml
    """
    engine, name = running(plain_name(lab) if lab else "")
    plan = plan_of(engine, name)
    report = verify(engine, plan, only=only or (), junit=junit, fail_fast=fail_fast)
    if output is Output.JSON:
        show_data(json.dumps(report.to_data(), indent=2, ensure_ascii=False))
    else:
        _print(report, errors_only=errors_only)
    return report.exit_code


def _print(report: Report, *, errors_only: bool) -> None:
    width = max((len(result.id) for result in report.results), default=0)
    for result in report.results:
        if result.outcome is not Outcome.PASSED or not errors_only:
            show_data(_line(result, width))
    counts = [f"{report.count(outcome)} {outcome.value}" for outcome in Outcome]
    show_progress(f"{report.lab}: {', '.join(counts)} in {report.seconds:.1f} s")
    left_out = [dict(result.rows).get(LEFT_OUT, "") for result in report.results]
    for reason in dict.fromkeys(filter(None, left_out)):
        show_progress(f"{left_out.count(reason)} checks left out {reason}")


def _line(result: Result, width: int) -> str:
    import sys

    colour = {Outcome.PASSED: GREEN, Outcome.FAILED: RED}.get(result.outcome, "")
    word = paint(WORDS[result.outcome], colour, sys.stdout)
    lines = [f"{word}  {result.id:<{width}}  {result.seconds:5.2f} s"]
    for title, text in result.rows:
        first, *rest = text.splitlines() or [""]
        lines.append(f"{INDENT}{title:<9} {first}")
        lines += [f"{INDENT}{'':<9} {line}" for line in rest]
    return "\n".join(line.rstrip() for line in lines)


WORDS = {Outcome.PASSED: "PASS", Outcome.FAILED: "FAIL", Outcome.SKIPPED: "SKIP"}
