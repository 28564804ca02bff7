"""One message over a greeted connection: MAIL, RCPT, DATA, and what the server said to each.

INPUT AND OUTPUT
    ``Transaction(...).verdicts()`` yields a ``Verdict`` as soon as something is known about
    some recipients: one for each refusal, one for all others.  It raises ConversationLost
    when the server goes away, and then nothing is certain that was not yielded.

WHY PIPELINING CHANGES LITTLE
    RFC 2920: the commands go out together, the replies come in the same order.  Reading is
    the same either way; only when we send differs.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final, NamedTuple

from labctl.node.mta.lib.queue.dsn import Action, DeliveryStatus, Notify, failed
from labctl.node.mta.lib.queue.queue_file import Recipient
from labctl.node.mta.smtp.talk.dialogue import ConversationLost
from labctl.node.mta.smtp.talk.reply import ServerReply, refusal
from labctl.node.mta.smtp.talk.session import Session
from labctl.node.wire import addresses, xtext


class Letter(NamedTuple):
    """The message as it goes over the wire."""

    sender: str
    size: int
    eight_bit: bool
    needs_utf8: bool  # an address or a header that ASCII cannot say
    wants_utf8: bool  # the sender said SMTPUTF8
    dsn_envelope_id: str
    dsn_ret: str
    # CRLF, dots stuffed, without the final dot; with True for a server of seven bits.
    content: Callable[[bool], bytes]


class Timeouts(NamedTuple):
    """postconf(5) smtp_*_timeout."""

    mail: float = 300.0
    rcpt: float = 300.0
    data_init: float = 120.0
    data_xfer: float = 180.0
    data_done: float = 600.0
    rset: float = 20.0
    xforward: float = 300.0
    quit: float = 300.0


class Verdict(NamedTuple):
    """What the server said about some recipients."""

    recipients: tuple[Recipient, ...]
    status: DeliveryStatus


class Rules(NamedTuple):
    """What is not SMTP's usual way."""

    lmtp: bool = False
    assume_final: bool = False  # lmtp_assume_final
    probe: str = ""  # postconf(5) smtp_address_verify_target: the stage where a probe ends
    leaves: bool = False  # QUIT may follow the end of the data at once


@dataclass(slots=True)
class Transaction:
    """The state of one transaction; ``is_open`` until the server has the end of the data."""

    session: Session
    letter: Letter
    recipients: Sequence[Recipient]
    timeouts: Timeouts
    rules: Rules = field(default_factory=Rules)
    accepted: list[Recipient] = field(default_factory=list)
    is_open: bool = False

    def verdicts(self) -> Iterator[Verdict]:
        """Send the message; what became of whom."""
        obstacle = _obstacle(self.session, self.letter)
        if obstacle is not None:
            yield self._all(obstacle)
            return
        self.is_open = True
        pipelined = self.session.offers("PIPELINING")
        yield from self._pipelined() if pipelined else self._one_by_one()

    def _pipelined(self) -> Iterator[Verdict]:
        dialogue = self.session.dialogue
        dialogue.send(self._commands(), MAIL, self.timeouts.mail)
        reply = dialogue.read(MAIL, self.timeouts.mail)
        refused = reply.kind != 2
        if refused:
            yield self._all(self._said(reply, "MAIL FROM command"))
        for rcpt in self.recipients:
            answer = dialogue.read(RCPT, self.timeouts.rcpt)
            if not refused:
                yield from self._recipient(rcpt, answer)
        if self._asks_for_data:
            yield from self._data(dialogue.read(DATA, self.timeouts.data_init))

    def _one_by_one(self) -> Iterator[Verdict]:
        dialogue, commands = self.session.dialogue, self._commands()
        reply = dialogue.command(commands[0], MAIL, self.timeouts.mail)
        if reply.kind != 2:
            yield self._all(self._said(reply, "MAIL FROM command"))
            return
        for rcpt, command in zip(self.recipients, commands[1:], strict=False):
            answer = dialogue.command(command, RCPT, self.timeouts.rcpt)
            yield from self._recipient(rcpt, answer)
        if self.accepted and self._asks_for_data:
            yield from self._data(dialogue.command("DATA", DATA, self.timeouts.data_init))

    @property
    def _asks_for_data(self) -> bool:
        return self.rules.probe in ("", "data")

    def _commands(self) -> list[str]:
        envelope = [rcpt_command(self.session, rcpt) for rcpt in self.recipients]
        end = ["DATA"] if self._asks_for_data else []
        return [mail_command(self.session, self.letter), *envelope, *end]

    def _recipient(self, rcpt: Recipient, answer: ServerReply) -> Iterator[Verdict]:
        if answer.kind != 2:
            yield Verdict((rcpt,), self._said(answer, "RCPT TO command"))
        elif self._asks_for_data:
            self.accepted.append(rcpt)
        else:
            # A probe has its answer; nothing is sent.
            yield Verdict((rcpt,), self._success(answer))

    def _data(self, reply: ServerReply) -> Iterator[Verdict]:
        waiting = tuple(self.accepted)
        if reply.kind != 3:
            if waiting:
                yield Verdict(waiting, self._said(reply, "DATA command"))
        elif not waiting:
            # DATA was on its way when the last recipient was refused.
            self.session.dialogue.command(".", END, self.timeouts.data_done)
            self.is_open = False
        elif self.rules.probe:
            # Only hanging up takes a DATA back.
            self.session.dialogue.is_broken = True
            yield Verdict(waiting, self._success(reply._replace(status="2.0.0")))
        else:
            yield from self._content(waiting)

    def _content(self, waiting: tuple[Recipient, ...]) -> Iterator[Verdict]:
        dialogue = self.session.dialogue
        self._send_content()
        self.is_open = False
        # RFC 2033 4.2: LMTP answers for each recipient that it has accepted.
        groups = [(rcpt,) for rcpt in waiting] if self.rules.lmtp else [waiting]
        for group in groups:
            answer = dialogue.read(END, self.timeouts.data_done)
            ok = answer.kind == 2
            words = "end of DATA command"
            yield Verdict(group, self._success(answer) if ok else self._said(answer, words))

    def _send_content(self) -> None:
        dialogue, timeout = self.session.dialogue, self.timeouts.data_xfer
        # RFC 6152 3: a server that does not offer 8BITMIME gets nothing but ASCII.
        seven_bit = self.letter.eight_bit and not self.session.offers("8BITMIME")
        try:
            dialogue.send_data(self.letter.content(seven_bit), BODY, timeout)
        except ConversationLost as lost:
            if lost.timed_out:
                raise
            # A server that has had enough may have said why before it hung up.
            self._last_words(lost)
        else:
            # From here on the server may be responsible without our knowing: the words say so.
            self.session.has_quit = self.rules.leaves and self.session.offers("PIPELINING")
            dialogue.send([".", "QUIT"] if self.session.has_quit else ["."], END, timeout)

    def _last_words(self, lost: ConversationLost) -> None:
        try:
            reply = self.session.dialogue.read(BODY, self.timeouts.data_done)
        except ConversationLost:
            raise lost from None
        raise Interrupted(self._said(reply, "end of DATA command"))

    def _success(self, answer: ServerReply) -> DeliveryStatus:
        # RFC 3461 5.2.2: without DSN beyond us, "relayed" is all that we can say; a mail store
        # that speaks LMTP may be taken for the end of the way.
        final = self.rules.assume_final and not self.session.offers("DSN")
        return DeliveryStatus(
            answer.status,
            Action.DELIVERED if final else Action.RELAYED,
            answer.text,
            diagnostic_type="smtp",
            diagnostic=answer.text,
            remote_mta_type="dns",
            remote_mta=self.session.host.name,
        )

    def _said(self, reply: ServerReply, command: str) -> DeliveryStatus:
        host = self.session.host
        if reply.is_our_mistake:
            self.session.dialogue.tap.is_suspect = True
        reason = f"host {host.name_address} said: {reply.text} (in reply to {command})"
        return refusal(reply, reason, host.name)

    def _all(self, status: DeliveryStatus) -> Verdict:
        return Verdict(tuple(self.recipients), status)


