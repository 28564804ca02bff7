"""Run a command for a recipient: feed it the message, hear it out, wait for its end.

STATES
    forked -> plumbed (standard input and output are pipes) -> somebody else -> executed.
    The child gives its privileges up for good before it executes anything, and it has a
    process group of its own, so that its children die with it when its time is over.

WHY WE READ WHILE WE WRITE
    A command that talks before it has read everything would wait for us, and we for it.

BUGS
    Of the output of a command only the first 4096 bytes are kept.
"""

from __future__ import annotations

import contextlib
import errno
import os
import re
import resource
import selectors
import signal
from collections.abc import Callable
from typing import Final, NoReturn

from labctl.node.base import clock, privileges, processes
from labctl.node.base.log import Fatal, Log
from labctl.node.mta.lib.delivery import sys_exits
from labctl.node.mta.lib.delivery.command import Command, Result

OUTPUT_LIMIT: Final = 4096
PIECE: Final = 65536
UMASK: Final = 0o077
WHITE_SPACE: Final = re.compile(r"[\t\n]")


def run(command: Command, data: bytes, log: Log) -> Result:
    """Run it to its end, or to the end of its time."""
    deadline = clock.monotonic() + command.time_limit
    for_child, ours = os.pipe2(os.O_CLOEXEC)
    output, of_child = os.pipe2(os.O_CLOEXEC)
    pid = processes.fork_program(
        lambda: _become(command, log),
        title=os.path.basename(command.argv[0]),
        log=log,
        keep=(for_child, of_child),
        before=lambda: _plumb(for_child, of_child),
    )
    os.close(for_child)
    os.close(of_child)
    with _Conversation(pid, ours, output, data) as conversation:
        try:
            conversation.go_on_until(deadline)
        except TimeoutError:
            log.warning("pipe_command_read: read time limit exceeded")
            kill_group(pid)
        return _result(os.waitpid(pid, 0)[1], conversation)


class _Conversation:
    """Both pipes of a child, and the descriptor that tells when it has ended."""

    def __init__(self, pid: int, to_child: int, from_child: int, data: bytes) -> None:
        self.heard = bytearray()
        self.timed_out = False
        self._left = memoryview(data)
        self._write, self._read = to_child, from_child
        self._end = os.pidfd_open(pid)
        self._selector = selectors.DefaultSelector()
        for fd in (to_child, from_child):
            os.set_blocking(fd, False)
        self._selector.register(to_child, selectors.EVENT_WRITE, self._feed)
        self._selector.register(from_child, selectors.EVENT_READ, self._hear)
        self._selector.register(self._end, selectors.EVENT_READ)

    def __enter__(self) -> _Conversation:
        return self

    def __exit__(self, *_: object) -> None:
        self._selector.close()
        for fd in {self._write, self._read, self._end} - {-1}:
            os.close(fd)

    def go_on_until(self, deadline: float) -> None:
        """Return when the child has ended; TimeoutError when it has not in time."""
        while True:
            ready = self._selector.select(max(deadline - clock.monotonic(), 0))
            if not ready:
                self.timed_out = True
                raise TimeoutError
            for key, _ in ready:
                if key.data is not None:
                    key.data()
            # What runs on behind the child's back may keep its pipe open for ever.
            if any(key.fd == self._end for key, _ in ready):
                self._hear()
                return

    def _feed(self) -> None:
        try:
            self._left = self._left[os.write(self._write, self._left[:PIECE]) :]
        except BrokenPipeError:
            # It has read enough; its exit status says whether that is an error.
            self._left = self._left[:0]
        if not self._left:
            self._selector.unregister(self._write)
            os.close(self._write)
            self._write = -1

    def _hear(self) -> None:
        if self._read < 0:
            return
        with contextlib.suppress(BlockingIOError):
            while piece := os.read(self._read, PIECE):
                self.heard += piece[: OUTPUT_LIMIT - len(self.heard)]
            self._selector.unregister(self._read)
            os.close(self._read)
            self._read = -1


