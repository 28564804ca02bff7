"""XCLIENT: the session goes on as if it came from another client (tests, proxies)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from labctl.node.mta.smtpd import stages
from labctl.node.mta.smtpd.client import OK as KNOWN
from labctl.node.mta.smtpd.client import PERMANENT, TEMPORARY, UNKNOWN, Client
from labctl.node.mta.smtpd.commands import vouched
from labctl.node.mta.smtpd.session import Session
from labctl.node.wire.smtp import Reply


def xclient(session: Session, argument: str) -> Reply:
    """Take over another client's identity, and greet it."""
    if session.transaction is not None:
        return Reply.of("503 5.5.1 Error: MAIL transaction in progress")
    if not argument:
        return Reply.of("501 5.5.4 Syntax: XCLIENT attribute=value...")
    if not vouched.is_authorized(session, "smtpd_authorized_xclient_hosts"):
        return vouched.NOT_AUTHORIZED
    client: Client = session.client
    helo: str | None = None
    protocol = "SMTP"
    try:
        for name, value in vouched.attributes(argument, XCLIENT, "XCLIENT"):
            if name == "HELO":
                helo = value
            elif name == "PROTO":
                protocol = _protocol(value)
            else:
                client = XCLIENT[name](client, value)
    except vouched.BadAttribute as error:
        return Reply(501, "5.5.4", (str(error),))
    session.client, session.helo, session.protocol = client, helo, protocol
    return _greet_again(session)


def _greet_again(session: Session) -> Reply:
    """XCLIENT ends like a new connection: with the banner."""
    config = session.env.config
    session.transaction = None
    session.denied = None
    session.hidden = None
    if not config.flag("smtpd_delay_reject"):
        session.denied = stages.check_client(session)
        if session.denied is not None:
            return session.denied.reply
    return Reply(220, "", (config.text("smtpd_banner"),))


def _name(client: Client, value: str) -> Client:
    if value in (vouched.UNAVAILABLE, vouched.TEMPORARILY):
        status = PERMANENT if value == vouched.UNAVAILABLE else TEMPORARY
        return client._replace(name=UNKNOWN, name_status=status)
    return client._replace(name=vouched.host(value, "NAME"), name_status=KNOWN)


def _reverse_name(client: Client, value: str) -> Client:
    if value in (vouched.UNAVAILABLE, vouched.TEMPORARILY):
        status = PERMANENT if value == vouched.UNAVAILABLE else TEMPORARY
        return client._replace(reverse_name=UNKNOWN, reverse_name_status=status)
    name = vouched.host(value, "REVERSE_NAME")
    return client._replace(reverse_name=name, reverse_name_status=KNOWN)


def _address(client: Client, value: str) -> Client:
    return client._replace(address=vouched.ip_address(value, "ADDR"))


def _port(client: Client, value: str) -> Client:
    return client._replace(port=vouched.port_number(value))


def _login(client: Client, value: str) -> Client:
    # Without AUTH nobody asks for a login name.
    return client


def _server_address(client: Client, value: str) -> Client:
    return client._replace(server_address=vouched.ip_address(value, "DESTADDR"))


def _server_port(client: Client, value: str) -> Client:
    return client._replace(server_port=vouched.port_number(value, "DESTPORT"))


def _unused(client: Client, value: str) -> Client:
    return client


def _protocol(value: str) -> str:
    if value.upper() not in ("SMTP", "ESMTP"):
        raise vouched.BadAttribute(f"Bad PROTO syntax: {value}")
    return value.upper()


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
