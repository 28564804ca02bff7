"""The extensions that EHLO offers, one row each, and those that the site hides."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from labctl.node.mta.lib.maps import maps_of
from labctl.node.mta.smtpd.session import Session


def keywords(session: Session) -> list[str]:
    """The lines of the EHLO reply, without those that the site hides."""
    hidden = hidden_keywords(session)
    offered = ((name, offer(session)) for name, offer in KEYWORDS)
    return [line for name, line in offered if line and name not in hidden]


def hidden_keywords(session: Session) -> frozenset[str]:
    """postconf(5) smtpd_discard_ehlo_keywords, or what the table says for this client."""
    if session.hidden is None:
        config = session.env.config
        text = None
        if config.text("smtpd_discard_ehlo_keyword_address_maps").strip():
            maps = maps_of(config, "smtpd_discard_ehlo_keyword_address_maps")
            text = maps.lookup(session.client.address)
        words = config.words("smtpd_discard_ehlo_keywords")
        if text is not None:
            words = tuple(text.replace(",", " ").split())
        session.hidden = frozenset(word.upper() for word in words)
    return session.hidden


def tell_hidden(session: Session) -> None:
    """Log what this client is not offered, unless that is to be silent too."""
    hidden = hidden_keywords(session)
    told = [name for name in MASK if name in hidden]
    if told and "SILENT-DISCARD" not in hidden:
        session.env.log.info(f"discarding EHLO keywords: {' '.join(told)}")


def may_ask_for_verp(session: Session) -> bool:
    """postconf(5) smtpd_authorized_verp_clients."""
    return _is_listed(session, "smtpd_authorized_verp_clients")


def _size(session: Session) -> str:
    limit = session.env.config.number("message_size_limit")
    return f"SIZE {limit}" if limit else "SIZE"


def _vrfy(session: Session) -> str:
    return "" if session.env.config.flag("disable_vrfy_command") else "VRFY"


def _xclient(session: Session) -> str:
    if not _is_listed(session, "smtpd_authorized_xclient_hosts"):
        return ""
    return "XCLIENT NAME ADDR PROTO HELO REVERSE_NAME PORT LOGIN DESTADDR DESTPORT"


def _xforward(session: Session) -> str:
    if not _is_listed(session, "smtpd_authorized_xforward_hosts"):
        return ""
    return "XFORWARD NAME ADDR PROTO HELO SOURCE PORT IDENT"


def _verp(session: Session) -> str:
    return "XVERP" if may_ask_for_verp(session) else ""


def _is_listed(session: Session, parameter: str) -> bool:
    # After XCLIENT it is the assumed identity that counts.
    client = session.client
    return session.env.hosts(parameter).matches(client.name, client.address)


def _smtputf8(session: Session) -> str:
    return "SMTPUTF8" if session.env.config.flag("smtputf8_enable") else ""


def _always(line: str) -> Callable[[Session], str]:
    return lambda _session: line


# In the order of the genuine reply.
KEYWORDS: Final[tuple[tuple[str, Callable[[Session], str]], ...]] = (
    ("PIPELINING", _always("PIPELINING")),
    ("SIZE", _size),
    ("VRFY", _vrfy),
    ("ETRN", _always("ETRN")),
    ("XVERP", _verp),
    ("XCLIENT", _xclient),
    ("XFORWARD", _xforward),
    ("ENHANCEDSTATUSCODES", _always("ENHANCEDSTATUSCODES")),
    ("8BITMIME", _always("8BITMIME")),
    ("DSN", _always("DSN")),
    ("SMTPUTF8", _smtputf8),
    ("CHUNKING", _always("CHUNKING")),
)
# All that can be hidden, in the order in which the log tells them.
MASK: Final = (
    "8BITMIME",
    "AUTH",
    "ETRN",
    "PIPELINING",
    "SIZE",
    "VERP",
    "VRFY",
    "XCLIENT",
    "XFORWARD",
    "STARTTLS",
    "ENHANCEDSTATUSCODES",
    "DSN",
    "SMTPUTF8",
    "CHUNKING",
)
