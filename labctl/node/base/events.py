"""One event loop: descriptors, timers and signals, one callback at a time.

INPUT AND OUTPUT
    Callbacks take no argument.  ``call_later()`` and ``call_at()`` return a ``Timer`` that can
    be cancelled.  Timers run in ``clock.uptime()``: when the lab moves its clock, they follow.

WHY SIGNALS ONLY WAKE
    A signal handler that works runs between any two lines of the program.  Here it writes one
    byte to a pipe, and the work is done by the loop, in order with everything else.

BUGS
    After a fork the child must call ``close()`` before anything else: the epoll set is shared
    with the parent, and what the child removes from it the parent would no longer see.
"""

from __future__ import annotations

import contextlib
import heapq
import itertools
import os
import select
import signal
from collections.abc import Callable
from typing import Final

from labctl.node.base import clock

Callback = Callable[[], None]
_READ: Final = select.EPOLLIN | select.EPOLLHUP | select.EPOLLERR | select.EPOLLRDHUP


class Timer:
    """A callback that is due at some time, unless it is cancelled."""

    __slots__ = ("callback", "due")

    def __init__(self, due: float, callback: Callback) -> None:
        self.due = due
        self.callback: Callback | None = callback

    def cancel(self) -> None:
        self.callback = None


class EventLoop:
    """Call who waits for a descriptor, a moment or a signal."""

    def __init__(self) -> None:
        self._epoll = select.epoll()
        self._readers: dict[int, Callback] = {}
        self._writers: dict[int, Callback] = {}
        self._timers: list[tuple[float, int, Timer]] = []
        self._order = itertools.count()
        self._signals: dict[int, Callback] = {}
        self._wakeup: tuple[int, int] | None = None
        self._running = False

    def add_reader(self, fd: int, callback: Callback) -> None:
        self._readers[fd] = callback
        self._register(fd)

    def remove_reader(self, fd: int) -> None:
        self._readers.pop(fd, None)
        self._register(fd)

    def add_writer(self, fd: int, callback: Callback) -> None:
        self._writers[fd] = callback
        self._register(fd)

    def remove_writer(self, fd: int) -> None:
        self._writers.pop(fd, None)
        self._register(fd)

    def call_later(self, delay: float, callback: Callback) -> Timer:
        return self.call_at(clock.uptime() + delay, callback)

    def call_at(self, due: float, callback: Callback) -> Timer:
        timer = Timer(due, callback)
        heapq.heappush(self._timers, (due, next(self._order), timer))
        return timer

    def on_signal(self, number: int, callback: Callback) -> None:
        """Run a callback in the loop after a signal."""
        if self._wakeup is None:
            self._open_wakeup()
        self._signals[number] = callback
        signal.signal(number, _only_wake)

    def run(self) -> None:
        """Run until somebody calls ``stop()``."""
        self._running = True
        while self._running:
            self.run_once()

    def stop(self) -> None:
        self._running = False

    def run_once(self, timeout: float | None = None) -> None:
        """Wait for something to happen, at most ``timeout`` seconds, and run what is due."""
        for fd, events in self._epoll.poll(self._patience(timeout)):
            if events & _READ and fd in self._readers:
                self._readers[fd]()
            if events & ~select.EPOLLIN and fd in self._writers:
                self._writers[fd]()
        self._run_timers()

    def close(self) -> None:
        """Let go of everything; in a forked child this does not touch the parent's loop."""
        self._epoll.close()
        self._readers.clear()
        self._writers.clear()
        self._timers.clear()
        if self._wakeup is not None:
            signal.set_wakeup_fd(-1)
            for fd in self._wakeup:
                os.close(fd)
            self._wakeup = None

    def _register(self, fd: int) -> None:
        wanted = (select.EPOLLIN if fd in self._readers else 0) | (
            select.EPOLLOUT if fd in self._writers else 0
        )
        if not wanted:
            # The descriptor may be closed already, and then epoll has forgotten it.
            with contextlib.suppress(OSError, ValueError):
                self._epoll.unregister(fd)
            return
        try:
            self._epoll.register(fd, wanted)
        except FileExistsError:
            self._epoll.modify(fd, wanted)

    def _patience(self, timeout: float | None) -> float | None:
        while self._timers and self._timers[0][2].callback is None:
            heapq.heappop(self._timers)
        if not self._timers:
            return timeout
        due = max(0.0, self._timers[0][0] - clock.uptime())
        return due if timeout is None else min(due, timeout)

    def _run_timers(self) -> None:
        now = clock.uptime()
        while self._timers and self._timers[0][0] <= now:
            timer = heapq.heappop(self._timers)[2]
            callback, timer.callback = timer.callback, None
            if callback is not None:
                callback()

    def _open_wakeup(self) -> None:
        reader, writer = os.pipe2(os.O_NONBLOCK | os.O_CLOEXEC)
        self._wakeup = reader, writer
        signal.set_wakeup_fd(writer, warn_on_full_buffer=False)
        # SIGCONT says that the lab has moved its clock; to be woken is all that it takes.
        signal.signal(signal.SIGCONT, _only_wake)
        self.add_reader(reader, self._run_signals)

    def _run_signals(self) -> None:
        assert self._wakeup is not None
        try:
            numbers = os.read(self._wakeup[0], 4096)
        except BlockingIOError:
            return  # a callback that ran the loop itself was here first
        for number in dict.fromkeys(numbers):
            if number in self._signals:
                self._signals[number]()


def _only_wake(_number: int, _frame: object) -> None:
    """The byte in the wake-up pipe is all that a signal does."""
