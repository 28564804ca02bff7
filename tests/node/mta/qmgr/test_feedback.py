"""Concurrency windows: how trust in a destination grows and goes."""

import pytest

from labctl.node.mta.qmgr.feedback import (
    Limits,
    Window,
    after_failure,
    after_success,
    parse_amount,
)


def test_each_success_opens_the_window_by_one():
    """A site that answers gets more mail at a time, up to what really runs plus a margin."""
    window = Window(5)
    for busy in (5, 6, 7):
        window = after_success(window, busy, Limits())

    assert window.size == 8


def test_the_window_stays_below_the_concurrency_limit():
    """Nobody wants 500 connections from one neighbour."""
    assert after_success(Window(20), 20, Limits(maximum=20)).size == 20


def test_an_idle_window_does_not_grow_without_need():
    """A window far above what runs would not feel the first failures."""
    assert after_success(Window(6), 1, Limits(initial=5)).size == 6


def test_failures_close_the_window_until_the_destination_is_dead():
    """One cohort of failures in a row is enough: then qmgr leaves the site alone."""
    window, sizes = Window(5), []
    for _ in range(3):
        window = after_failure(window, Limits())
        sizes.append(window.size)

    assert sizes == [3, 2, 0]


def test_a_success_between_failures_starts_the_count_anew():
    """A site with hiccups is not a dead site."""
    window = after_failure(after_failure(Window(5), Limits()), Limits())
    window = after_success(window, 3, Limits())

    assert window.cohorts == 0


def test_without_a_cohort_limit_a_destination_never_dies():
    """postconf(5): 0 disables the feature."""
    window = Window(2)
    for _ in range(50):
        window = after_failure(window, Limits(failed_cohorts=0))

    assert window.size == 1


def test_a_success_revives_the_dead_with_what_is_still_running():
    """Back from the almost grave, the best guess is what is under way."""
    assert after_success(Window(0), 3, Limits()).size == 3


@pytest.mark.parametrize(
    ("text", "amount"),
    [("1", 1.0), ("0.5", 0.5), ("1/concurrency", 0.25), ("1/sqrt_concurrency", 0.5)],
)
def test_feedback_may_depend_on_the_window(text, amount):
    """The four forms of default_destination_concurrency_positive_feedback."""
    assert parse_amount(text)(4) == amount


@pytest.mark.parametrize("text", ["0", "2", "much", "1/0"])
def test_impossible_feedback_is_refused(text):
    """A feedback of zero would never change anything."""
    with pytest.raises((ValueError, KeyError)):
        parse_amount(text)
