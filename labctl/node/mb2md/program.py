"""mb2md(1): `mb2md -s MBOX -d MAILDIR`, or `mb2md -m` for one's own mail."""

from __future__ import annotations

import getopt
import os
import sys
from collections.abc import Sequence
from typing import Final

from labctl.node.base import accounts
from labctl.node.mb2md.conversion import convert
from labctl.node.store.listener import MailboxError

USAGE: Final = """\
usage: mb2md -m [-d MAILDIR]         convert your mail in /var/mail
       mb2md -s MBOX [-d MAILDIR]    convert this file
The Maildir must not be there yet; without -d it is ~/Maildir, or MBOX.maildir.
The mbox stays as it is.
"""


class UsageError(Exception):
    """The options do not say what to convert."""


def main(argv: Sequence[str]) -> int:
    """Convert one mailbox; 0, or 1 with the reason on standard error."""
    try:
        source, destination = _mailboxes(argv[1:])
    except (UsageError, getopt.GetoptError) as error:
        sys.stderr.write(f"mb2md: {error}\n{USAGE}")
        return 2
    try:
        count = convert(source, destination)
    except MailboxError as error:
        return _failed(f"{source}: {error}")
    except OSError as error:
        return _failed(f"{error.filename or destination}: {error.strerror}")
    print(f"{source}: {count} messages are in {destination} now")
    return 0


def _mailboxes(words: Sequence[str]) -> tuple[str, str]:
    """What to convert, and into what."""
    pairs, rest = getopt.getopt(list(words), "ms:d:")
    options = dict(pairs)
    if rest or ("-m" in options) == ("-s" in options):
        raise UsageError("either -m or -s MBOX is needed, and nothing else")
    if "-s" in options:
        source = options["-s"]
        return source, options.get("-d", f"{source}.maildir")
    account = accounts.by_uid(os.getuid())
    if account is None:
        raise UsageError(f"uid {os.getuid()} has no name, so -m means no mailbox")
    source = os.environ.get("MAIL", f"/var/mail/{account.name}")
    return source, options.get("-d", f"{account.home}/Maildir")


def _failed(reason: str) -> int:
    sys.stderr.write(f"mb2md: {reason}\n")
    return 1
