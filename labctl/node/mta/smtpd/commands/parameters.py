"""The ESMTP parameters of MAIL and RCPT, one row each.

INPUT AND OUTPUT
    ``mail_parameters(session, words)`` -> MailParameters, ``rcpt_parameters`` likewise; a
    ``Refusal`` is raised with the reply for the first that cannot be accepted.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final, NamedTuple

from labctl.node.mta.lib.queue.dsn import Notify
from labctl.node.wire import smtp, xtext
from labctl.node.wire.smtp import Reply


class Refusal(Exception):
    """A parameter that cannot be accepted."""

    def __init__(self, text: str) -> None:
        super().__init__(text)
        self.reply = Reply.of(text)


class MailParameters(NamedTuple):
    """What MAIL says besides the sender."""

    size: int = 0
    encoding: str = ""
    smtputf8: bool = False
    ret: str = ""
    envelope_id: str | None = None


class RcptParameters(NamedTuple):
    """What RCPT says besides the recipient."""

    notify: Notify = Notify.UNSET
    orcpt: str = ""


def mail_parameters(words: tuple[str, ...], hidden: set[str]) -> MailParameters:
    """All parameters of a MAIL command."""
    found = MailParameters()
    for key, value, word in smtp.parameter_values(words):
        parse = MAIL.get(key)
        if parse is None or OFFERED_AS.get(key) in hidden:
            raise Refusal(f"555 5.5.4 Unsupported option: {word}")
        found = parse(found, value, word)
    return found


def rcpt_parameters(words: tuple[str, ...], hidden: set[str]) -> RcptParameters:
    """All parameters of a RCPT command."""
    found = RcptParameters()
    for key, value, word in smtp.parameter_values(words):
        parse = RCPT.get(key)
        if parse is None or OFFERED_AS.get(key) in hidden:
            raise Refusal(f"555 5.5.4 Unsupported option: {word}")
        found = parse(found, value, word)
    return found


def _body(found: MailParameters, value: str, word: str) -> MailParameters:
    # RFC 6152 3.
    encoding = {"7BIT": "7bit", "8BITMIME": "8bit"}.get(value.upper())
    if encoding is None:
        raise Refusal(f"555 5.5.4 Unsupported option: {word}")
    return found._replace(encoding=encoding)


def _size(found: MailParameters, value: str, word: str) -> MailParameters:
    # RFC 1870 6.1.
    if not value.isdigit() or not value.isascii():
        raise Refusal("501 5.5.4 Bad message size syntax")
    return found._replace(size=int(value))


def _auth(found: MailParameters, value: str, word: str) -> MailParameters:
    # RFC 4954 5: a server without authentication reads it and believes nothing.
    return found


def _smtputf8(found: MailParameters, value: str, word: str) -> MailParameters:
    # RFC 6531 3.4: the parameter has no value.
    if "=" in word:
        raise Refusal(f"555 5.5.4 Unsupported option: {word}")
    return found._replace(smtputf8=True)


def _ret(found: MailParameters, value: str, word: str) -> MailParameters:
    # RFC 3461 4.3: FULL or HDRS, once.
    if found.ret or value.upper() not in ("FULL", "HDRS"):
        raise Refusal("501 5.5.4 Bad RET parameter syntax")
    return found._replace(ret=value.upper())


def _envid(found: MailParameters, value: str, word: str) -> MailParameters:
    # RFC 3461 4.4: xtext, once, at most 100 characters.
    try:
        text = xtext.decode(value)
    except ValueError:
        text = ""
    if found.envelope_id is not None or not text or not text.isprintable():
        raise Refusal("501 5.5.4 Bad ENVID parameter syntax")
    return found._replace(envelope_id=text)


def _notify(found: RcptParameters, value: str, word: str) -> RcptParameters:
    # RFC 3461 4.1: once, and NEVER stands alone.
    try:
        notify = Notify.parse(value)
    except ValueError:
        notify = Notify.UNSET
    if found.notify or not notify:
        raise Refusal("501 5.5.4 Error: Bad NOTIFY parameter syntax")
    return found._replace(notify=notify)


def _orcpt(found: RcptParameters, value: str, word: str) -> RcptParameters:
    # RFC 3461 4.2: addr-type ";" xtext, once.
    kind, semicolon, address = value.partition(";")
    try:
        text = xtext.decode(address)
    except ValueError:
        text = ""
    if found.orcpt or not (kind and semicolon and text):
        raise Refusal("501 5.5.4 Error: Bad ORCPT parameter syntax")
    return found._replace(orcpt=f"{kind};{text}")


MAIL: Final[Mapping[str, Callable[[MailParameters, str, str], MailParameters]]] = {
    "BODY": _body,
    "SIZE": _size,
    "AUTH": _auth,
    "RET": _ret,
    "ENVID": _envid,
    "SMTPUTF8": _smtputf8,
}
RCPT: Final[Mapping[str, Callable[[RcptParameters, str, str], RcptParameters]]] = {
    "NOTIFY": _notify,
    "ORCPT": _orcpt,
}
# What EHLO does not offer is not accepted either.
OFFERED_AS: Final[Mapping[str, str]] = {
    "BODY": "8BITMIME",
    "SIZE": "SIZE",
    "RET": "DSN",
    "ENVID": "DSN",
    "NOTIFY": "DSN",
    "ORCPT": "DSN",
    "SMTPUTF8": "SMTPUTF8",
}
