"""Compose a message as mailx does, and hand it to sendmail -t."""

from __future__ import annotations

import locale
import subprocess
import sys
from collections.abc import Iterator, Sequence
from typing import NamedTuple

SENDMAIL = "/usr/sbin/sendmail"


class Draft(NamedTuple):
    """What the options, or the answers to prompts, say."""

    to: Sequence[str]
    subject: str = ""
    cc: Sequence[str] = ()
    bcc: Sequence[str] = ()
    sender: str = ""
    headers: Sequence[str] = ()  # -a
    in_reply_to: str = ""
    verbose: bool = False


def send(draft: Draft, body: bytes) -> int:
    """Call sendmail; its exit status is ours."""
    if not body:
        print("Null message body; hope that's ok", flush=True)
    head = "".join(f"{line}\n" for line in header_lines(draft, charset()))
    argv = [SENDMAIL, "-i", "-t"]
    argv += ["-f", draft.sender] if draft.sender else []
    argv += ["-v"] if draft.verbose else []
    sys.stdout.flush()
    message = head.encode("utf-8", "surrogateescape") + b"\n" + body
    return subprocess.run(argv, input=message, check=False).returncode


def header_lines(draft: Draft, character_set: str) -> Iterator[str]:
    """In the order of Berkeley mailx; recipients are sorted, each once."""
    if draft.sender:
        yield f"From: {draft.sender}"
    yield f"To: {_list(draft.to)}"
    if draft.subject:
        yield f"Subject: {draft.subject}"
    if draft.cc:
        yield f"Cc: {_list(draft.cc)}"
    if draft.bcc:
        yield f"Bcc: {_list(draft.bcc)}"
    yield from draft.headers
    given = {line.partition(":")[0].strip().lower() for line in draft.headers}
    for name, value in (
        ("MIME-Version", "1.0"),
        ("Content-Type", f'text/plain; charset="{character_set}"'),
        ("Content-Transfer-Encoding", "8bit"),
    ):
        if name.lower() not in given:
            yield f"{name}: {value}"
    if draft.in_reply_to:
        yield f"In-Reply-To: {draft.in_reply_to}"


def charset() -> str:
    """What the environment says; the C locale is US-ASCII by its oldest name."""
    try:
        locale.setlocale(locale.LC_CTYPE, "")
    except locale.Error:
        return "ANSI_X3.4-1968"
    return locale.nl_langinfo(locale.CODESET)


def _list(addresses: Sequence[str]) -> str:
    return ", ".join(sorted(set(addresses)))
