"""The clients of bounce(8), defer(8) and trace(8), which keep logs and make reports of them.

INPUT AND OUTPUT
    One request on one connection; the answer is a status, 0 for done.  A client that gets no
    answer returns False: the caller then defers, because a message whose failure nobody will
    be told about must stay in the queue.

WHO CALLS
    Delivery agents append while they try.  qmgr asks for the report, once per message:
    ``flush`` (failed), ``warn`` (delayed), ``trace`` (as the sender asked).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, NamedTuple

from labctl.node.mta.lib.config.main_cf import Config
from labctl.node.mta.lib.queue.dsn import DeliveryStatus, Notify
from labctl.node.mta.lib.queue.queue_file import Recipient
from labctl.node.mta.lib.services import ipc
from labctl.node.mta.lib.services.delivery_request import DeliveryRequest


class Subject(NamedTuple):
    """The message that a report is about."""

    queue_name: str
    queue_id: str
    sender: str
    encoding: str = ""
    smtputf8: int = 0
    dsn_envelope_id: str = ""
    dsn_ret: str = ""


def subject_of(request: DeliveryRequest) -> Subject:
    """The message that a delivery request is about."""
    return Subject(
        request.queue_name,
        request.queue_id,
        request.sender,
        request.encoding,
        request.smtputf8,
        request.dsn_envelope_id,
        request.dsn_ret,
    )


def append(
    config: Config, service: str, queue_id: str, rcpt: Recipient, status: DeliveryStatus
) -> bool:
    """Note in the log of ``service`` (bounce, defer, trace) what happened to a recipient."""
    pairs = {"request": "append", "queue_id": queue_id}
    return _ask(config, service, pairs | _outcome(rcpt, status))


def flush(config: Config, subject: Subject) -> bool:
    """Send the non-delivery report of everything in the bounce log, and forget the log."""
    return _ask(config, "bounce", flush_request("flush", subject))


def warn(config: Config, subject: Subject) -> bool:
    """Send the delay report of everything in the defer log, and keep the log."""
    return _ask(config, "defer", flush_request("warn", subject))


def trace(config: Config, subject: Subject, flags: int = 0) -> bool:
    """Send the report that the sender asked for, and forget the trace log."""
    return _ask(config, "trace", flush_request("flush", subject) | {"flags": str(flags)})


def send_one(config: Config, subject: Subject, rcpt: Recipient, status: DeliveryStatus) -> bool:
    """Report one recipient at once, to a sender of its own: an alias with an owner."""
    return _ask(config, "bounce", flush_request("one", subject) | _outcome(rcpt, status))


def flush_request(verb: str, subject: Subject) -> dict[str, str]:
    """The attributes of a request about a whole message; qmgr sends them without waiting."""
    return {"request": verb} | {name: str(value) for name, value in subject._asdict().items()}


def parse_subject(pairs: Mapping[str, str]) -> Subject:
    """The server's half of ``flush_request``."""
    return Subject(
        pairs["queue_name"],
        pairs["queue_id"],
        pairs["sender"],
        pairs["encoding"],
        int(pairs["smtputf8"]),
        pairs["dsn_envelope_id"],
        pairs["dsn_ret"],
    )


def parse_outcome(pairs: Mapping[str, str]) -> tuple[Recipient, DeliveryStatus]:
    """The server's half of ``append``."""
    rcpt = Recipient(
        pairs["recipient"],
        pairs["original_recipient"],
        pairs["dsn_orig_rcpt"],
        Notify(int(pairs["notify"])),
        int(pairs["offset"]),
    )
    status = DeliveryStatus(*(pairs[name] for name in STATUS_NAMES))
    return rcpt, status


def _outcome(rcpt: Recipient, status: DeliveryStatus) -> dict[str, str]:
    return {
        "recipient": rcpt.address,
        "original_recipient": rcpt.original,
        "dsn_orig_rcpt": rcpt.dsn_original,
        "notify": str(int(rcpt.notify)),
        "offset": str(rcpt.offset),
    } | {name: str(getattr(status, name)) for name in STATUS_NAMES}


def _ask(config: Config, service: str, pairs: Mapping[str, str]) -> bool:
    name = config.text(f"{service}_service_name")
    timeout = config.seconds("ipc_timeout")
    try:
        with ipc.connect(config, "private", name, timeout) as connection:
            ipc.send(connection, pairs)
            return ipc.receive(connection).get("status") == "0"
    except (OSError, EOFError):
        return False


STATUS_NAMES: Final = DeliveryStatus._fields
