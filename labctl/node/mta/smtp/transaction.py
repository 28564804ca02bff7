"""One message over a greeted connection: MAIL, RCPT, DATA, and what the server said to each.

INPUT AND OUTPUT
    ``send()`` tries all recipients and gives a ``Result`` for each; it raises ConversationLost
    when the server goes away, and then nothing is certain that is not in ``Progress``.

WHY PIPELINING CHANGES LITTLE
    RFC 2920: the commands go out together, the replies come in the same order.  Reading is
    the same either way; only when we send differs.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Final, NamedTuple

from labctl.node.mta.lib.queue.dsn import DeliveryStatus, Notify, failed
from labctl.node.mta.lib.queue.queue_file import Recipient
from labctl.node.mta.smtp.reply import ServerReply, refusal
from labctl.node.mta.smtp.session import Session
from labctl.node.wire import addresses, xtext


class Letter(NamedTuple):
    """The message as it goes over the wire."""

    sender: str
    size: int
    eight_bit: bool
    smtputf8: bool
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


@dataclass(slots=True)
class Progress:
    """What is known so far, by recipient offset; the rest has not been decided."""

    results: dict[int, DeliveryStatus] = field(default_factory=dict)
    accepted: list[Recipient] = field(default_factory=list)


def send(
    session: Session,
    letter: Letter,
    recipients: Sequence[Recipient],
    timeouts: Timeouts,
    progress: Progress,
    *,
    lmtp: bool,
) -> None:
    """Fill in ``progress``: one result for each recipient."""
    obstacle = _obstacle(session, letter)
    if obstacle is not None:
        _all(progress, recipients, obstacle)
        return
    commands = [
        mail_command(session, letter),
        *(rcpt_command(session, rcpt) for rcpt in recipients),
        "DATA",
    ]
    if session.offers("PIPELINING"):
        _pipelined(session, letter, recipients, timeouts, progress, commands, lmtp)
    else:
        _one_by_one(session, letter, recipients, timeouts, progress, commands, lmtp)


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
    if session.offers("SMTPUTF8") and letter.smtputf8:
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


def _pipelined(
    session: Session,
    letter: Letter,
    recipients: Sequence[Recipient],
    timeouts: Timeouts,
    progress: Progress,
    commands: list[str],
    lmtp: bool,
) -> None:
    session.dialogue.send(commands, MAIL, timeouts.mail)
    reply = session.dialogue.read(MAIL, timeouts.mail)
    sender_refused = None
    if reply.kind != 2:
        sender_refused = _said(session, reply, "MAIL FROM command")
    for rcpt in recipients:
        answer = session.dialogue.read(RCPT, timeouts.rcpt)
        if sender_refused is None:
            _note_recipient(session, rcpt, answer, progress)
    data = session.dialogue.read(DATA, timeouts.data_init)
    if sender_refused is not None:
        _all(progress, recipients, sender_refused)
    if progress.accepted:
        _content(session, letter, data, timeouts, progress, lmtp)
    else:
        _abandon(session, data, timeouts)


def _one_by_one(
    session: Session,
    letter: Letter,
    recipients: Sequence[Recipient],
    timeouts: Timeouts,
    progress: Progress,
    commands: list[str],
    lmtp: bool,
) -> None:
    reply = session.dialogue.command(commands[0], MAIL, timeouts.mail)
    if reply.kind != 2:
        _all(progress, recipients, _said(session, reply, "MAIL FROM command"))
        return
    for rcpt, command in zip(recipients, commands[1:-1], strict=True):
        answer = session.dialogue.command(command, RCPT, timeouts.rcpt)
        _note_recipient(session, rcpt, answer, progress)
    if progress.accepted:
        data = session.dialogue.command("DATA", DATA, timeouts.data_init)
        _content(session, letter, data, timeouts, progress, lmtp)


def _note_recipient(
    session: Session, rcpt: Recipient, answer: ServerReply, progress: Progress
) -> None:
    if answer.kind == 2:
        progress.accepted.append(rcpt)
    else:
        progress.results[rcpt.offset] = _said(session, answer, "RCPT TO command")


def _content(
    session: Session,
    letter: Letter,
    data: ServerReply,
    timeouts: Timeouts,
    progress: Progress,
    lmtp: bool,
) -> None:
    if data.kind != 3:
        _all(progress, progress.accepted, _said(session, data, "DATA command"))
        return
    # RFC 6152 3: a server that does not offer 8BITMIME gets nothing but ASCII.
    seven_bit = letter.eight_bit and not session.offers("8BITMIME")
    session.dialogue.send_data(letter.content(seven_bit), BODY, timeouts.data_xfer)
    # From here on the server may be responsible without our knowing: the words say so.
    session.dialogue.send_data(b".\r\n", END, timeouts.data_xfer)
    # RFC 2033 4.2: LMTP answers for each recipient that it has accepted.
    answer = session.dialogue.read(END, timeouts.data_done)
    for index, rcpt in enumerate(progress.accepted):
        if lmtp and index:
            answer = session.dialogue.read(END, timeouts.data_done)
        progress.results[rcpt.offset] = _verdict(session, answer, lmtp=lmtp)


def _verdict(session: Session, answer: ServerReply, *, lmtp: bool) -> DeliveryStatus:
    if answer.kind != 2:
        return _said(session, answer, "end of DATA command")
    return DeliveryStatus(
        answer.status,
        "delivered" if lmtp else "relayed",
        answer.text,
        diagnostic_type="smtp",
        diagnostic=answer.text,
        remote_mta_type="dns",
        remote_mta=session.host.name,
    )


def _abandon(session: Session, data: ServerReply, timeouts: Timeouts) -> None:
    """DATA was on its way when the last recipient was refused."""
    if data.kind == 3:
        session.dialogue.command(".", END, timeouts.data_done)


def _obstacle(session: Session, letter: Letter) -> DeliveryStatus | None:
    """What forbids this message on this server, before a word is said."""
    limit = session.features.get("SIZE", "")
    host = session.host
    if limit.isdigit() and 0 < int(limit) < letter.size:
        reason = f"message size {letter.size} exceeds size limit {limit} of server"
        return failed(f"{reason} {host.name_address}", "5.3.4")
    if letter.smtputf8 and not session.offers("SMTPUTF8"):
        reason = "SMTPUTF8 is required, but was not offered by host"
        return failed(f"{reason} {host.name_address}", "5.6.7")
    return None


def _said(session: Session, reply: ServerReply, command: str) -> DeliveryStatus:
    host = session.host
    reason = f"host {host.name_address} said: {reply.text} (in reply to {command})"
    return refusal(reply, reason, host.name)


def _all(progress: Progress, recipients: Sequence[Recipient], status: DeliveryStatus) -> None:
    progress.results.update((rcpt.offset, status) for rcpt in recipients)


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
