"""The address in MAIL and RCPT: taken off the command, and looked at."""

from __future__ import annotations

from typing import Final

from labctl.node.mta.lib.services.rewrite import ResolveFlag, RewriteUnavailable
from labctl.node.mta.smtpd.commands.parameters import Refusal
from labctl.node.mta.smtpd.session import Session
from labctl.node.wire import addresses, hostnames, smtp
from labctl.node.wire.addresses import MalformedPath, UnfinishedPath
from labctl.node.wire.smtp import Path


def read(session: Session, argument: str, keyword: str, *, allow_empty: bool) -> Path:
    """The path behind ``FROM:`` or ``TO:``; raises Refusal for what is none."""
    whose, status = WHOSE[keyword]
    try:
        path = smtp.parse_path(argument, keyword)
    except MalformedPath as error:
        if not isinstance(error, UnfinishedPath):
            _complain(session, argument[len(keyword) :].strip())
        raise Refusal(f"501 {status} Bad {whose} address syntax") from None
    if path is None:
        raise Refusal(f"501 5.5.4 Syntax: {session.stage} {keyword}<address>")
    strict = session.env.config.flag("strict_rfc821_envelopes")
    fine = path.in_brackets or not strict
    if path.address:
        fine = fine and _is_address(session, path.address)
    elif not allow_empty:
        fine = False
    if not fine:
        _complain(session, f"<{path.written}>" if path.in_brackets else path.written)
        raise Refusal(f"501 {status} Bad {whose} address syntax")
    return path


def _complain(session: Session, written: str) -> None:
    session.env.log.warning(
        f"Illegal address syntax from {session.client.namaddr} in {session.stage} "
        f"command: {written}"
    )


def _is_address(session: Session, address: str) -> bool:
    """trivial-rewrite knows what can be an address."""
    sender = session.transaction.sender if session.transaction else ""
    try:
        resolved = session.env.resolve(sender, address)
    except RewriteUnavailable as error:
        raise Refusal("451 4.3.0 Error: address resolver failure") from error
    if resolved.flags & ResolveFlag.ERROR:
        return False
    domain = addresses.split(resolved.recipient).domain
    return hostnames.is_hostname(domain) or hostnames.is_address_literal(domain)


WHOSE: Final = {"FROM:": ("sender", "5.1.7"), "TO:": ("recipient", "5.1.3")}
