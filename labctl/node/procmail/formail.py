"""formail(1): look at, change, split and answer mail from shell scripts.

NAME
    formail [+skip] [-total] [-bczfrktq] [-p prefix] [-D maxlen idcache]
            [-x|-X|-a|-A|-i|-I|-u|-U field] [-R old new] [-s [command ...]]

EXIT STATUS
    0; 1 where -D found nothing to be a duplicate of; 64 for wrong usage.

BUGS
    -B (BABYL) is not there; -s runs one command at a time, whatever -n says.
"""

from __future__ import annotations

import os
import re
import secrets
import subprocess
import sys
import time
from collections.abc import Sequence
from typing import Final

from labctl.node.base import clock
from labctl.node.procmail import fields as f
from labctl.node.procmail.diary import folder_line
from labctl.node.procmail.fields import Field, Fields
from labctl.node.procmail.formail_options import USAGE, Options, Usage, parse

EX_USAGE, EX_NOUSER = 64, 67
VERSION: Final = "formail v3.23pre 2001/09/13\n"
NOBODY: Final = "foo@bar"  # whom formail answers when a message says nothing of its sender


def main(argv: Sequence[str]) -> int:
    """One message, or with -s each message of a mailbox."""
    try:
        options = parse(list(argv[1:]))
    except Usage:
        sys.stderr.write(USAGE)
        return EX_USAGE
    if "v" in options.switches:
        sys.stderr.write(VERSION)
        return 0
    text = sys.stdin.buffer.read().decode("utf-8", "surrogateescape")
    if options.command is None:
        return _one(text, options)
    return _each(split(text, options)[options.skip :], options, options.command)


def _each(messages: Sequence[str], options: Options, command: Sequence[str]) -> int:
    first = os.environ.get("FILENO", "")
    first = first if first.isdecimal() else "000"
    status = 0
    for number, message in enumerate(messages[: options.total or None]):
        if options.cache is not None and _seen(_identity(message, options), *options.cache):
            continue
        file_number = f"{int(first) + number:0{len(first)}}"
        changed = change(message, options)
        if options.folder:
            _write(_summary(changed, options.folder))
        else:
            status = _feed(changed, file_number, command) or status
    return status


def change(text: str, options: Options) -> str:
    """The message as the options want it."""
    head, body = _cut(text)
    fields = f.parse(head)
    if "r" in options.switches:
        return _reply(fields, body, options)
    if not f.has(fields, f.FROM_LINE) and not options.switches & {"f"} and not options.extract:
        fields = (_from_line(fields), *fields)
    fields = _changed(fields, options)
    if options.extract:
        return _extracted(fields, options)
    return f.render(fields) + "\n" + _body(body, options)


def split(text: str, options: Options) -> list[str]:
    """The messages of a mailbox: a From line behind an empty line begins one."""
    pattern = r"(?m)^(?=From )" if "e" in options.switches else r"(?<=\n\n)(?=From )"
    return [message for message in re.split(pattern, text) if message]


def _one(text: str, options: Options) -> int:
    if options.cache is not None:
        return 0 if _seen(_identity(text, options), *options.cache) else 1
    changed = change(text, options)
    _write(_summary(changed, options.folder) if options.folder else changed)
    unanswerable = "r" in options.switches and changed.startswith(f"To: {NOBODY}\n")
    return EX_NOUSER if unanswerable else 0


def _identity(text: str, options: Options) -> str:
    """-D: the Message-Id; with -r the sender, who gets one answer only."""
    fields = f.parse(_cut(text)[0])
    return (
        _sender(fields, options) if "r" in options.switches else f.value(fields, "Message-Id")
    )


def _summary(text: str, folder: str) -> str:
    """-l: what procmail would have written into its log."""
    head = _cut(text)[0]
    first = head.partition("\n")[0]
    subject = next((x.text for x in f.parse(head) if f.same(x, "Subject")), "")
    lines = [first if first.startswith("From ") else "", f" {subject}" if subject else ""]
    lines.append(folder_line(folder, len(text.encode("utf-8", "surrogateescape"))))
    return "".join(f"{line}\n" for line in lines if line)


def _cut(text: str) -> tuple[str, str]:
    text = text.lstrip("\n")
    first = text.partition("\n")[0]
    if first and ":" not in first and not first.startswith("From "):
        return "", text
    head, _, body = text.partition("\n\n")
    return head.rstrip("\n") + "\n", body


