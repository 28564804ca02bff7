"""Checks of what the author promises about single messages (``expect`` of a topology)."""

from __future__ import annotations

import re
import time
from typing import Any, Final

from labctl.checks.failure import CheckFailed
from labctl.checks.flow import arrived_once, in_mailbox
from labctl.checks.nodes import Nodes
from labctl.checks.post import TOKEN, Letter, Posted
from labctl.checks.settled import until_settled, what_is_left
from labctl.compiler.expected import Answered, Arrives, LogLine, Promise, Refused, Unanswered

LOGGED: Final = 5.0  # seconds; an agent logs after it has delivered


def letter_for(expected: Promise) -> Letter:
    """Give the letter that a promise is about."""
    parcel = expected.parcel
    return Letter(
        id=expected.id,
        node=parcel.node,
        server=parcel.server,
        sender=parcel.sender,
        recipient=parcel.recipient,
        headers=parcel.headers,
        body=parcel.body,
        attachment=parcel.attachment,
    )


def check_refused(expected: Refused, nodes: Nodes, posted: Posted) -> None:
    """Refused in the session, by the command and with the words that were promised."""
    wanted = f"{expected.reply}*"
    if (
        not posted.reply
        or not matches(wanted, posted.reply, posted.token)
        or expected.at not in ("", posted.at)
    ):
        by = f" to {expected.at.upper()}" if expected.at else ""
        raise CheckFailed(
            expected=f"{posted.letter.recipient} is refused{by}: {expected.reply}",
            got=f"{posted.at.upper()}: {posted.reply}" if posted.reply else _taken(posted),
            evidence=f"from {posted.letter.node}, MAIL FROM:<{posted.letter.sender}>",
            cause="the restriction or the table is not there, or another one comes before it",
            next_command=f"labctl logs {posted.letter.node}",
        )
    check_logged(expected, nodes, posted)


def check_arrives(expected: Arrives, nodes: Nodes, posted: Posted) -> None:
    """In the mailbox once, with the header that was promised."""
    message = arrived_once(posted, expected.mailbox, nodes)
    check_shows(expected, message, posted)
    check_logged(expected, nodes, posted)


def check_answered(expected: Answered, nodes: Nodes, posted: Posted) -> None:
    """One answer, also when all is over."""
    message = arrived_once(posted, expected.mailbox, nodes)
    check_shows(expected, message, posted)
    until_settled(posted.token, nodes)
    answers = in_mailbox(expected.mailbox, posted.token, nodes)
    if len(answers) != 1:
        raise CheckFailed(
            expected=f"{posted.letter.sender} gets one answer",
            got=f"{len(answers)} answers",
            evidence="\n".join(_subjects(answers)),
            cause="the responder answers more than once, or another one answers to it",
            next_command=f"labctl exec {expected.mailbox.node} -- cat {expected.mailbox.path}",
        )
    check_logged(expected, nodes, posted)


def check_unanswered(expected: Unanswered, nodes: Nodes, posted: Posted) -> None:
    """Nothing comes back, and nothing is on its way any more."""
    if posted.error:
        raise CheckFailed(
            expected=f"{posted.letter.recipient} gets the message, and does not answer it",
            got=f"{posted.letter.node} could not give it away: {posted.error}",
            next_command=f"labctl logs {posted.letter.node}",
        )
    until_settled(posted.token, nodes)
    if answers := in_mailbox(expected.mailbox, posted.token, nodes):
        raise CheckFailed(
            expected="no answer to a message that must not be answered",
            got=f"{len(answers)} in {expected.mailbox.node}:{expected.mailbox.path}",
            evidence="\n".join((*posted.letter.headers, *_subjects(answers))),
            cause="the responder does not look at the header; RFC 3834 2 says at what",
            next_command=f"labctl exec {expected.mailbox.node} -- cat {expected.mailbox.path}",
        )
    check_logged(expected, nodes, posted)


def check_shows(expected: Arrives | Answered, message: dict[str, Any], posted: Posted) -> None:
    """Each promised header field is there with its value; an empty one is not there."""
    header = re.sub(r"\n[ \t]+", " ", message["text"].partition("\n\n")[0])
    for field in expected.shows:
        name, _, value = field.partition(":")
        got = re.findall(rf"(?mi)^{re.escape(name)}: *(.*)$", header)
        wanted = value.strip()
        fits = any(matches(wanted, one, posted.token) for one in got) if wanted else not got
        if not fits:
            raise CheckFailed(
                expected=f"{name}: {wanted}" if wanted else f"no {name}",
                got="\n".join(f"{name}: {one}" for one in got) or f"no {name}",
                evidence=f"{expected.mailbox.node}: {message['path']}",
                cause="a table or a program on the way does not do what was promised",
                next_command=_log_of(expected.mailbox.node, posted),
            )


def check_logged(expected: Promise, nodes: Nodes, posted: Posted) -> None:
    """The log of a node says about this message what was promised."""
    for line in expected.logged:
        found = _logged(line, nodes, posted)
        if not _says(line, found, posted):
            raise CheckFailed(
                expected=f"the log of {line.node} says: {line.text}",
                got="\n".join(one.partition("]: ")[2] for one in found) or "nothing",
                cause="the message took another way",
                next_command=_log_of(line.node, posted),
            )


def _logged(line: LogLine, nodes: Nodes, posted: Posted) -> list[str]:
    """What a log has about a message: when the line is there, or cannot come any more."""
    deadline = time.monotonic() + LOGGED
    done = False  # when it is, the log is looked at once more
    while True:
        found: list[str] = nodes.ask(line.node, "log", token=posted.token).get("lines", [])
        if _says(line, found, posted) or done or time.monotonic() >= deadline:
            return found
        done = not what_is_left(posted.token, nodes)


def _says(line: LogLine, found: list[str], posted: Posted) -> bool:
    return any(matches(f"*{line.text}*", one, posted.token) for one in found)


def matches(pattern: str, text: str, token: str) -> bool:
    """Whether a text is what was promised: ``*`` is anything, ``{token}`` is the token."""
    words = pattern.replace(TOKEN, token).split("*")
    return re.fullmatch(".*".join(map(re.escape, words)), text, re.DOTALL) is not None


def _taken(posted: Posted) -> str:
    return posted.error or "the message was taken"


def _subjects(messages: list[dict[str, Any]]) -> list[str]:
    return [line for one in messages for line in re.findall(r"(?mi)^Subject:.*$", one["text"])]


def _log_of(node: str, posted: Posted) -> str:
    return f"labctl exec {node} -- grep {posted.token} /var/log/maillog"
