"""Copy an mbox into a new Maildir: flags, keywords, dates and UIDs stay.

WHY UIDS
    A client that has a message already must not fetch it again (RFC 3501 2.3.1.1), and POP3's
    UIDL is made of them.

WHAT A CRASH LEAVES
    The Maildir gets its name when it is complete; before, it is DESTINATION.converting.  The
    mbox is never touched.
"""

from __future__ import annotations

import os
import shutil

from labctl.node.store.flags import RECENT, keyword_names
from labctl.node.store.from_line import parse
from labctl.node.store.listener import Nobody
from labctl.node.store.mailbox import Mailbox
from labctl.node.store.maildir import directory, uid_list
from labctl.node.store.maildir.file_name import KEYWORDS_AT_MOST, with_flags
from labctl.node.store.maildir.new_file import unique_name, write_file
from labctl.node.store.maildir.uid_list import Known, UidList
from labctl.node.store.message import Message
from labctl.node.store.names import Place
from labctl.node.store.opening import How, open_mailbox


def convert(source: str, destination: str) -> int:
    """Copy all messages; returns how many. FileExistsError, or a MailboxError of the source."""
    if os.path.lexists(destination):
        raise FileExistsError(17, "File exists", destination)
    beside = f"{destination}.converting"
    mailbox = open_mailbox(Place(source, source), Nobody(), "localhost", How(readonly=True))
    try:
        shutil.rmtree(beside, ignore_errors=True)
        directory.make(beside)
        _copy(mailbox, beside)
        os.rename(beside, destination)
    finally:
        mailbox.abandon()
        shutil.rmtree(beside, ignore_errors=True)
    return len(mailbox.messages)


def _copy(mailbox: Mailbox, target: str) -> None:
    keywords = list(mailbox.keywords)[:KEYWORDS_AT_MOST]
    uids = UidList(mailbox.uid_validity, mailbox.uid_next)
    for message in mailbox.messages:
        unique = unique_name()
        _write(mailbox, message, target, unique)
        uids.known[unique] = Known(message.uid, mailbox.size(message))
    uid_list.write(target, uids)
    if keywords:
        uid_list.write_keywords(target, keywords)


def _write(mailbox: Mailbox, message: Message, target: str, unique: str) -> None:
    known = set(keyword_names(message.keywords, mailbox.keywords)[:KEYWORDS_AT_MOST])
    bits = sum(1 << index for index, word in enumerate(mailbox.keywords) if word in known)
    name = with_flags(unique, message.flags, bits)
    place = "new" if message.flags & RECENT else "cur"
    moment = parse(mailbox.sender_line(message))
    content = mailbox.header(message) + mailbox.text(message)
    write_file(target, f"{place}/{name}", content, moment.epoch if moment else None)