def _changed(fields: Fields, options: Options) -> Fields:
    for old, new in options.renames:
        fields = f.rename(fields, old, new)
    if "z" in options.switches:
        fields = tuple(x for x in fields if x.value.strip())
    for apply, given in options.changes:
        fields = apply(fields, _complete(given, fields))
    if "c" in options.switches:
        fields = tuple(x._replace(value=x.value.replace("\n", " ")) for x in fields)
    return fields


def _complete(given: Field, fields: Fields) -> Field:
    """-a Message-ID: makes one up, as nobody else may know it."""
    if given.name.lower() not in ("message-id", "resent-message-id") or given.value.strip():
        return given
    if f.has(fields, given.name):
        return given
    token = secrets.token_urlsafe(12)
    return given._replace(value=f" <{token}@{os.uname().nodename}>")


def _extracted(fields: Fields, options: Options) -> str:
    lines = []
    for each in fields:
        for name, whole in options.extract:
            if f.begins_with(each, name):
                value = each.value.strip() if "z" in options.switches else each.value
                lines.append(each.text if whole else value)
                break
    return "".join(f"{line}\n" for line in lines)


def _body(body: str, options: Options) -> str:
    if "b" not in options.switches:
        body = re.sub(r"(?m)^From ", lambda _: f"{options.prefix}From ", body)
    return body if body.endswith("\n\n") or not body else body.rstrip("\n") + "\n\n"


def _reply(fields: Fields, body: str, options: Options) -> str:
    """-r: an empty answer with the fields that link it to the original."""
    subject = next((x.value for x in fields if f.same(x, "Subject")), "")
    identity, references = f.value(fields, "Message-Id"), f.value(fields, "References")
    answer: Fields = (Field("To", f" {_sender(fields, options)}"),)
    if subject:
        again = subject[:4].lower() == " re:"
        answer = f.add(answer, Field("Subject", subject if again else f" Re:{subject}"))
    if identity:
        answer = f.add(
            answer, Field("References", f" {references} {identity}".replace("  ", " "))
        )
        answer = f.add(answer, Field("In-Reply-To", f" {identity}"))
    answer = _changed(answer, options)
    if options.extract:
        return _extracted(answer, options)
    text = f.render(answer) + "\n"
    if "k" in options.switches:
        prefix = "" if "b" in options.switches else options.prefix
        text += re.sub(r"(?m)^(?=.)", lambda _: prefix, _body(body, options))
    return text


def _sender(fields: Fields, options: Options) -> str:
    """Whom an answer goes to."""
    names = TRUSTED if "t" in options.switches else SENDERS
    found = next((value for name in names if (value := f.value(fields, name))), "")
    return _address(found) or NOBODY


def _address(text: str) -> str:
    """The bare address: of ``Ann <ann@x>``, of ``ann@x (Ann)``, of a From line."""
    if found := re.search(r"<([^<>]*)>", text):
        return found[1]
    words = re.sub(r"\([^()]*\)", "", text).split()
    return words[0] if words else ""


def _from_line(fields: Fields) -> Field:
    sender = next((value for name in SENDERS if (value := f.value(fields, name))), "foo@bar")
    when = time.asctime(time.localtime(clock.now()))
    return Field(f.FROM_LINE, f"{_address(sender) or NOBODY}  {when}")


def _seen(identity: str, size: int, path: str) -> bool:
    """Whether the identity is in the cache; the oldest are forgotten."""
    try:
        with open(path, encoding="utf-8", errors="surrogateescape") as file:
            known = [each for each in file.read().split("\0") if each]
    except OSError:
        known = []
    if identity in known:
        return True
    known.append(identity)
    while len(known) > 1 and sum(len(each) + 1 for each in known) > size:
        known.pop(0)
    with open(path, "w", encoding="utf-8", errors="surrogateescape") as file:
        file.write("".join(f"{each}\0" for each in [*known, ""]))
    return False


def _feed(text: str, number: str, command: Sequence[str]) -> int:
    if not command:
        _write(text)
        return 0
    data = text.encode("utf-8", "surrogateescape")
    environment = {**os.environ, "FILENO": number}
    return subprocess.run(command, input=data, env=environment, check=False).returncode


def _write(text: str) -> None:
    sys.stdout.buffer.write(text.encode("utf-8", "surrogateescape"))
    sys.stdout.flush()


# formail(1) -r: whom to answer; with -t the header is trusted more than the envelope.
SENDERS: Final = ("Return-Path", "Errors-To", "Reply-To", "Sender", "From", "From ")
TRUSTED: Final = ("Reply-To", "From", "Sender", "Return-Path", "From ")
