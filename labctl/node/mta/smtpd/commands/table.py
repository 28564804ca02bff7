"""The table of commands: what each does, and how it counts."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final, NamedTuple

from labctl.node.mta.smtpd.commands import (
    bdat,
    data,
    etrn,
    hello,
    mail,
    missing,
    plain,
    rcpt,
    vrfy,
    xclient,
    xforward,
)
from labctl.node.mta.smtpd.session import Session
from labctl.node.wire.smtp import Reply


class Command(NamedTuple):
    """One verb."""

    run: Callable[[Session, str], Reply]
    ends_group: bool = False  # RFC 2920 3.1: last of a pipelined group
    is_junk: bool = False  # postconf(5) smtpd_junk_command_limit
    counts_success: bool = True


# In the order of RFC 5321 4.1.1, then the extensions.
COMMANDS: Final[Mapping[str, Command]] = {
    "HELO": Command(hello.helo, ends_group=True, is_junk=True),
    "EHLO": Command(hello.ehlo, ends_group=True, is_junk=True),
    "MAIL": Command(mail.mail),
    "RCPT": Command(rcpt.rcpt),
    "DATA": Command(data.data, ends_group=True),
    "BDAT": Command(bdat.bdat),
    "RSET": Command(plain.rset, is_junk=True),
    "NOOP": Command(plain.noop, ends_group=True, is_junk=True),
    "VRFY": Command(vrfy.vrfy, ends_group=True, is_junk=True),
    "ETRN": Command(etrn.etrn, is_junk=True),
    "QUIT": Command(plain.quit_session),
    "STARTTLS": Command(missing.starttls, ends_group=True),
    "AUTH": Command(missing.auth, ends_group=True),
    "XCLIENT": Command(xclient.xclient, counts_success=False),
    "XFORWARD": Command(xforward.xforward),
}