def _plumb(standard_input: int, standard_output: int) -> None:
    os.dup2(standard_input, 0)
    os.dup2(standard_output, 1)
    os.dup2(standard_output, 2)
    for fd in {standard_input, standard_output} - {0, 1, 2}:
        os.close(fd)
    os.setsid()


def _become(command: Command, log: Log) -> int:
    """In the child: be the recipient, and then the command."""
    if command.chroot:
        _enter_jail(command.chroot, log)
    _drop(command)
    os.umask(UMASK)
    if limit := command.file_size_limit:
        resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))
    try:
        os.chdir(command.directory)
    except OSError as error:
        # The log alone is told: the sender cannot do anything about a directory.
        who = f"uid={os.getuid()} gid={os.getgid()}"
        place = f'cannot change directory to "{command.directory}" for {who}'
        text = f"{place}: {os.strerror(error.errno or errno.EIO)}"
        raise Fatal(text, status=sys_exits.EX_TEMPFAIL) from error
    if command.warm is not None:
        os.environ.clear()
        os.environ.update(command.environment)
        return _run_warm(command, command.warm)
    return _execute(command, log)


def _enter_jail(directory: str, log: Log) -> None:
    try:
        os.chroot(directory)
        os.chdir("/")
    except OSError as error:
        _give_up(log, f"cannot change root to {directory}", error)


def _run_warm(command: Command, program: Callable[[], int]) -> int:
    try:
        return program()
    except Exception as error:
        # A defect of ours must not cost anybody a message: it is tried again.
        raise Fatal(f"{command.argv[0]}: {error!r}", status=sys_exits.EX_TEMPFAIL) from error


def _drop(command: Command) -> None:
    set_group = command.set_group if os.getuid() == 0 else None
    privileges.drop_to(command.account, set_group=set_group)


def _execute(command: Command, log: Log) -> NoReturn:
    # A command does not expect to inherit what Python ignores.
    signal.signal(signal.SIGPIPE, signal.SIG_DFL)
    # Of an error "file too large" a command can tell us, of the signal it cannot.
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    name = command.argv[0]
    try:
        os.execvpe(name, list(command.argv), command.environment)
    except FileNotFoundError as error:
        # It may be something that only a shell has.
        if command.text and "/" not in name:
            os.execve("/bin/sh", ["sh", "-c", command.text], command.environment)
        _give_up(log, f"{command.complaint}execvp {name}", error)
    except OSError as error:
        # execvp(3): a script without "#!" is one for the shell.
        if error.errno == errno.ENOEXEC:
            words = ["/bin/sh", _found(name, command), *command.argv[1:]]
            os.execve("/bin/sh", words, command.environment)
        _give_up(log, f"{command.complaint}execvp {name}", error)


def _found(name: str, command: Command) -> str:
    """Where the search path leads to."""
    directories = os.get_exec_path(command.environment) if "/" not in name else []
    paths = (os.path.join(directory, name) for directory in directories)
    return next((path for path in paths if os.access(path, os.X_OK)), name)


def _give_up(log: Log, what: str, error: OSError) -> NoReturn:
    """Tell the log, and our parent through the pipe that it reads."""
    text = f"{what}: {os.strerror(error.errno or errno.EIO)}"
    os.write(2, f"{log.program}: fatal: {text}\n".encode("utf-8", "surrogateescape"))
    raise Fatal(text, status=sys_exits.EX_TEMPFAIL)


def kill_group(pid: int) -> None:
    """End a command and all that it has started."""
    try:
        os.killpg(pid, signal.SIGKILL)
    except ProcessLookupError:  # it has not come to lead a group yet
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)


def _result(wait_status: int, conversation: _Conversation) -> Result:
    text = conversation.heard.decode("utf-8", "replace")
    text = WHITE_SPACE.sub(" ", text)
    return Result(
        exit_status=os.WEXITSTATUS(wait_status) if os.WIFEXITED(wait_status) else 0,
        signal=os.WTERMSIG(wait_status) if os.WIFSIGNALED(wait_status) else 0,
        timed_out=conversation.timed_out,
        output="".join(char if char.isprintable() else "_" for char in text),
    )
