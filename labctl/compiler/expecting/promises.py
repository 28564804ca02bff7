"""What the author promises about single messages: names become addresses and mailboxes."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final

from labctl.compiler.expected import (
    Answered,
    Arrives,
    LogLine,
    Mailbox,
    Parcel,
    Promise,
    Published,
    Refused,
    Unanswered,
)
from labctl.compiler.expecting.flows import entry, mailbox_of, sender_of
from labctl.compiler.lab import Lab
from labctl.compiler.mta import has_mta
from labctl.topology.models import ExpectSpec

NOBODY: Final = "<>"


def promises(lab: Lab) -> Iterator[Promise]:
    """One expectation for each entry of ``expect``."""
    for name, spec in lab.topology.expect.items():
        promise = OUTCOMES[spec.outcome](lab, spec, _shared(lab, name, spec))
        if promise is not None:
            yield promise


def _shared(lab: Lab, name: str, spec: ExpectSpec) -> dict[str, Any]:
    """What all kinds have."""
    server = spec.server or (spec.node if has_mta(lab.spec(spec.node).role) else "")
    return {
        "id": f"expect.{name}",
        "needs": (f"port.{server}.smtp",) if server else (),
        "parcel": _parcel(lab, spec),
        "logged": tuple(
            LogLine(node=node, text=text)
            for node, texts in spec.logged.items()
            for text in texts
        ),
    }


def _parcel(lab: Lab, spec: ExpectSpec) -> Parcel:
    start = entry(lab, spec.node, spec.to)
    server = lab.address_seen_from(spec.node, spec.server) if spec.server else ""
    return Parcel(
        node=spec.node,
        server=server or (start.server if start else ""),
        sender="" if spec.sender == NOBODY else spec.sender or sender_of(lab, spec.node),
        recipient=spec.to,
        headers=_fields(spec.headers),
        body=spec.body,
        attachment=spec.attachment,
    )


def _refused(lab: Lab, spec: ExpectSpec, shared: Mapping[str, Any]) -> Promise | None:
    return Refused(**shared, at=spec.at or "", reply=spec.reply)


def _arrives(lab: Lab, spec: ExpectSpec, shared: Mapping[str, Any]) -> Promise | None:
    mailbox = _mailbox(lab, spec.mailbox or spec.to)
    return Arrives(**shared, mailbox=mailbox, shows=_fields(spec.shows)) if mailbox else None


def _answered(lab: Lab, spec: ExpectSpec, shared: Mapping[str, Any]) -> Promise | None:
    mailbox = _mailbox(lab, _answered_address(spec))
    return Answered(**shared, mailbox=mailbox, shows=_fields(spec.shows)) if mailbox else None


def _unanswered(lab: Lab, spec: ExpectSpec, shared: Mapping[str, Any]) -> Promise | None:
    mailbox = _mailbox(lab, _answered_address(spec))
    return Unanswered(**shared, mailbox=mailbox) if mailbox else None


def _published(lab: Lab, spec: ExpectSpec, shared: Mapping[str, Any]) -> Promise | None:
    return Published(**shared, url=spec.url, contains=spec.contains)


def _answered_address(spec: ExpectSpec) -> str:
    """Where an answer goes: to the sender, or to whom a careless responder takes for it."""
    return spec.headers.get("From", "") if spec.sender == NOBODY else spec.sender


def _mailbox(lab: Lab, address: str) -> Mailbox | None:
    home = lab.homes.get(address.rpartition("@")[2])
    return mailbox_of(lab, home, address) if home else None


def _fields(fields: Mapping[str, str]) -> tuple[str, ...]:
    return tuple(f"{name}: {value}".rstrip() for name, value in fields.items())


OUTCOMES: Final[
    Mapping[str, Callable[[Lab, ExpectSpec, Mapping[str, Any]], Promise | None]]
] = {
    "refused": _refused,
    "arrives": _arrives,
    "answered": _answered,
    "unanswered": _unanswered,
    "published": _published,
}
