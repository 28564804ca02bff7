"""The pytest plugin of `labctl verify`: expectations in, results out.

Expectations become the parameters of one test; they run in the order of their layers, and one
is skipped when something that it needs has failed, so that one fault is reported once.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import pytest

from labctl.checks.failure import CheckFailed
from labctl.checks.flow import letter_of
from labctl.checks.inbox import Inboxes
from labctl.checks.nodes import Nodes
from labctl.checks.post import Posted, post_all
from labctl.checks.promises import letter_for
from labctl.checks.report import Outcome, Result
from labctl.checks.wrong_password import Tried, trying
from labctl.compiler.expected import Expectation, Flow, Layer, Promise, RefuseLogin
from labctl.compiler.plan import Plan
from labctl.engine.interface import Engine


class LabPlugin:
    """Lives for one run of pytest."""

    def __init__(self, engine: Engine, plan: Plan, wanted: tuple[Expectation, ...]) -> None:
        self._engine = engine
        self._plan = plan
        self._wanted = sorted(wanted, key=lambda one: list(Layer).index(one.layer))
        self.results: dict[str, Result] = {}

    def pytest_generate_tests(self, metafunc: pytest.Metafunc) -> None:
        metafunc.parametrize("expectation", self._wanted, ids=[one.id for one in self._wanted])

    @pytest.fixture(scope="session")
    def nodes(self) -> Iterator[Nodes]:
        with Nodes(self._engine, self._plan) as nodes:
            yield nodes

    @pytest.fixture(scope="session")
    def posted(self, nodes: Nodes, request: pytest.FixtureRequest) -> Mapping[str, Posted]:
        chosen = [_expectation(item) for item in request.session.items]
        letters = [letter_of(one) for one in chosen if isinstance(one, Flow)]
        letters += [letter_for(one) for one in chosen if isinstance(one, Promise)]
        return post_all(letters, nodes)

    @pytest.fixture(scope="session")
    def tried(self, nodes: Nodes, request: pytest.FixtureRequest) -> Iterator[Tried]:
        chosen = [_expectation(item) for item in request.session.items]
        with trying([one for one in chosen if isinstance(one, RefuseLogin)], nodes) as tried:
            yield tried

    @pytest.fixture(scope="session")
    def inboxes(self, nodes: Nodes) -> Inboxes:
        return Inboxes(nodes)

    def pytest_runtest_setup(self, item: pytest.Item) -> None:
        for needed in _expectation(item).needs:
            result = self.results.get(needed)
            if result and result.outcome is not Outcome.PASSED:
                pytest.skip(f"needs {needed}, which {result.outcome}")

    @pytest.hookimpl(hookwrapper=True)
    def pytest_runtest_makereport(
        self, item: pytest.Item, call: pytest.CallInfo[None]
    ) -> Iterator[None]:
        outcome: Any = yield
        report: pytest.TestReport = outcome.get_result()
        expectation = _expectation(item)
        if call.excinfo and isinstance(call.excinfo.value, CheckFailed):
            report.longrepr = str(call.excinfo.value)  # what JUnit readers shall see
        if call.when == "call" or report.outcome != "passed":
            self.results[expectation.id] = _result(expectation, report, call)


def _expectation(item: pytest.Item) -> Expectation:
    expectation: Expectation = item.callspec.params["expectation"]  # type: ignore[attr-defined]
    return expectation


def _result(
    expectation: Expectation, report: pytest.TestReport, call: pytest.CallInfo[None]
) -> Result:
    error = call.excinfo.value if call.excinfo else None
    rows = tuple((title, str(text)) for title, text in report.user_properties)
    if isinstance(error, CheckFailed):
        rows = tuple(error.rows())
    elif report.skipped:
        rows = (("skipped", str(getattr(error, "msg", error))),)
    elif error is not None:
        rows = (("error", f"{type(error).__name__}: {error}"),)
    outcome = Outcome(report.outcome)
    return Result(expectation.id, expectation.layer.value, outcome, report.duration, rows)
