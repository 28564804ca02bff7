"""The event loop: what is ready runs, what is due runs, signals run in order."""

from __future__ import annotations

import os
import signal

import pytest

from labctl.node.base.events import EventLoop


@pytest.fixture
def loop():
    loop = EventLoop()
    yield loop
    loop.close()
    for number in (signal.SIGUSR1, signal.SIGCONT):
        signal.signal(number, signal.SIG_DFL)


def test_a_reader_runs_when_there_is_something_to_read(loop):
    """master learns from its children through pipes."""
    reader, writer = os.pipe()
    seen = []
    loop.add_reader(reader, lambda: seen.append(os.read(reader, 10)))
    os.write(writer, b"hello")
    loop.run_once(5)
    loop.remove_reader(reader)

    assert seen == [b"hello"]
    os.close(reader)
    os.close(writer)


def test_the_end_of_a_pipe_is_seen_by_who_only_holds_its_write_end(loop):
    """An idle child has to notice that master is gone."""
    reader, writer = os.pipe()
    seen = []
    loop.add_reader(writer, lambda: seen.append("gone"))
    os.close(reader)
    loop.run_once(5)
    loop.remove_reader(writer)

    assert seen == ["gone"]
    os.close(writer)


def test_timers_run_in_the_order_of_their_time(loop):
    """Retries of a queue must not overtake each other."""
    seen = []
    loop.call_later(0.002, lambda: seen.append("second"))
    loop.call_later(0.001, lambda: seen.append("first"))
    loop.call_later(0.003, loop.stop)
    loop.run()

    assert seen == ["first", "second"]


def test_a_cancelled_timer_never_runs(loop):
    """A deadline that was met must not strike later."""
    seen = []
    loop.call_later(0.001, lambda: seen.append("late")).cancel()
    loop.call_later(0.002, loop.stop)
    loop.run()

    assert seen == []


def test_a_signal_runs_in_the_loop(loop):
    """SIGHUP in the middle of a fork would leave half a table."""
    seen = []
    loop.on_signal(signal.SIGUSR1, lambda: seen.append("signal"))
    os.kill(os.getpid(), signal.SIGUSR1)
    assert seen == []
    loop.run_once(5)

    assert seen == ["signal"]


def test_a_moved_clock_wakes_a_sleeper(loop, monkeypatch):
    """`labctl clock advance` must reach a queue manager that sleeps for minutes."""
    from labctl.node.base import clock

    offset = [0.0]
    monkeypatch.setattr(clock, "uptime", lambda: clock.monotonic() + offset[0])
    seen = []
    loop.on_signal(signal.SIGUSR1, lambda: None)
    loop.call_later(3600, lambda: seen.append("due"))
    offset[0] = 3601.0
    os.kill(os.getpid(), signal.SIGCONT)
    loop.run_once(5)

    assert seen == ["due"]
