"""What XCLIENT and XFORWARD share: attributes that another server vouches for."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from labctl.node.mta.smtpd.client import UNKNOWN
from labctl.node.mta.smtpd.session import Session
from labctl.node.wire import hostnames, xtext
from labctl.node.wire.smtp import Reply

UNAVAILABLE: Final = "[UNAVAILABLE]"
TEMPORARILY: Final = "[TEMPUNAVAIL]"
NOT_AUTHORIZED: Final = Reply.of("550 5.7.0 Error: insufficient authorization")


class BadAttribute(ValueError):
    """An attribute that cannot be used; the text is the reply's."""


def is_authorized(session: Session, parameter: str) -> bool:
    """Whether the client may speak for others."""
    # The real peer, not whom it claims to be since the last XCLIENT.
    return session.env.hosts(parameter).matches(session.peer.name, session.peer.address)


def attributes(argument: str, known: Mapping[str, object], verb: str) -> list[tuple[str, str]]:
    """``NAME=value`` pairs, their values decoded; raises BadAttribute."""
    pairs = []
    for word in argument.split():
        name, equals, value = word.partition("=")
        if not equals or not value:
            raise BadAttribute("Error: attribute=value expected")
        if len(value) > 255:
            raise BadAttribute("Error: attribute value too long")
        if name.upper() not in known:
            raise BadAttribute(f"Bad {verb} attribute name: {name}")
        pairs.append((name.upper(), _decoded(value)))
    return pairs


def _decoded(value: str) -> str:
    """What is not xtext stands for itself."""
    try:
        return xtext.decode(value)
    except ValueError:
        return value


def host(value: str, attribute: str) -> str:
    """A host name, or BadAttribute."""
    if not hostnames.is_hostname(value):
        raise BadAttribute(f"Bad {attribute} syntax: {value}")
    return value


def ip_address(value: str, attribute: str) -> str:
    """An address without its tag, or BadAttribute."""
    if value == UNAVAILABLE:
        return UNKNOWN
    # RFC 5321 4.1.3 tags IPv6 addresses, and only these.
    tagged = value[:5].upper() == "IPV6:"
    bare = value[5:] if tagged else value
    if not hostnames.is_address(bare) or tagged is not (":" in bare):
        raise BadAttribute(f"Bad {attribute} syntax: {value}")
    return bare


def port_number(value: str, attribute: str = "PORT") -> str:
    """A port, or BadAttribute."""
    if value == UNAVAILABLE:
        return UNKNOWN
    if not value.isdigit() or len(value) > len("65535"):
        raise BadAttribute(f"Bad {attribute} syntax: {value}")
    return value
