"""procmail(1): read a message, follow the rcfiles, and see to it that it ends up somewhere.

NAME
    procmail [-ptoY] [-f fromwhom] [-a argument] [NAME=value | rcfile] ...
    procmail [-toY] [-f fromwhom] [-a argument] -d user ...
    procmail [-ptY] [-f fromwhom] -m [NAME=value] rcfile [argument] ...

EXIT STATUS
    0 delivered, 73 not (75 with -t), 64 wrong usage, or what EXITCODE says.

BUGS
    -z (LMTP) is not there.
"""

from __future__ import annotations

import contextlib
import os
import stat
import sys
import time
from collections.abc import Sequence
from typing import Final

from labctl.node.base import accounts, clock, privileges
from labctl.node.base.accounts import Account
from labctl.node.procmail import actions, clones, message
from labctl.node.procmail import arguments as command_line
from labctl.node.procmail.arguments import Arguments
from labctl.node.procmail.diary import Diary
from labctl.node.procmail.interpreter import deliver_by_default, finish, include
from labctl.node.procmail.message import Message
from labctl.node.procmail.settings import HostMismatch, assign
from labctl.node.procmail.state import Processor
from labctl.node.procmail.variables import defaults

EX_USAGE, EX_NOINPUT, EX_NOUSER, EX_CANTCREAT, EX_TEMPFAIL = 64, 66, 67, 73, 75
SYSTEM_RCFILE: Final = "/etc/procmailrc"
VERSION: Final = "procmail v3.23pre 2001/09/13\n"


def main(argv: Sequence[str]) -> int:
    """Deliver one message from standard input."""
    try:
        given = command_line.parse(argv[1:])
    except command_line.HelpWanted:
        sys.stderr.write(command_line.USAGE + command_line.HELP)
        return EX_USAGE
    if given.version:
        sys.stderr.write(VERSION)
        return 0
    for complaint in given.complaints:
        sys.stderr.write(f"procmail: {complaint}\n")
    if given.filter and not any("=" not in word for word in given.words):
        sys.stderr.write("procmail: Missing rcfile\n")
        return EX_NOINPUT
    text = sys.stdin.buffer.read()
    names = given.recipients or [""]
    return max(_deliver_to(name, given, text) for name in names)


def _deliver_to(name: str, given: Arguments, text: bytes) -> int:
    account = accounts.by_name(name) if name else _caller()
    if account is None:
        sys.stderr.write(f'procmail: Unknown user "{name or os.getuid()}"\n')
        return EX_NOUSER
    processor = _processor(given, account, text)
    try:
        status = _process(processor, given, account)
    except HostMismatch:
        # procmailrc(5) HOST: to the mailer it looks as if we had delivered.
        finish(processor)
        status = 0
    status = _exit_status(processor, status)
    processor.lock.close()
    clones.release(processor)
    return status


def _caller() -> Account | None:
    """Who runs us; in a lab of one user id only the mailer can tell, by LOGNAME."""
    if privileges.is_only_user() and (
        account := accounts.by_name(os.environ.get("LOGNAME", ""))
    ):
        return account
    return accounts.by_uid(os.getuid())


def _process(processor: Processor, given: Arguments, account: Account) -> int:
    os.umask(0o077)
    # procmail(1): the system's rcfile is followed before anybody's own, as root if we are.
    if not given.words and not given.filter:
        if os.path.exists(SYSTEM_RCFILE):
            include(processor, SYSTEM_RCFILE)
        _become(account)
    with contextlib.suppress(OSError):
        os.chdir(account.home)
    if not given.filter:
        actions.prepare_mailbox(processor)
    if not processor.delivered:
        _follow(processor, given, account)
    # procmail(1) -m: a filter has no mailbox to fall back on.
    if processor.delivered or (not given.filter and deliver_by_default(processor)):
        finish(processor)
        return 0
    processor.last = ("**Bounced**", 0)
    finish(processor)
    return EX_TEMPFAIL if given.temporary else EX_CANTCREAT


