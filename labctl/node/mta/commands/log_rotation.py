"""`postfix logrotate`: put the log aside under a date, begin a new one, compress the old one.

INPUT AND OUTPUT
    ``rotate(config)`` raises `CannotRotate` in the words of the log.  maillog_file becomes
    maillog_file.20261123-120000, and master reopens its log; then it is compressed.
"""

from __future__ import annotations

import os
import signal
import time
from typing import Final

from labctl.node.base import clock
from labctl.node.mta.lib.config.main_cf import Config
from labctl.node.mta.lib.daemon import mail_system

PARAMETERS: Final = ("maillog_file", "maillog_file_compressor", "maillog_file_rotate_suffix")
PATIENCE: Final = 1.0  # seconds until master should have begun a new log
LOOK_AGAIN: Final = 0.01


class CannotRotate(Exception):
    """Why the log stays as it is, or is not compressed."""


def rotate(config: Config) -> None:
    """Only a log of our own: what syslogd(8) writes is rotated by others."""
    for name in PARAMETERS:
        if not config.text(name):
            raise CannotRotate(f"empty '{name}' parameter value - logfile rotation failed")
    path, compressor, suffix = (config.text(name) for name in PARAMETERS)
    if path.startswith("/dev/"):
        raise CannotRotate(f"not rotating '{path}'")
    old = f"{path}.{time.strftime(suffix, time.localtime(clock.now()))}"
    try:
        os.rename(path, old)
        _begin_anew(config, path)
        _compress(compressor, old)
    except OSError as error:
        raise CannotRotate(f"logfile '{path}' rotation failed: {error}") from error


def _begin_anew(config: Config, path: str) -> None:
    """What master and its new children log from now on goes to a new file."""
    if master := mail_system.master_pid(config):
        os.kill(master, signal.SIGHUP)
        deadline = clock.monotonic() + PATIENCE
        while not os.path.exists(path) and clock.monotonic() < deadline:
            time.sleep(LOOK_AGAIN)


def _compress(compressor: str, path: str) -> None:
    import subprocess  # 20 ms that every other command of postfix(1) would pay

    done = subprocess.run([compressor, path], capture_output=True, text=True, check=False)
    if done.returncode:
        raise OSError(done.stderr.strip() or f"{compressor}: exit status {done.returncode}")
