"""XFORWARD: what a content filter was told by the server before it, for logs and headers."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from labctl.node.mta.smtpd.client import UNKNOWN
from labctl.node.mta.smtpd.commands import vouched
from labctl.node.mta.smtpd.session import OK, Session
from labctl.node.wire.smtp import Reply


def xforward(session: Session, argument: str) -> Reply:
    """Remember what a content filter was told by the server before it."""
    if session.transaction is not None:
        return Reply.of("503 5.5.1 Error: MAIL transaction in progress")
    if not argument:
        return Reply.of("501 5.5.4 Syntax: XFORWARD attribute=value...")
    if not vouched.is_authorized(session, "smtpd_authorized_xforward_hosts"):
        return vouched.NOT_AUTHORIZED
    forwarded = dict(session.forwarded)
    try:
        for name, value in vouched.attributes(argument, XFORWARD, "XFORWARD"):
            key = name.lower()
            forwarded[key] = UNKNOWN if value == vouched.UNAVAILABLE else XFORWARD[name](value)
        _check_protocol(session, forwarded.get("addr", ""))
    except vouched.BadAttribute as error:
        return Reply(501, "5.5.4", (str(error),))
    session.forwarded = forwarded
    return OK


def _check_protocol(session: Session, address: str) -> None:
    """postconf(5) inet_protocols: what we do not speak is no address."""
    enabled = session.env.config.words("inet_protocols")
    if ":" in address and not {"all", "ipv6"} & set(enabled):
        raise vouched.BadAttribute(f"Bad ADDR syntax: ipv6:{address}")


def _source(value: str) -> str:
    if value.upper() not in ("LOCAL", "REMOTE"):
        raise vouched.BadAttribute(f"Bad SOURCE syntax: {value}")
    return value.lower()


def _any(value: str) -> str:
    return value


XFORWARD: Final[Mapping[str, Callable[[str], str]]] = {
    "NAME": lambda value: vouched.host(value, "NAME"),
    "ADDR": lambda value: vouched.ip_address(value, "ADDR"),
    "PROTO": _any,
    "HELO": _any,
    "SOURCE": _source,
    "PORT": vouched.port_number,
    "IDENT": _any,
}
