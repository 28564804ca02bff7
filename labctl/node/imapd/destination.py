"""The mailbox that APPEND and COPY add to (RFC 3501 6.3.11 and 6.4.7).

WHY FIRST
    A client that must create it hears so before it sends, or we copy, the first octet.
"""

from __future__ import annotations

from typing import Final

from labctl.node.imapd.answers import No
from labctl.node.imapd.session import Session
from labctl.node.store.listener import MailboxError, NoSuchMailbox
from labctl.node.store.names import Place
from labctl.node.store.opening import is_mailbox

TRY_CREATE: Final = "[TRYCREATE]"


def destination(session: Session, name: str, command: str, complaint: str) -> Place:
    """Where the messages go; the client may create it and try again."""
    place = session.place(name, complaint)
    try:
        is_mailbox(place)
    except NoSuchMailbox as error:
        session.say(f"* OK [TRYCREATE] Must create mailbox before {command}")
        raise No(complaint, TRY_CREATE) from error
    except MailboxError as error:
        raise No(str(error)) from error
    return place
