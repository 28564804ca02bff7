"""LIST, LSUB, SCAN, NAMESPACE, SUBSCRIBE, UNSUBSCRIBE (RFC 3501 6.3.6 to 6.3.9; RFC 2342)."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from labctl.node.imapd.answers import Call, Done, No
from labctl.node.imapd.session import Session
from labctl.node.store import subscriptions
from labctl.node.store.listener import MailboxError
from labctl.node.store.listing import Listed, folders_like
from labctl.node.store.mh.profile import mh_root
from labctl.node.store.opening import is_mailbox
from labctl.node.wire.imap.args import Arguments
from labctl.node.wire.imap.strings import astring

NAMESPACES: Final = (
    '(("" "/")("#mhinbox" NIL)("#mh/" "/")) (("~" "/")) '
    '(("#shared/" "/")("#ftp/" "/")("#news." ".")("#public/" "/"))'
)
ROOT: Final = Listed("", ("\\NoSelect",))


def list_(session: Session, arguments: Arguments, _call: Call) -> Done:
    """RFC 3501 6.3.8."""
    reference, pattern = _reference_and_pattern(arguments)
    arguments.end()
    if (reference + pattern).startswith("#mh") and mh_root(session.folders.root) is None:
        session.warn(f"{session.folders.root}/.mh_profile not found, mh format names disabled")
    elif not pattern:
        _say(session, "LIST", _root_of(reference))
    else:
        for listed in folders_like(session.folders, reference, pattern):
            _say(session, "LIST", listed)
    return Done()


def scan(session: Session, arguments: Arguments, _call: Call) -> Done:
    """LIST of those that contain a text, an extension of UW's own."""
    reference, pattern = _reference_and_pattern(arguments)
    wanted = arguments.astring()
    arguments.end()
    for listed in folders_like(session.folders, reference, pattern):
        if "\\NoSelect" not in listed.attributes and _contains(session, listed.name, wanted):
            _say(session, "LIST", listed)
    return Done()


def lsub(session: Session, arguments: Arguments, _call: Call) -> Done:
    """RFC 3501 6.3.9."""
    reference, pattern = _reference_and_pattern(arguments)
    arguments.end()
    found = subscriptions.subscribed_like(session.folders, reference, pattern)
    for name, itself in found:
        _say(session, "LSUB", Listed(name, () if itself else ("\\NoSelect",)))
    return Done()


def namespace(session: Session, arguments: Arguments, _call: Call) -> Done:
    """RFC 2342 5."""
    arguments.end()
    session.say(f"* NAMESPACE {NAMESPACES}")
    return Done()


def subscribe(session: Session, arguments: Arguments, _call: Call) -> Done:
    """RFC 3501 6.3.6."""
    name = _text(arguments.astring())
    arguments.end()
    place = session.place(name, f"Can't subscribe to mailbox {name}: no such mailbox")
    if place.is_inbox and not _exists(place.path):
        raise No(f"Can't subscribe {name}: not a mailbox")
    if not place.is_inbox and not _exists(place.path):
        raise No(f"Can't subscribe to mailbox {name}: no such mailbox")
    try:
        subscriptions.subscribe(session.folders, name)
    except MailboxError as error:
        raise No(str(error)) from error
    return Done()


def unsubscribe(session: Session, arguments: Arguments, _call: Call) -> Done:
    """RFC 3501 6.3.7."""
    name = _text(arguments.astring())
    arguments.end()
    try:
        subscriptions.unsubscribe(session.folders, name)
    except MailboxError as error:
        raise No(str(error)) from error
    return Done()


def _reference_and_pattern(arguments: Arguments) -> tuple[str, str]:
    return _text(arguments.astring()), _text(arguments.list_mailbox())


def _root_of(reference: str) -> Listed:
    if reference.startswith("/"):
        return Listed("/", ("\\NoSelect", "\\HasChildren"))
    return ROOT


def _say(session: Session, response: str, listed: Listed) -> None:
    delimiter = b"NIL" if listed.delimiter is None else b'"%s"' % listed.delimiter.encode()
    attributes = " ".join(listed.attributes).encode()
    name = astring(listed.name.encode("utf-8", "surrogateescape"))
    session.say(b"* %s (%s) %s %s" % (response.encode(), attributes, delimiter, name))


def _contains(session: Session, name: str, wanted: bytes) -> bool:
    try:
        place = session.folders.place(name)
        return is_mailbox(place) and wanted.upper() in Path(place.path).read_bytes().upper()
    except (MailboxError, OSError):
        return False


def _exists(path: str) -> bool:
    return Path(path).exists()


def _text(name: bytes) -> str:
    return name.decode("utf-8", "surrogateescape")
