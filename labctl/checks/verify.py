"""`labctl verify` without its output: run the checks of a lab with pytest."""

from __future__ import annotations

import contextlib
import fnmatch
import io
import os
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

import pytest

from labctl.checks.plugin import LabPlugin
from labctl.checks.report import Report
from labctl.compiler.plan import Plan
from labctl.engine.interface import Engine

SUITE: Final = Path(__file__).parent / "suite" / "test_lab.py"
NO_PLUGINS: Final = "PYTEST_DISABLE_PLUGIN_AUTOLOAD"


def verify(
    engine: Engine,
    plan: Plan,
    *,
    only: Sequence[str] = (),
    junit: Path | None = None,
    fail_fast: bool = False,
) -> Report:
    """Check ``plan``'s expectations against the running lab.

    ``only`` are patterns of ids (fnmatch): "dns.*", "flow.client.*"; none means all.
    """
    wanted = tuple(
        one
        for one in plan.expectations
        if not only or any(fnmatch.fnmatch(one.id, pattern) for pattern in only)
    )
    if not wanted:
        return Report(plan.lab, [], 0.0)
    plugin = LabPlugin(engine, plan, wanted)
    options = [str(SUITE), "-q", "-p", "no:cacheprovider", "--assert=plain"]
    options += [f"--rootdir={SUITE.parent}", "-c", "/dev/null", "--import-mode=importlib"]
    options += [f"--junitxml={junit}", "-o", "junit_suite_name=labctl"] if junit else []
    options += ["-x"] if fail_fast else []
    began = time.monotonic()
    with contextlib.redirect_stdout(io.StringIO()) as said, _only_our_plugins():
        code = pytest.main(options, plugins=[plugin])
    if code not in (pytest.ExitCode.OK, pytest.ExitCode.TESTS_FAILED):
        raise RuntimeError(f"pytest could not run the checks ({code}):\n{said.getvalue()}")
    return Report(plan.lab, list(plugin.results.values()), time.monotonic() - began)


@contextlib.contextmanager
def _only_our_plugins() -> Iterator[None]:
    """What else is installed here must neither slow the checks down nor change them."""
    before = os.environ.get(NO_PLUGINS)
    os.environ[NO_PLUGINS] = "1"
    try:
        yield
    finally:
        if before is None:
            del os.environ[NO_PLUGINS]
        else:
            os.environ[NO_PLUGINS] = before
