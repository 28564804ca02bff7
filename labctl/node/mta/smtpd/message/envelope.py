"""What cleanup is told of a message besides its content: flags, attributes, our own header."""

from __future__ import annotations

from collections.abc import Iterator

from labctl.node.mta.lib.services.cleanup import Flags
from labctl.node.mta.smtpd.client import UNKNOWN
from labctl.node.mta.smtpd.environment import Environment
from labctl.node.mta.smtpd.message import received
from labctl.node.mta.smtpd.message.rewrite_context import rewrite_context
from labctl.node.mta.smtpd.message.submission import Opening
from labctl.node.mta.smtpd.session import Session
from labctl.node.mta.smtpd.transaction import Transaction
from labctl.node.wire import addresses


def opening(session: Session, transaction: Transaction) -> Opening:
    """What is known when the first recipient is accepted."""
    return Opening(
        transaction.sender,
        cleanup_flags(session.env, transaction),
        client_line(session),
        message_attributes(session, transaction),
        transaction.actions,
        transaction.verp,
    )


def header(session: Session, transaction: Transaction) -> Iterator[bytes]:
    """What we put in front of the content: what tables prepend, then Received."""
    for line in transaction.actions.prepend:
        yield line.encode("utf-8", "surrogateescape")
    sole = transaction.recipient_count == 1
    trace = received.Trace(
        session.client,
        session.helo or "",
        session.protocol,
        transaction.queue_id,
        addresses.external(transaction.recipient or "") if sole else "",
        session.hostname,
        session.env.config.text("mail_name"),
        session.env.now(),
        smtputf8=transaction.smtputf8,
    )
    yield from received.received_lines(trace)


def cleanup_flags(env: Environment, transaction: Transaction) -> Flags:
    """postconf(5) receive_override_options, and what the message needs."""
    flags = Flags.EXTERNAL
    options = env.config.words("receive_override_options")
    if "no_address_mappings" in options:
        flags &= ~(Flags.BCC_OK | Flags.MAP_OK)
    if "no_header_body_checks" in options:
        flags &= ~Flags.FILTER
    if transaction.smtputf8:
        flags |= Flags.SMTPUTF8
    return flags | Flags.SMTP_REPLY


def message_attributes(session: Session, transaction: Transaction) -> dict[str, str]:
    """What delivery agents, XFORWARD and reports will want to know."""
    client, forwarded = session.client, session.forwarded
    ret = {"FULL": "1", "HDRS": "2"}.get(transaction.ret, "")
    return {
        "envelope_id": transaction.envelope_id or "",
        "ret_flags": ret,
        "encoding": transaction.encoding,
        "rewrite_context": forwarded.get("source", "") or rewrite_context(session.env, client),
        "log_ident": forwarded.get("ident", ""),
        "log_client_name": forwarded.get("name", client.name),
        "log_client_address": forwarded.get("addr", client.address),
        "log_client_port": forwarded.get("port", client.port),
        "log_message_origin": origin(session),
        "log_helo_name": forwarded.get("helo", session.helo or ""),
        "log_protocol_name": forwarded.get("proto", session.protocol),
        "client_name": client.name,
        "reverse_client_name": client.reverse_name,
        "client_address": client.address,
        "client_port": client.port,
        "server_address": client.server_address,
        "server_port": client.server_port,
        "helo_name": session.helo or "",
        "protocol_name": session.protocol,
        "client_address_type": "6" if client.is_ipv6 else "2",
        "dsn_smtputf8": "1" if transaction.smtputf8 else "",
    }


def origin(session: Session) -> str:
    """Who the message is from in the log of cleanup, filters looked through."""
    forwarded, client = session.forwarded, session.client
    if "name" not in forwarded and "addr" not in forwarded:
        return client.namaddr
    name, address = forwarded.get("name", UNKNOWN), forwarded.get("addr", UNKNOWN)
    return name if address == UNKNOWN else f"{name}[{address}]"


def client_line(session: Session) -> str:
    """What the log says of the client when the queue id is known."""
    forwarded = session.forwarded
    parts = [f"client={session.client.namaddr}"]
    if "ident" in forwarded:
        parts.append(f"orig_queue_id={forwarded['ident']}")
    if "name" in forwarded or "addr" in forwarded:
        parts.append(f"orig_client={origin(session)}")
    return ", ".join(parts)
