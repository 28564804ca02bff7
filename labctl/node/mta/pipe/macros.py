"""The macros of pipe(8): ${sender}, ${recipient} and the others, in the arguments of a command.

INPUT AND OUTPUT
    ``expand(argv, values, recipients)`` returns the arguments.  An argument that names
    something of a recipient is repeated for each of them; no argument is ever split, whatever
    an address contains, so that no address becomes an option or a second command.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Final

from labctl.node.mta.lib.config.address_parts import split_extension
from labctl.node.mta.lib.config.expansion import expand as expand_text
from labctl.node.mta.lib.config.expansion import names_in
from labctl.node.mta.lib.delivery.agent import DeliveryRequest, Recipient
from labctl.node.mta.pipe.attributes import Attributes, Flag
from labctl.node.wire.addresses import external, split

Values = Mapping[str, str]


class UnknownMacro(Exception):
    """master.cf names something that pipe(8) does not have."""


def expand(argv: Sequence[str], message: Values, recipients: Sequence[Values]) -> list[str]:
    """All arguments for all recipients."""
    return [result for argument in argv for result in _expand(argument, message, recipients)]


def _expand(argument: str, message: Values, recipients: Sequence[Values]) -> Iterator[str]:
    names = names_in(argument)
    for name in names:
        if name not in message and name not in PER_RECIPIENT:
            raise UnknownMacro(name)
    if not PER_RECIPIENT.isdisjoint(names):
        for values in recipients:
            yield expand_text(argument, {**message, **values}.get)
    else:
        yield expand_text(argument, message.get)


def message_values(request: DeliveryRequest, attributes: Attributes) -> Values:
    """What is the same for all recipients."""
    quote = external if Flag.QUOTE in attributes.flags else str
    _, fold_domain = folded(attributes.flags)
    known = request.attributes
    return {
        "sender": quote(request.sender) if request.sender else attributes.null_sender,
        "nexthop": fold_domain(request.nexthop),
        "size": str(request.data_size),
        "queue_id": request.queue_id,
        "envid": request.dsn_envelope_id,
        **{
            macro: known.get(f"log_{name}") or known.get(name, "")
            for macro, name in CLIENT.items()
        },
    }


def recipient_values(rcpt: Recipient, attributes: Attributes, delimiters: str) -> Values:
    """What is different for each of them."""
    quote = external if Flag.QUOTE in attributes.flags else str
    fold_user, fold_domain = folded(attributes.flags)

    def fold(address: str) -> str:
        local, domain = split(address)
        joined = f"{fold_user(local)}@{fold_domain(domain)}" if domain else fold_user(local)
        return quote(joined)

    local, domain = split(rcpt.address)
    user, extension = split_extension(fold_user(local), delimiters)
    return {
        "recipient": fold(rcpt.address),
        "original_recipient": fold(rcpt.original),
        "user": user,
        "extension": extension[1:],
        "mailbox": fold_user(local),
        "domain": fold_domain(domain),
    }


def folded(flags: Iterable[Flag]) -> tuple[Callable[[str], str], Callable[[str], str]]:
    """What u makes of a user, and h of a domain."""
    return (
        str.lower if Flag.FOLD_USER in flags else str,
        str.lower if Flag.FOLD_DOMAIN in flags else str,
    )


PER_RECIPIENT: Final = frozenset(
    {"recipient", "original_recipient", "user", "extension", "mailbox", "domain"}
)
CLIENT: Final[Mapping[str, str]] = {
    "client_address": "client_address",
    "client_helo": "helo_name",
    "client_hostname": "client_name",
    "client_port": "client_port",
    "client_protocol": "protocol_name",
    "sasl_method": "sasl_method",
    "sasl_sender": "sasl_sender",
    "sasl_username": "sasl_username",
}
