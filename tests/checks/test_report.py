"""What the exit status of `labctl verify` says about a run."""

import pytest

from labctl.checks.failure import CheckFailed
from labctl.checks.report import Outcome, Report, Result


def result(outcome: Outcome) -> Result:
    return Result("dns.mx.example.test", "dns", outcome, 0.1)


@pytest.mark.parametrize(
    ("outcomes", "status"),
    [
        pytest.param([Outcome.PASSED, Outcome.PASSED], 0, id="all passed"),
        pytest.param([Outcome.PASSED, Outcome.FAILED], 1, id="one failed"),
        pytest.param([Outcome.PASSED, Outcome.SKIPPED], 1, id="one was not checked"),
        pytest.param([], 5, id="nothing was checked"),
    ],
)
def test_only_a_run_without_doubt_is_green(outcomes, status):
    """A CI job must not turn green because nothing ran."""
    assert Report("small", [result(one) for one in outcomes], 1.0).exit_code == status


def test_a_failure_tells_what_how_and_what_next():
    """The parts that a student reads, in the order of reading; empty ones are left out."""
    failure = CheckFailed(
        expected="MX of example.test: 10 mx.example.test",
        got="NXDOMAIN",
        next_command="labctl logs ns",
    )

    assert str(failure) == (
        "expected  MX of example.test: 10 mx.example.test\n"
        "got       NXDOMAIN\n"
        "next      labctl logs ns"
    )
