"""The address in MAIL, RCPT and VRFY: taken off the command, and looked at."""

from __future__ import annotations

from typing import Final

from labctl.node.mta.lib.services.rewrite import ResolveFlag, RewriteUnavailable
from labctl.node.mta.smtpd.commands.parameters import Refusal
from labctl.node.mta.smtpd.session import Session
from labctl.node.wire import addresses, hostnames, paths, smtp
from labctl.node.wire.paths import UnfinishedPath
from labctl.node.wire.smtp import Path


def read(session: Session, argument: str, keyword: str) -> Path:
    """The path behind ``FROM:`` or ``TO:``; raises Refusal when there is none."""
    try:
        path = smtp.parse_path(argument, keyword)
    except UnfinishedPath:
        raise _bad_syntax(keyword) from None
    if path is None:
        raise Refusal(f"501 5.5.4 Syntax: {session.stage} {keyword}<address>")
    return path


def address(session: Session, written: str, keyword: str, *, utf8: bool = False) -> str:
    """The address in a path; raises Refusal for what cannot be one."""
    config = session.env.config
    strict = config.flag("strict_rfc821_envelopes") and keyword != VRFY
    found = paths.extract(written)
    fine = found.number < 2 and not (strict and (found.has_more or written[:1] != "<"))
    if not found.address:
        fine = fine and keyword == FROM
    elif fine:
        # Source routes are gone by now: this has only a domain.
        fine = not (strict and found.address.startswith("@"))
        fine = fine and _is_address(session, found.address, utf8=utf8)
    if not fine:
        session.env.log.warning(
            f"Illegal address syntax from {session.client.namaddr} in {session.stage} "
            f"command: {written}"
        )
        raise _bad_syntax(keyword)
    # RFC 6531 3.4: such an address needs the extension; postconf(5) strict_smtputf8.
    if config.flag("strict_smtputf8") and not utf8 and not found.address.isascii():
        raise Refusal("553 5.6.7 Must declare SMTPUTF8 to send unicode address")
    return found.address


def _bad_syntax(keyword: str) -> Refusal:
    whose, status = WHOSE[keyword]
    return Refusal(f"501 {status} Bad {whose} address syntax")


def _is_address(session: Session, text: str, *, utf8: bool) -> bool:
    """trivial-rewrite knows what can be an address."""
    if text.endswith("@"):
        return False
    sender = session.transaction.sender if session.transaction else ""
    try:
        resolved = session.env.resolve(sender, text)
    except RewriteUnavailable as error:
        raise Refusal("451 4.3.0 Error: address resolver failure") from error
    if resolved.flags & ResolveFlag.ERROR:
        return False
    domain = addresses.split(resolved.recipient).domain
    if not domain:  # sendmail -bs: nobody has completed it yet
        return True
    if not utf8 and not domain.isascii():
        return False
    return hostnames.is_hostname(domain) or hostnames.is_address_literal(domain)


FROM: Final = "FROM:"
TO: Final = "TO:"
VRFY: Final = "VRFY"
WHOSE: Final = {
    FROM: ("sender", "5.1.7"),
    TO: ("recipient", "5.1.3"),
    VRFY: ("recipient", "5.1.3"),
}
