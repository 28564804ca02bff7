"""Fork a program from a warm parent, give it its name, and learn how it ended.

WHY FORK
    A Python interpreter needs 20 ms to start and its modules 100 ms more; a fork of a process
    that has them loaded takes one, and shares their memory with all its siblings.

NOT HERE
    Who the child runs as: ``privileges``.
"""

from __future__ import annotations

import gc
import os
import signal
import sys
from collections.abc import Callable, Collection
from importlib.machinery import ExtensionFileLoader, PathFinder
from typing import Final, NamedTuple, NoReturn

from labctl.node.base.log import Fatal, Log

_KEPT_SIGNALS: Final = {signal.SIGKILL, signal.SIGSTOP, signal.SIGPIPE}


class Exit(NamedTuple):
    """How a child ended; ``signal`` is 0 when it ended by itself."""

    pid: int
    status: int
    signal: int


def fork_program(
    run: Callable[[], int | None],
    *,
    title: str,
    log: Log,
    keep: Collection[int] = (),
    before: Callable[[], None] = lambda: None,
) -> int:
    """Fork; the child runs ``before`` and ``run`` and exits with what ``run`` returns.

    Only the standard streams, the descriptors in ``keep`` and the open log stay open.
    """
    # A child must not write again what its parent has buffered.
    sys.stdout.flush()
    sys.stderr.flush()
    pid = os.fork()
    if pid == 0:
        _become(run, title, log, keep, before)
    return pid


def freeze() -> None:
    """Before the first fork: the collector of the children leaves alone what is loaded now."""
    gc.collect()
    gc.freeze()


def is_warm() -> bool:
    """Whether a parent has loaded everything already; to look again would copy its memory."""
    return gc.get_freeze_count() > 0


def reap() -> list[Exit]:
    """All children that have ended since the last call."""
    ended: list[Exit] = []
    while True:
        try:
            pid, status = os.waitpid(-1, os.WNOHANG)
        except ChildProcessError:
            return ended
        if pid == 0:
            return ended
        ended.append(_exit_of(pid, status))


def set_title(title: str) -> None:
    """What ps(1) shows; its first word becomes the name that pgrep(1) and killall(1) know."""
    name = os.path.basename(title.split(" ", 1)[0].rstrip(":"))
    if SET_TITLE is not None:
        SET_TITLE(title)
    # After setproctitle, which would leave the whole title there.  /proc/self of a process that
    # has changed its user belongs to root; a thread may write its own name all the same.
    with open("/proc/thread-self/comm", "wb", buffering=0) as comm:
        comm.write(os.fsencode(name[:15]))


def reset_signals() -> None:
    """The state that a program expects when it is started."""
    signal.set_wakeup_fd(-1)
    for number in signal.valid_signals() - _KEPT_SIGNALS:
        if signal.getsignal(number) not in (signal.SIG_DFL, None):
            signal.signal(number, signal.SIG_DFL)
    signal.pthread_sigmask(signal.SIG_SETMASK, set())


def close_other_descriptors(keep: Collection[int]) -> None:
    """Close everything but the standard streams and ``keep``."""
    start = 3
    for fd in sorted({fd for fd in keep if fd >= 3}):
        os.closerange(start, fd)
        start = fd + 1
    os.closerange(start, _most_descriptors())


def daemonize() -> None:
    """Go to the background: a session of our own, and no terminal."""
    if os.fork():
        os._exit(0)
    os.setsid()
    null_standard_streams()


def null_standard_streams() -> None:
    """Let the standard streams lead nowhere."""
    null = os.open(os.devnull, os.O_RDWR)
    for fd in (0, 1, 2):
        os.dup2(null, fd)
    if null > 2:
        os.close(null)


def _become(
    run: Callable[[], int | None],
    title: str,
    log: Log,
    keep: Collection[int],
    before: Callable[[], None],
) -> NoReturn:
    status = 1
    try:
        reset_signals()
        close_other_descriptors([*keep, *log.sink.descriptors()])
        set_title(title)
        before()
        status = run() or 0
    except Fatal as failure:
        log.fatal(str(failure))
        status = failure.status
    except SystemExit as leaving:
        status = (
            leaving.code if isinstance(leaving.code, int) else int(leaving.code is not None)
        )
    except BaseException as error:  # ours: it must be seen, and must not return to the parent
        _report(error, log)
    finally:
        sys.stdout.flush()
        os._exit(status)


def _report(error: BaseException, log: Log) -> None:
    import traceback  # seldom needed, and slow to load

    for line in "".join(traceback.format_exception(error)).splitlines():
        log.panic(line)


def _exit_of(pid: int, status: int) -> Exit:
    if os.WIFSIGNALED(status):
        return Exit(pid, 0, os.WTERMSIG(status))
    return Exit(pid, os.WEXITSTATUS(status), 0)


def _most_descriptors() -> int:
    """Closing up to the limit would take long where the limit is a million."""
    return max((int(name) for name in os.listdir("/proc/self/fd")), default=64) + 1


def _find_setproctitle() -> Callable[[str], None] | None:
    """The C module without its package, which would load logging and 0.7 MB with it.

    A node works without it, only ps(1) shows less.
    """
    package = PathFinder.find_spec("setproctitle")
    folders = package and package.submodule_search_locations
    spec = PathFinder.find_spec("_setproctitle", folders) if folders else None
    if spec is None or not isinstance(spec.loader, ExtensionFileLoader):
        return None
    module = spec.loader.create_module(spec)
    spec.loader.exec_module(module)
    found: Callable[[str], None] = module.setproctitle
    return found


SET_TITLE: Final = _find_setproctitle()
