"""The log of a mail program, as main.cf wants it: syslog, or a file of its own.

INPUT AND OUTPUT
    ``mail_log(config, "postqueue")`` -> Log.  With maillog_file set, a program that may not
    write that file (a user's sendmail) hands its lines to postlogd(8).
"""

from __future__ import annotations

from labctl.node.base.log import Fatal, Log
from labctl.node.mta.lib.config.main_cf import Config
from labctl.node.mta.lib.services import ipc


def mail_log(config: Config, program: str) -> Log:
    """A log that is not open yet."""
    path = config.text("maillog_file")
    # postconf(5) maillog_file_prefixes: a typing error must not overwrite the password file.
    if path and not path.startswith(config.words("maillog_file_prefixes")):
        prefixes = config.text("maillog_file_prefixes")
        raise Fatal(
            f"maillog_file '{path}' does not match maillog_file_prefixes value '{prefixes}'"
        )
    postlog = ipc.service_path(config, "public", config.text("postlog_service_name"))
    return Log(
        program,
        syslog_name=config.text("syslog_name"),
        facility=config.text("syslog_facility"),
        path=path,
        socket=postlog,
    )
