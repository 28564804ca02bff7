"""XCLIENT and XFORWARD: an identity that another server vouches for.

XCLIENT   the session goes on as if it came from that client (tests, proxies)
XFORWARD  only what is logged and passed on (content filters)
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from labctl.node.mta.smtpd import stages
from labctl.node.mta.smtpd.client import OK as KNOWN
from labctl.node.mta.smtpd.client import PERMANENT, TEMPORARY, UNKNOWN, Client
from labctl.node.mta.smtpd.session import OK, Session
from labctl.node.wire import hostnames, xtext
from labctl.node.wire.smtp import Reply

UNAVAILABLE: Final = "[UNAVAILABLE]"
TEMPORARILY: Final = "[TEMPUNAVAIL]"
NOT_AUTHORIZED: Final = Reply.of("550 5.7.0 Error: insufficient authorization")


class BadAttribute(ValueError):
    """An attribute that cannot be used; the text is the reply's."""


def xclient(session: Session, argument: str) -> Reply:
    """Take over another client's identity, and greet it."""
    if session.transaction is not None:
        return Reply.of("503 5.5.1 Error: MAIL transaction in progress")
    if not argument:
        return Reply.of("501 5.5.4 Syntax: XCLIENT attribute=value...")
    if not _is_authorized(session, "smtpd_authorized_xclient_hosts"):
        return NOT_AUTHORIZED
    helo, protocol, client = session.helo, session.protocol, session.client
    try:
        for name, value in _attributes(argument, XCLIENT, "XCLIENT"):
            if name == "HELO":
                helo = value
            elif name == "PROTO":
                protocol = _protocol(value)
            else:
                client = XCLIENT[name](client, value)
    except BadAttribute as error:
        return Reply(501, "5.5.4", (str(error),))
    session.client, session.helo, session.protocol = client, helo, protocol
    return _greet_again(session)


def xforward(session: Session, argument: str) -> Reply:
    """Remember what a content filter was told by the server before it."""
    if session.transaction is not None:
        return Reply.of("503 5.5.1 Error: MAIL transaction in progress")
    if not argument:
        return Reply.of("501 5.5.4 Syntax: XFORWARD attribute=value...")
    if not _is_authorized(session, "smtpd_authorized_xforward_hosts"):
        return NOT_AUTHORIZED
    forwarded = dict(session.forwarded)
    try:
        for name, value in _attributes(argument, XFORWARD, "XFORWARD"):
            key = name.lower()
            forwarded[key] = UNKNOWN if value == UNAVAILABLE else XFORWARD[name](value)
    except BadAttribute as error:
        return Reply(501, "5.5.4", (str(error),))
    session.forwarded = forwarded
    return OK


def _is_authorized(session: Session, parameter: str) -> bool:
    # The real peer, not whom it claims to be since the last XCLIENT.
    return session.env.hosts(parameter).matches(session.peer.name, session.peer.address)


def _attributes(argument: str, known: Mapping[str, object], verb: str) -> list[tuple[str, str]]:
    pairs = []
    for word in argument.split():
        name, equals, value = word.partition("=")
        if not equals:
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


def _greet_again(session: Session) -> Reply:
    """XCLIENT ends like a new connection: with the banner."""
    config = session.env.config
    session.transaction = None
    session.denied = None
    if not config.flag("smtpd_delay_reject"):
        session.denied = stages.check_client(session)
        if session.denied is not None:
            return session.denied.reply
    return Reply(220, "", (config.text("smtpd_banner"),))


def _name(client: Client, value: str) -> Client:
    if value in (UNAVAILABLE, TEMPORARILY):
        status = PERMANENT if value == UNAVAILABLE else TEMPORARY
        return client._replace(name=UNKNOWN, name_status=status)
    return client._replace(name=_host(value, "NAME"), name_status=KNOWN)


def _reverse_name(client: Client, value: str) -> Client:
    if value in (UNAVAILABLE, TEMPORARILY):
        status = PERMANENT if value == UNAVAILABLE else TEMPORARY
        return client._replace(reverse_name=UNKNOWN, reverse_name_status=status)
    name = _host(value, "REVERSE_NAME")
    return client._replace(reverse_name=name, reverse_name_status=KNOWN)


def _address(client: Client, value: str) -> Client:
    return client._replace(address=_ip(value, "ADDR"))


def _port(client: Client, value: str) -> Client:
    return client._replace(port=_port_number(value))


def _login(client: Client, value: str) -> Client:
    # Without AUTH nobody asks for a login name.
    return client


def _server_address(client: Client, value: str) -> Client:
    return client._replace(server_address=_ip(value, "DESTADDR"))


def _server_port(client: Client, value: str) -> Client:
    return client._replace(server_port=_port_number(value))


def _unused(client: Client, value: str) -> Client:
    return client


def _host(value: str, attribute: str) -> str:
    if not hostnames.is_hostname(value):
        raise BadAttribute(f"Bad {attribute} syntax: {value}")
    return value


def _ip(value: str, attribute: str) -> str:
    if value == UNAVAILABLE:
        return UNKNOWN
    # RFC 5321 4.1.3 tags IPv6 addresses.
    bare = value[5:] if value[:5].upper() == "IPV6:" else value
    if not hostnames.is_address(bare):
        raise BadAttribute(f"Bad {attribute} syntax: {value}")
    return bare


def _port_number(value: str) -> str:
    if value == UNAVAILABLE:
        return UNKNOWN
    if not value.isdigit() or len(value) > len("65535"):
        raise BadAttribute(f"Bad PORT syntax: {value}")
    return value


def _protocol(value: str) -> str:
    if value.upper() not in ("SMTP", "ESMTP"):
        raise BadAttribute(f"Bad PROTO syntax: {value}")
    return value.upper()


def _source(value: str) -> str:
    if value.upper() not in ("LOCAL", "REMOTE"):
        raise BadAttribute(f"Bad SOURCE syntax: {value}")
    return value.lower()


def _any(value: str) -> str:
    return value


XCLIENT: Final[Mapping[str, Callable[[Client, str], Client]]] = {
    "NAME": _name,
    "ADDR": _address,
    "PROTO": _unused,
    "HELO": _unused,
    "REVERSE_NAME": _reverse_name,
    "PORT": _port,
    "LOGIN": _login,
    "DESTADDR": _server_address,
    "DESTPORT": _server_port,
}
XFORWARD: Final[Mapping[str, Callable[[str], str]]] = {
    "NAME": lambda value: _host(value, "NAME"),
    "ADDR": lambda value: _ip(value, "ADDR"),
    "PROTO": _any,
    "HELO": _any,
    "SOURCE": _source,
    "PORT": _port_number,
    "IDENT": _any,
}
