"""master(8): the command line, the lock, the background.

INPUT AND OUTPUT
    ``master``      run in the foreground of whoever starts it (init does)
    ``master -w``   go to the background; exit 0 when all sockets are open, 1 if they cannot be
    ``master -t``   exit 0 if no mail system runs, 1 if one does
    ``-c DIRECTORY`` where main.cf and master.cf are

NOT HERE
    The integrity checks of `postfix start`, except that missing queue directories are made:
    a node of a lab starts master without anybody's hand.
"""

from __future__ import annotations

import getopt
import os
from collections.abc import Sequence

from labctl.node.base import processes
from labctl.node.base.log import Fatal, Log
from labctl.node.mta.lib.config.main_cf import Config
from labctl.node.mta.lib.daemon import mail_system
from labctl.node.mta.lib.daemon.mail_log import mail_log
from labctl.node.mta.lib.queue import subdirectories
from labctl.node.mta.master.master import Master, become_leader


def main(argv: Sequence[str]) -> int:
    """Run the mail system, or say whether it runs."""
    try:
        options = dict(getopt.getopt(argv[1:], "c:istvw")[0])
    except getopt.GetoptError as error:
        raise Fatal(f"{error}; usage: master [-c config_dir] [-t] [-w]") from error
    config = Config.read(options.get("-c"))
    log = mail_log(config, "master").open()
    for complaint in config.complaints:
        log.warning(complaint)
    if "-t" in options:
        return int(mail_system.is_running(config))
    try:
        return _start_and_wait(config, log) if "-w" in options else _run(config, log)
    except Fatal as failure:
        log.fatal(str(failure))
        return failure.status


def _run(config: Config, log: Log, tell: int = -1) -> int:
    """Be the mail system; ``tell`` learns when its sockets are open."""
    os.umask(0o022)
    subdirectories.create_missing(config)
    lock = mail_system.take_lock(config)
    if lock is None:
        raise Fatal(
            f"the Postfix mail system is already running: {mail_system.pid_file(config)}"
        )
    become_leader()
    mail_system.write_pid(lock)
    os.chdir(config.text("queue_directory"))
    master = Master(config, log)
    master.start()
    if tell >= 0:
        os.write(tell, b"\0")
        os.close(tell)
    master.preload()
    master.run()
    return 0


def _start_and_wait(config: Config, log: Log) -> int:
    """The parent of a master in the background: it ends when clients can come."""
    listen, tell = os.pipe()

    def run() -> int:
        os.setsid()
        processes.null_standard_streams()
        return _run(config, log, tell)

    processes.fork_program(run, title=f"{_path(config)} -w", log=log, keep=[tell])
    os.close(tell)
    # The pipe ends without a word when the child gives up.
    return 0 if os.read(listen, 1) else 1


def _path(config: Config) -> str:
    return os.path.join(config.text("daemon_directory"), "master")
