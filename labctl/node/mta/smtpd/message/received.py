"""The Received header of a message that came by SMTP.  RFC 5321 4.4, in the words of Postfix.

Received: from client.example.test (client.example.test [198.18.0.5])
        by mx.example.test (Postfix) with ESMTP id 4F1B2C0001
        for <bob@example.test>; Mon, 23 Nov 2026 10:00:00 +0000 (UTC)
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, NamedTuple

from labctl.node.mta.smtpd.client import Client
from labctl.node.wire.mail_date import mail_date


class Trace(NamedTuple):
    """What the header tells about a message."""

    client: Client
    helo: str
    protocol: str
    queue_id: str
    recipient: str  # external form; "" unless there is exactly one
    hostname: str
    mail_name: str
    when: float
    login: str = ""  # smtpd_sasl_authenticated_header
    smtputf8: bool = False


def received_lines(trace: Trace) -> Sequence[bytes]:
    """The header, line by line, without line ends."""
    client = trace.client
    # RFC 5321 4.1.3: IPv6 addresses carry a tag.
    address = f"IPv6:{client.address}" if client.is_ipv6 else client.address
    protocol = PROTOCOL_UTF8.get(trace.protocol, trace.protocol)
    with_id = protocol if trace.smtputf8 else trace.protocol
    by = f"\tby {trace.hostname} ({trace.mail_name}) with {with_id} id {trace.queue_id}"
    lines = [f"Received: from {trace.helo or client.name} ({client.name} [{address}])"]
    if trace.login:
        lines.append(f"\t(Authenticated sender: {trace.login})")
    if trace.recipient:
        lines += [by, f"\tfor <{trace.recipient}>; {mail_date(trace.when)}"]
    else:
        lines += [f"{by};", f"\t{mail_date(trace.when)}"]
    return [line.encode("utf-8", "surrogateescape") for line in lines]


# RFC 6531 4.3 registers these; Postfix 3.7 uses the first for ESMTP.
PROTOCOL_UTF8: Final = {"ESMTP": "UTF8SMTP", "ESMTPA": "UTF8SMTPA", "ESMTPS": "UTF8SMTPS"}
