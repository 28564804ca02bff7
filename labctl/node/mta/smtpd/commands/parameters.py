"""The ESMTP parameters of MAIL and RCPT, one row each.

INPUT AND OUTPUT
    ``mail_parameters(session, words)`` -> MailParameters, ``rcpt_parameters`` likewise; a
    ``Refusal`` is raised with the reply for the first that cannot be accepted.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final, NamedTuple

from labctl.node.mta.lib.config.main_cf import Config
from labctl.node.mta.lib.queue.dsn import Notify
from labctl.node.mta.smtpd.commands.keywords import hidden_keywords, may_ask_for_verp
from labctl.node.mta.smtpd.session import Session
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
    verp: str | None = None


class RcptParameters(NamedTuple):
    """What RCPT says besides the recipient."""

    notify: Notify = Notify.UNSET
    orcpt: str = ""


def mail_parameters(session: Session, words: tuple[str, ...]) -> MailParameters:
    """All parameters of a MAIL command."""
    found = MailParameters()
    for key, value, word in smtp.parameter_values(words):
        parse = (VALUED if "=" in word else BARE).get(key)
        if key == "XVERP" and not may_ask_for_verp(session):
            parse = None
        if parse is None:
            raise Refusal(f"555 5.5.4 Unsupported option: {word}")
        _refuse_hidden(session, key)
        found = parse(session.env.config, found, value)
    return found


def rcpt_parameters(session: Session, words: tuple[str, ...]) -> RcptParameters:
    """All parameters of a RCPT command."""
    found = RcptParameters()
    for key, value, word in smtp.parameter_values(words):
        parse = RCPT.get(key) if "=" in word else None
        if parse is None:
            raise Refusal(f"555 5.5.4 Unsupported option: {word}")
        _refuse_hidden(session, key)
        found = parse(found, value)
        if key == "NOTIFY" and not found.notify:
            raise _bad_notify(session, value)
    return found


def announces_utf8(session: Session, words: tuple[str, ...]) -> bool:
    """RFC 6531 3.4: said before the address can be read."""
    enabled = session.env.config.flag("smtputf8_enable")
    enabled = enabled and "SMTPUTF8" not in hidden_keywords(session)
    return enabled and any(word.upper() == "SMTPUTF8" for word in words)


def _bad_notify(session: Session, value: str) -> Refusal:
    strange = [word for word in value.split(",") if word.upper() not in Notify.__members__]
    for word in filter(None, strange[:1]):
        session.env.log.warning(f'unknown DSN NOTIFY command value "{word}" in "{value}"')
    return Refusal(BAD_NOTIFY)


def _refuse_hidden(session: Session, key: str) -> None:
    """What EHLO does not offer is obeyed all the same, but for DSN and SMTPUTF8."""
    if key == "SMTPUTF8" and key in hidden_keywords(session):
        raise Refusal(f"555 5.5.4 Unsupported option: {key}")
    if key in DSN and "DSN" in hidden_keywords(session):
        raise Refusal("501 5.7.1 DSN support is disabled")


def _body(_config: Config, found: MailParameters, value: str) -> MailParameters:
    # RFC 6152 3.
    encoding = {"7BIT": "7bit", "8BITMIME": "8bit"}.get(value.upper())
    if encoding is None:
        raise Refusal(f"555 5.5.4 Unsupported option: BODY={value}")
    return found._replace(encoding=encoding)


def _size(_config: Config, found: MailParameters, value: str) -> MailParameters:
    # RFC 1870 6.1.
    if not value.isdigit() or not value.isascii():
        raise Refusal("501 5.5.4 Bad message size syntax")
    if int(value[:LARGEST_DIGITS]) > LARGEST or len(value) > LARGEST_DIGITS:
        raise Refusal("552 5.3.4 Message size exceeds file system imposed limit")
    return found._replace(size=int(value))


def _auth(_config: Config, found: MailParameters, _value: str) -> MailParameters:
    # RFC 4954 5: a server without authentication reads it and believes nothing.
    return found


def _smtputf8(config: Config, found: MailParameters, _value: str) -> MailParameters:
    if not config.flag("smtputf8_enable"):
        raise Refusal("555 5.5.4 Unsupported option: SMTPUTF8")
    return found._replace(smtputf8=True)


def _ret(_config: Config, found: MailParameters, value: str) -> MailParameters:
    # RFC 3461 4.3: FULL or HDRS, once.
    if found.ret or value.upper() not in ("FULL", "HDRS"):
        raise Refusal("501 5.5.4 Bad RET parameter syntax")
    return found._replace(ret=value.upper())


def _envid(_config: Config, found: MailParameters, value: str) -> MailParameters:
    # RFC 3461 4.4: xtext, once.
    text = _decoded(value)
    if found.envelope_id is not None or not text or not text.isprintable():
        raise Refusal("501 5.5.4 Bad ENVID parameter syntax")
    return found._replace(envelope_id=text)


def _verp(config: Config, found: MailParameters, value: str) -> MailParameters:
    # postconf(5) verp_delimiter_filter: what may stand between the parts of an address.
    allowed = config.text("verp_delimiter_filter")
    if len(value) != 2 or not all(one in allowed for one in value):
        raise Refusal(f"501 5.5.4 Error: XVERP needs two characters from {allowed}")
    return found._replace(verp=value)


def _verp_by_default(config: Config, found: MailParameters, _value: str) -> MailParameters:
    return found._replace(verp=config.text("default_verp_delimiters"))


def _notify(found: RcptParameters, value: str) -> RcptParameters:
    # RFC 3461 4.1: once, and NEVER stands alone.
    if found.notify:
        raise Refusal(BAD_NOTIFY)
    try:
        notify = Notify.parse(",".join(word for word in value.split(",") if word))
    except ValueError:
        notify = Notify.UNSET
    return found._replace(notify=notify)


def _orcpt(found: RcptParameters, value: str) -> RcptParameters:
    # RFC 3461 4.2: addr-type ";" xtext, once.
    kind, semicolon, address = value.partition(";")
    text = _decoded(address)
    if found.orcpt or not (kind and semicolon) or text is None:
        raise Refusal("501 5.5.4 Error: Bad ORCPT parameter syntax")
    return found._replace(orcpt=f"{kind};{text}")


def _decoded(value: str) -> str | None:
    """Text of xtext, up to a NUL; None for what is neither."""
    try:
        return xtext.decode(value).partition("\0")[0]
    except ValueError:
        return None


LARGEST: Final = 2**63 - 1
BAD_NOTIFY: Final = "501 5.5.4 Error: Bad NOTIFY parameter syntax"
LARGEST_DIGITS: Final = len(str(LARGEST))
DSN: Final = frozenset({"RET", "ENVID", "NOTIFY", "ORCPT"})
VALUED: Final[Mapping[str, Callable[[Config, MailParameters, str], MailParameters]]] = {
    "BODY": _body,
    "SIZE": _size,
    "AUTH": _auth,
    "XVERP": _verp,
    "RET": _ret,
    "ENVID": _envid,
}
RCPT: Final[Mapping[str, Callable[[RcptParameters, str], RcptParameters]]] = {
    "NOTIFY": _notify,
    "ORCPT": _orcpt,
}
# RFC 6531 3.4: this one has no value; VERP has its usual ones.
BARE: Final[Mapping[str, Callable[[Config, MailParameters, str], MailParameters]]] = {
    "SMTPUTF8": _smtputf8,
    "XVERP": _verp_by_default,
}