def _follow(processor: Processor, given: Arguments, account: Account) -> None:
    """The rcfiles of the command line, or the user's own."""
    rcfiles = []
    for word in given.words:
        name, sign, value = word.partition("=")
        if sign:
            assign(processor, name, value)
        else:
            rcfiles.append(word)
    if given.filter:
        _number(processor, rcfiles[1:])
        rcfiles = rcfiles[:1]
    # procmail(1): the first that can be read; what follows is for when it cannot.
    for name in rcfiles:
        if include(
            processor, name if name.startswith((".", "/")) else f"{account.home}/{name}"
        ):
            return
    own = f"{account.home}/.procmailrc"
    if not rcfiles and os.path.exists(own):
        if _is_trustworthy(processor, own, account):
            include(processor, own)
        else:
            processor.diary.say(f'Couldn\'t read "{own}"')


def _is_trustworthy(processor: Processor, path: str, account: Account) -> bool:
    """Who can write the rcfile can run commands as the user."""
    try:
        status = os.stat(path)
    except OSError:
        return False
    if status.st_uid not in (0, account.uid) or status.st_mode & stat.S_IWOTH:
        processor.diary.say(f'Suspicious rcfile "{path}"')
        return False
    return True


def _become(account: Account) -> None:
    if os.getuid() == 0 and account.uid != 0:
        privileges.drop_to(account)


def _processor(given: Arguments, account: Account, text: bytes) -> Processor:
    variables = defaults(account, os.environ if given.preserve else None)
    variables["$"] = str(os.getpid())
    # procmail(1): without -p the environment is forgotten, but for the time zone.
    variables |= {name: os.environ[name] for name in KEPT if name in os.environ}
    parsed = Message.parse(_with_from_line(text, given))
    # We may have been started with the group mail; a user's own files are not that group's.
    spool_group = os.getegid()
    os.setegid(os.getgid())
    processor = Processor(parsed, variables, Diary(), spool_group=spool_group)
    _number(processor, given.numbered)
    return processor


def _number(processor: Processor, arguments: Sequence[str]) -> None:
    """$1, $2, ..., $# and $@."""
    numbered = {str(number + 1): value for number, value in enumerate(arguments)}
    count = {"#": str(len(arguments)), "@": " ".join(arguments)}
    processor.variables |= {**numbered, **count}


def _with_from_line(text: bytes, given: Arguments) -> bytes:
    """-f: a From line where there is none; with -o, or for "-", one of our own time."""
    has_line = text.startswith(b"From ")
    if given.sender is None:
        return _doubted(text) if has_line and given.recipients and os.getuid() else text
    rest = text.partition(b"\n")[2] if has_line else text
    sender = given.sender
    if sender == "-" and has_line:
        sender = text.split(b" ", 2)[1].decode("utf-8", "surrogateescape")
    when = time.asctime(time.localtime(clock.now()))
    return f"From {sender}  {when}\n".encode("utf-8", "surrogateescape") + rest


def _doubted(text: bytes) -> bytes:
    """procmail(1) -d: whoever delivers to others without rights is named as the sender."""
    caller = accounts.by_uid(os.getuid())
    name = caller.name if caller else str(os.getuid())
    when = time.asctime(time.localtime(clock.now()))
    claimed, _, rest = text.partition(b"\n")
    caller_line = f"\n>From {name}  {when}\n".encode("utf-8", "surrogateescape")
    return claimed + caller_line + rest


def _exit_status(processor: Processor, status: int) -> int:
    """TRAP sees the message at last, with the status that we mean; EXITCODE overrides it."""
    wanted = processor.variables.get("EXITCODE")
    status = int(wanted) if wanted and wanted.isdecimal() else status
    trap = processor.variables.get("TRAP", "")
    if not trap:
        return status
    processor.variables["EXITCODE"] = str(status)
    ended = processor.run(trap, message.for_pipe(processor.message.text))
    # procmailrc(5): an empty EXITCODE lets the trap decide.
    return ended.status if wanted == "" else status


KEPT: Final = ("TZ",)
