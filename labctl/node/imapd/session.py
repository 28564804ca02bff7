"""One IMAP session: who it is, what is selected, and what the client has been told.

WORDS OF A MAILBOX
    A warning waits in one place until the next one pushes it out as "* NO".  What is left at
    the end of a command becomes the text of its OK, or goes out as "* NO" where that text is
    taken.  UW-IMAP does so, and its users know the texts from there.

REPORT
    After a command the session pings the mailbox and reports in this order: EXISTS, RECENT,
    UIDVALIDITY, FLAGS, changed flags.  Messages are renumbered nowhere else, so RFC 3501
    7.4.1 holds: no EXPUNGE during FETCH, STORE or SEARCH.
"""

from __future__ import annotations

import enum
from bisect import bisect_left, bisect_right
from collections import OrderedDict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from labctl.node.base.accounts import Account
from labctl.node.base.standard_streams import StandardStreams
from labctl.node.base.tls import Certificate
from labctl.node.imapd.answers import Bad, Call, No
from labctl.node.imapd.door import Door
from labctl.node.store import flags as flag
from labctl.node.store.listener import Listener, MailboxError, Quiet
from labctl.node.store.mailbox import Mailbox, mode_of_node, recent_count
from labctl.node.store.message import Message
from labctl.node.store.names import Folders, Place, Settings
from labctl.node.wire.imap import sets as imap_sets
from labctl.node.wire.imap.envelope import Envelope
from labctl.node.wire.imap.mime import Part

SYSTEM_FLAGS: Final = "\\Answered \\Flagged \\Deleted \\Draft \\Seen"
STRUCTURES_KEPT: Final = 64
ANSWERS_KEPT: Final = 16


class State(enum.Enum):
    """RFC 3501 3."""

    NOT_AUTHENTICATED = "not authenticated"
    AUTHENTICATED = "authenticated"
    SELECTED = "selected"
    LOGOUT = "logout"


@dataclass(slots=True)
class Told:
    """What the client knows of the selected mailbox; -1 is nothing."""

    exists: int = -1
    recent: int = -1
    validity: int = -1
    keywords: int = -1
    unseen: bool = False


