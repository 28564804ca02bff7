"""What sendmail(1) says: on standard error, and in the log, when it may write there.

WHY NOT ALWAYS
    With maillog_file set, postlogd(8) takes the lines of setgid programs and of root, and
    sendmail is neither when a user calls it.
"""

from __future__ import annotations

import os
import sys

from labctl.node.base.log import Fatal, Log
from labctl.node.mta.lib.config.main_cf import Config
from labctl.node.mta.lib.daemon.mail_log import mail_log


def log_of(config: Config, program: str) -> Log:
    """The log of a program that runs with the rights of whoever called sendmail."""
    if config.text("maillog_file") and os.geteuid() != 0:
        return Log(program, path=os.devnull)
    return mail_log(config, program)


def warn(config: Config, text: str) -> None:
    """sendmail's own warning."""
    print(f"sendmail: warning: {text}", file=sys.stderr)
    log_of(config, "sendmail").warning(text)


def warn_as_postdrop(config: Config, text: str) -> None:
    """What postdrop(1) says, which stands between sendmail and the queue, and is setgid."""
    print(f"postdrop: warning: {text}", file=sys.stderr)
    mail_log(config, "postdrop").warning(text)


def give_up(text: str) -> None:
    """Errors are in the log too: whoever runs a cron job never sees standard error."""
    try:
        log_of(Config.read(), "sendmail").fatal(text)
    except Fatal:
        return  # the configuration is what is wrong, and the launcher says so