class Interrupted(Exception):
    """The server refused the message while we were sending it, and hung up."""

    def __init__(self, status: DeliveryStatus) -> None:
        super().__init__(status.reason)
        self.status = status


def mail_command(session: Session, letter: Letter) -> str:
    """MAIL FROM with what this server can take."""
    words = [f"MAIL FROM:<{addresses.external(letter.sender)}>"]
    if session.offers("SIZE"):
        words.append(f"SIZE={letter.size}")  # RFC 1870 5
    if session.offers("8BITMIME") and letter.eight_bit:
        words.append("BODY=8BITMIME")  # RFC 6152 2
    if session.offers("DSN"):
        if letter.dsn_envelope_id:
            words.append(f"ENVID={xtext.encode(letter.dsn_envelope_id)}")
        if letter.dsn_ret:
            words.append(f"RET={letter.dsn_ret}")
    if session.offers("SMTPUTF8") and letter.wants_utf8:
        words.append("SMTPUTF8")
    return " ".join(words)


def rcpt_command(session: Session, rcpt: Recipient) -> str:
    """RCPT TO with the DSN parameters of RFC 3461 4.1 and 4.2."""
    words = [f"RCPT TO:<{addresses.external(rcpt.address)}>"]
    if session.offers("DSN"):
        if rcpt.dsn_original:
            kind, _, address = rcpt.dsn_original.partition(";")
            words.append(f"ORCPT={kind};{xtext.encode(address)}")
        if rcpt.notify:
            words.append(f"NOTIFY={_notify(rcpt.notify)}")
    return " ".join(words)


def _obstacle(session: Session, letter: Letter) -> DeliveryStatus | None:
    """What forbids this message on this server, before a word is said."""
    limit = session.features.get("SIZE", "")
    host = session.host
    if limit.isdecimal() and 0 < int(limit) < letter.size:
        reason = f"message size {letter.size} exceeds size limit {limit} of server"
        return failed(f"{reason} {host.name_address}", "5.3.4")
    if letter.needs_utf8 and not session.offers("SMTPUTF8"):
        reason = "SMTPUTF8 is required, but was not offered by host"
        return failed(f"{reason} {host.name_address}", "5.6.7")
    return None


def _notify(notify: Notify) -> str:
    """RFC 3461 4.1; the order is that of the standard's grammar."""
    return ",".join(name for flag, name in NOTIFY_NAMES if notify & flag)


NOTIFY_NAMES: Final = (
    (Notify.NEVER, "NEVER"),
    (Notify.SUCCESS, "SUCCESS"),
    (Notify.FAILURE, "FAILURE"),
    (Notify.DELAY, "DELAY"),
)
MAIL: Final = "sending MAIL FROM"
RCPT: Final = "sending RCPT TO"
DATA: Final = "sending DATA command"
BODY: Final = "sending message body"
END: Final = "sending end of data -- message may be sent more than once"