class Session:
    """What one client has said so far, and what is open for it."""

    def __init__(
        self, host: str, settings: Settings, client: StandardStreams, door: Door
    ) -> None:
        self.host, self.settings = host, settings
        self.client, self.door = client, door
        self.state = State.NOT_AUTHENTICATED
        self.mode = mode_of_node()
        self.certificate: Certificate | None = None
        self.encrypted = False
        self.tls_begins = False  # as soon as the answer to STARTTLS is sent
        self.user = ""  # as it was given at the last attempt to log in
        self.account: Account | None = None
        self.folders = Folders("", "", "", host)
        self.output: list[bytes] = []
        self.changed: set[int] = set()  # UIDs whose flags the client must hear
        self.structures: OrderedDict[int, Part] = OrderedDict()
        self.envelopes: OrderedDict[int, Envelope] = OrderedDict()
        self._mailbox: Mailbox | None = None
        self._warning = ""
        self.information = ""
        self._told = Told()

    # ------------------------------------------------------------ output

    def say(self, line: bytes | str) -> None:
        """An untagged response, or any other line."""
        data = line if isinstance(line, bytes) else line.encode("utf-8", "surrogateescape")
        self.output.append(data + b"\r\n")

    def send(self) -> None:
        """Hand over what was said."""
        self.client.write(b"".join(self.output))
        self.output.clear()
        self.client.flush()

    def send_if_much(self) -> None:
        """A long answer must not be kept whole."""
        if len(self.output) > ANSWERS_KEPT:
            self.client.write(b"".join(self.output))
            self.output.clear()

    def beside(self) -> Listener:
        """Hears the words, but not the events, of a mailbox that is not the selected one."""
        return Quiet(self)

    @property
    def offers_tls(self) -> bool:
        return self.certificate is not None and not self.encrypted

    @property
    def mechanisms(self) -> tuple[str, ...]:
        return self.door.announced

    def now_encrypted(self) -> None:
        """Passwords may cross the wire as they are."""
        self.encrypted, self.tls_begins = True, False
        self.door.now_encrypted()

    def inform(self, text: str) -> None:
        self.information = text

    def warn(self, text: str) -> None:
        self.flush_warning()
        self._warning = text

    def flush_warning(self) -> None:
        if self._warning:
            self.say(f"* NO {self._warning}")
            self._warning = ""

    def complain(self, text: str) -> None:
        """Something is wrong in a message: RFC 3501 7.1 has a code for that."""
        self.say(f"* OK [PARSE] {text}")

    def closing_text(self, name: str) -> str:
        """What the tagged OK says when the command has nothing to say itself."""
        if self.information:
            self.flush_warning()
            return self.information
        text, self._warning = self._warning, ""
        return text or f"{name} completed"

    # ------------------------------------------------------------ events of the mailbox

    def exists(self, count: int) -> None:
        if count != self._told.exists:
            self._told.exists = count
            self._told.recent = -1
            self.say(f"* {count} EXISTS")

    def expunged(self, number: int) -> None:
        self.say(f"* {number} EXPUNGE")
        self._told.exists = self._told.recent = -1

    def flags_changed(self, number: int) -> None:
        self.changed.add(self.mailbox.messages[number - 1].uid)

    # ------------------------------------------------------------ the selected mailbox

    @property
    def mailbox(self) -> Mailbox:
        assert self._mailbox is not None
        return self._mailbox

    def select(self, mailbox: Mailbox) -> None:
        self._mailbox = mailbox
        self.state = State.SELECTED

    def close_mailbox(self, *, expunge: bool = False) -> None:
        """Let go of the selected mailbox, if there is one."""
        mailbox, self._mailbox = self._mailbox, None
        if self.state is State.SELECTED:
            self.state = State.AUTHENTICATED
        self._forget_mailbox()
        if mailbox is not None:
            mailbox.close(expunge=expunge)

    def abandon_mailbox(self) -> None:
        if self._mailbox is not None:
            self._mailbox.abandon()
            self._mailbox = None

    def is_selected(self, place: Place) -> bool:
        return self._mailbox is not None and self._mailbox.path == place.path

    def place(self, name: str, complaint: str) -> Place:
        """The file of a mailbox name; NO if it can have none."""
        try:
            return self.folders.place(name)
        except MailboxError as error:
            raise No(complaint) from error

    def report(self, *, with_uids: bool = False, renumber: bool = True) -> None:
        """Take up what has happened, and tell the client what it does not know."""
        if self._mailbox is None:
            return
        before = self._mailbox
        self._mailbox = self._mailbox.ping(renumber=renumber)
        mailbox = self._mailbox
        recent = recent_count(mailbox)
        if recent != self._told.recent:
            self._told.recent = recent
            self.say(f"* {recent} RECENT")
        if mailbox.uid_validity != self._told.validity:
            self._told.validity = mailbox.uid_validity
            self.say(f"* OK [UIDVALIDITY {mailbox.uid_validity}] UID validity status")
            self.say(f"* OK [UIDNEXT {mailbox.uid_next}] Predicted next UID")
            if mailbox.format == "mh":
                text = f"Non-permanent unique identifiers: {mailbox.name}"
                self.say(f"* NO [UIDNOTSTICKY] {text}")
        if len(mailbox.keywords) != self._told.keywords or before is not mailbox:
            self._report_flags(mailbox)
        if not self._told.unseen or before is not mailbox:
            self._report_first_unseen(mailbox)
        self._report_changes(mailbox, with_uids)

    def _report_flags(self, mailbox: Mailbox) -> None:
        self._told.keywords = len(mailbox.keywords)
        words = " ".join([*mailbox.keywords, SYSTEM_FLAGS])
        self.say(f"* FLAGS ({words})")
        permanent = ""
        if mailbox.permanent and not mailbox.readonly:
            more = ["\\*"] * (len(mailbox.keywords) < flag.KEYWORDS_AT_MOST)
            permanent = " ".join([*mailbox.keywords, *more, SYSTEM_FLAGS])
        self.say(f"* OK [PERMANENTFLAGS ({permanent})] Permanent flags")

    def _report_first_unseen(self, mailbox: Mailbox) -> None:
        self._told.unseen = True
        place = mailbox.name if mailbox.format == "mh" else mailbox.path
        for number, message in enumerate(mailbox.messages, 1):
            if not message.flags & flag.SEEN:
                self.say(f"* OK [UNSEEN {number}] first unseen message in {place}")
                return

    def _report_changes(self, mailbox: Mailbox, with_uids: bool) -> None:
        if not self.changed:
            return
        for number, message in enumerate(mailbox.messages, 1):
            if message.uid in self.changed:
                uid = f" UID {message.uid}" if with_uids else ""
                self.say(f"* {number} FETCH ({self.flags_of(message)}{uid})")
        self.changed.clear()

    def flags_of(self, message: Message) -> str:
        names = flag.flag_names(message.flags, message.keywords, self.mailbox.keywords)
        return f"FLAGS ({' '.join(names)})"

    def messages_in(self, call: Call, text: bytes) -> Iterator[tuple[int, Message]]:
        """The messages of a set, in the order of the mailbox; BAD if it is not one."""
        try:
            return iter(self.sequence(text, uid=call.uid))
        except imap_sets.BadSet as error:
            raise Bad(f"Bogus sequence in {call.name}: {error}") from error

    def sequence(self, text: bytes, *, uid: bool) -> list[tuple[int, Message]]:
        messages = self.mailbox.messages
        if uid:
            last = messages[-1].uid if messages else 0
            ranges = [_indices(messages, *r) for r in imap_sets.uids(text, last)]
        else:
            found = imap_sets.numbers(text, len(messages))
            ranges = [(low - 1, high) for low, high in found]
        if len(ranges) == 1:
            return [(i + 1, messages[i]) for i in range(*ranges[0])]
        chosen = sorted({i for low, high in ranges for i in range(low, high)})
        return [(i + 1, messages[i]) for i in chosen]

    def _forget_mailbox(self) -> None:
        self.changed.clear()
        self.structures.clear()
        self.envelopes.clear()
        self._told = Told()


def _uid(message: Message) -> int:
    return message.uid


def _indices(messages: Sequence[Message], low: int, high: int) -> tuple[int, int]:
    return bisect_left(messages, low, key=_uid), bisect_right(messages, high, key=_uid)
