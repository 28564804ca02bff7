"""What restrictions look at, and what they leave behind besides their verdict.

STATES
    defer_if_permit   something could not be looked up: a final "yes" becomes "later"
    defer_if_reject   the same for a "no"
    warning           warn_if_reject stands before the word: log what would be refused
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Final, NamedTuple

from labctl.node.mta.lib.maps.match_list import string_list
from labctl.node.mta.lib.services.rewrite import Resolved, ResolveFlag, RewriteUnavailable
from labctl.node.mta.smtpd.client import Client
from labctl.node.mta.smtpd.environment import Environment
from labctl.node.mta.smtpd.restrictions.verdict import (
    PERMIT,
    Answer,
    LookupTrouble,
    Rejection,
    fit_status,
    rejection,
)
from labctl.node.wire import addresses


class Request(NamedTuple):
    """What the client has said so far."""

    stage: str  # "RCPT", "END-OF-MESSAGE", ...: the word of log lines and policy requests
    client: Client
    protocol: str = "SMTP"
    helo: str | None = None
    sender: str | None = None
    recipient: str | None = None
    recipient_count: int = 0
    queue_id: str = ""
    size: int = 0
    instance: str = ""
    etrn_domain: str = ""
    pipelined: bool = False  # the client spoke before its turn
    stress: str = ""


class Subject(NamedTuple):
    """Whom a list is about: ``<bob@example.test>: Recipient address rejected``."""

    name: str
    reply_class: str
    default_check: str  # the check that a bare ``type:table`` stands for


@dataclass
class Actions:
    """What access tables ask cleanup to do with the message."""

    hold: bool = False
    discard: bool = False
    filter: str = ""
    redirect: str = ""
    delay: int = 0
    bcc: list[str] = field(default_factory=list)
    prepend: list[str] = field(default_factory=list)


@dataclass
class Evaluation:
    """The state of one command's evaluation; ``run`` evaluates a nested list."""

    env: Environment
    request: Request
    run: Callable[[Evaluation, Sequence[str], Subject], Answer]
    actions: Actions = field(default_factory=Actions)
    defer_if_permit: Rejection | None = None
    defer_if_reject: Rejection | None = None
    warning: bool = False
    depth: int = 0
    recipient_checked: bool = False
    sender_checked: bool = False

    def note(self, action: str, text: str) -> None:
        """One line in the log: what is done to whom and why."""
        request = self.request
        parts = (
            [f"from=<{addresses.external(request.sender)}>"]
            if request.sender is not None
            else []
        )
        if request.recipient is not None:
            parts.append(f"to=<{addresses.external(request.recipient)}>")
        parts.append(f"proto={request.protocol}")
        if request.helo is not None:
            parts.append(f"helo=<{request.helo}>")
        queue_id = request.queue_id or "NOQUEUE"
        line = (
            f"{queue_id}: {action}: {request.stage} from {request.client.namaddr}: "
            f"{UNREADABLE.sub(' ', text)}; {' '.join(parts)}"
        )
        self.env.log.info(line if line.isascii() else UNREADABLE.sub("?", line))

    def reject(self, subject: Subject, code: int, status: str, text: str) -> Answer:
        """Refuse, or only say so behind warn_if_reject."""
        verdict = rejection(code, self.fit(status, subject.reply_class), text)
        if self.env.config.flag("soft_bounce") and verdict.code >= 500:
            verdict = rejection(verdict.code - 100, verdict.status, text)
        return self.refuse(verdict)

    def refuse(self, verdict: Rejection) -> Answer:
        """The same with a verdict that is complete."""
        if self.warning:
            self.note("reject_warning", str(verdict))
            return None
        # A refusal for good is not final while a permit could not be looked up.
        if verdict.code >= 500 and self.defer_if_reject is not None:
            verdict = self.defer_if_reject
        self.note("reject", str(verdict))
        return verdict

    def postpone_permit(self, subject: Subject, code: int, status: str, text: str) -> Answer:
        """Remember that a later "yes" must become "try again"; the first reason is kept."""
        verdict = rejection(code, self.fit(status, subject.reply_class), text)
        if self.warning:
            return self.refuse(verdict)
        self.defer_if_permit = self.defer_if_permit or verdict
        return None

    def postpone_reject(self, subject: Subject, code: int, status: str, text: str) -> Answer:
        """Remember that a later "no" must become "try again"."""
        verdict = rejection(code, self.fit(status, subject.reply_class), text)
        self.defer_if_reject = self.defer_if_reject or verdict
        return None

    def fit(self, status: str, reply_class: str) -> str:
        """The status, turned round if it is about another kind of address."""
        fitting = fit_status(status, reply_class)
        if fitting != status:
            self.env.log.info(
                f"mapping DSN status {status} into {reply_class} status {fitting}"
            )
        return fitting

    def permit(self, subject: Subject, action: str, source: str = "") -> Answer:
        """End the list in favour of the client; postconf(5) smtpd_log_access_permit_actions."""
        if action in string_list(self.env.config, "smtpd_log_access_permit_actions"):
            about = f"{subject.reply_class}={subject.name}"
            self.note("permit", f"action={action} for {about} {source}")
        return PERMIT

    def resolve(self, address: str) -> Resolved:
        """Where an address goes.  Raises LookupTrouble."""
        try:
            resolved = self.env.resolve(self.request.sender or "", address)
        except RewriteUnavailable as error:
            raise LookupTrouble(str(error)) from error
        if resolved.flags & ResolveFlag.FAIL:
            raise LookupTrouble(f"unable to look up {address!r}")
        return resolved


# Bytes that were no UTF-8, one by one.
UNREADABLE: Final = re.compile(r"[\udc80-\udcff]")
