"""formail(1): look at, change, split and answer mail from shell scripts.

NAME
    formail [+skip] [-total] [-bczfrktq] [-p prefix] [-D maxlen idcache]
            [-x|-X|-a|-A|-i|-I|-u|-U field] [-R old new] [-s [command ...]]

EXIT STATUS
    0; 1 where -D found nothing to be a duplicate of; 64 for wrong usage.

BUGS
    -l (log summary) and -B (BABYL) are not there; -s runs one command at a time.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from labctl.node.base import clock
from labctl.node.procmail import fields as f
from labctl.node.procmail.fields import Change, Field, Fields

EX_USAGE: Final = 64


@dataclass
class Options:
    """The command line of formail(1)."""

    switches: set[str] = field(default_factory=set)
    extract: list[tuple[str, bool]] = field(default_factory=list)  # (name, with its name)
    changes: list[tuple[Change, Field]] = field(default_factory=list)
    renames: list[tuple[str, str]] = field(default_factory=list)
    prefix: str = ">"  # -p: before the lines of a body that is kept in a reply
    cache: tuple[int, str] | None = None  # -D
    skip: int = 0  # +skip
    total: int = 0  # -total; 0 is all
    command: list[str] | None = None  # -s


class Usage(Exception):
    """What is wrong with the command line."""


def main(argv: Sequence[str]) -> int:
    """One message, or with -s each message of a mailbox."""
    try:
        options = parse(list(argv[1:]))
    except Usage as error:
        sys.stderr.write(f"formail: {error}\n")
        return EX_USAGE
    text = sys.stdin.buffer.read().decode("utf-8", "surrogateescape")
    if options.command is None:
        return _one(text, options)
    messages = split(text, options)[options.skip :]
    for number, message in enumerate(messages[: options.total or None]):
        _feed(change(message, options), number, options.command)
    return 0


def parse(words: list[str]) -> Options:
    """Options may be joined (-zxSubject:); what follows -s is a command."""
    options = Options()
    while words:
        word = words.pop(0)
        if word[:1] == "+" and word[1:].isdigit():
            options.skip = int(word[1:])
        elif word[:1] == "-" and word[1:].isdigit():
            options.total = int(word[1:])
        elif word[:1] == "-" and len(word) > 1:
            _letters(word[1:], words, options)
        else:
            raise Usage(f"Unrecognised argument: {word}")
    return options


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
        head, _ = _cut(text)
        return 0 if _seen(f.value(f.parse(head), "Message-Id"), *options.cache) else 1
    _write(change(text, options))
    return 0


def _cut(text: str) -> tuple[str, str]:
    head, _, body = text.lstrip("\n").partition("\n\n")
    return head.rstrip("\n") + "\n", body


def _changed(fields: Fields, options: Options) -> Fields:
    for old, new in options.renames:
        fields = f.rename(fields, old, new)
    for apply, given in options.changes:
        fields = apply(fields, given)
    if "c" in options.switches:
        fields = tuple(x._replace(value=x.value.replace("\n", " ")) for x in fields)
    if "z" in options.switches:
        fields = tuple(x for x in fields if x.value.strip())
    return fields


def _extracted(fields: Fields, options: Options) -> str:
    lines = []
    for each in fields:
        for name, whole in options.extract:
            if f.same(each, name):
                value = each.value.strip() if "z" in options.switches else each.value
                lines.append(each.text if whole else value)
                break
    return "".join(f"{line}\n" for line in lines)


def _body(body: str, options: Options) -> str:
    if "b" not in options.switches:
        body = re.sub(r"(?m)^From ", ">From ", body)
    return body if body.endswith("\n\n") or not body else body.rstrip("\n") + "\n\n"


def _reply(fields: Fields, body: str, options: Options) -> str:
    """-r: an empty answer with the fields that link it to the original."""
    names = TRUSTED if "t" in options.switches else SENDERS
    sender = next((value for name in names if (value := f.value(fields, name))), "")
    subject = next((x.value for x in fields if f.same(x, "Subject")), "")
    identity, references = f.value(fields, "Message-Id"), f.value(fields, "References")
    answer: Fields = (Field("To", f" {_address(sender)}"),)
    if subject:
        again = subject.lstrip().lower().startswith("re:")
        answer = f.add(answer, Field("Subject", subject if again else f" Re:{subject}"))
    if identity:
        answer = f.add(
            answer, Field("References", f" {references} {identity}".replace("  ", " "))
        )
        answer = f.add(answer, Field("In-Reply-To", f" {identity}"))
    text = f.render(_changed(answer, options)) + "\n"
    if "k" in options.switches:
        text += re.sub(r"(?m)^(?=.)", lambda _: options.prefix, _body(body, options))
    return text


def _address(text: str) -> str:
    """The bare address: of ``Ann <ann@x>``, of ``ann@x (Ann)``, of a From line."""
    if found := re.search(r"<([^<>]*)>", text):
        return found[1]
    words = re.sub(r"\([^()]*\)", "", text).split()
    return words[0] if words else ""


def _from_line(fields: Fields) -> Field:
    sender = next((value for name in SENDERS if (value := f.value(fields, name))), "foo@bar")
    when = time.asctime(time.localtime(clock.now()))
    return Field(f.FROM_LINE, f"{_address(sender) or 'foo@bar'}  {when}")


def _seen(identity: str, size: int, path: str) -> bool:
    """Whether the identity is in the cache; the oldest are forgotten."""
    try:
        with open(path, encoding="utf-8", errors="surrogateescape") as file:
            known = file.read().split("\n")[:-1]
    except OSError:
        known = []
    if identity in known:
        return True
    known.append(identity)
    while known and sum(len(each) + 1 for each in known) > size:
        known.pop(0)
    with open(path, "w", encoding="utf-8", errors="surrogateescape") as file:
        file.write("".join(f"{each}\n" for each in known))
    return False


def _feed(text: str, number: int, command: Sequence[str]) -> None:
    if not command:
        _write(text)
        return
    data = text.encode("utf-8", "surrogateescape")
    environment = {**os.environ, "FILENO": f"{number:03}"}
    subprocess.run(command, input=data, env=environment, check=False)


def _write(text: str) -> None:
    sys.stdout.buffer.write(text.encode("utf-8", "surrogateescape"))
    sys.stdout.flush()


def _letters(letters: str, words: list[str], options: Options) -> None:
    while letters:
        letter, letters = letters[0], letters[1:]
        if letter in SWITCHES:
            options.switches.add(letter)
            continue
        if letter == "s":
            options.command, words[:] = list(words), []
            return
        value = letters or _next(words)
        if take := ARGUMENTS.get(letter):
            take(options, value, words)
            return
        raise Usage(f"Unrecognised options: -{letter}")


def _next(words: list[str]) -> str:
    if not words:
        raise Usage("Missing argument")
    return words.pop(0)


def _extract(whole: bool) -> Callable[[Options, str, list[str]], None]:
    def take(options: Options, text: str, _: list[str]) -> None:
        options.extract.append((f.written(text).name, whole))

    return take


def _change(apply: Change) -> Callable[[Options, str, list[str]], None]:
    def take(options: Options, text: str, _: list[str]) -> None:
        options.changes.append((apply, f.written(text)))

    return take


def _rename(options: Options, text: str, words: list[str]) -> None:
    options.renames.append((text, _next(words)))


def _prefix(options: Options, text: str, _: list[str]) -> None:
    options.prefix = text


def _cache(options: Options, text: str, words: list[str]) -> None:
    if not text.isdigit():
        raise Usage("Missing argument")
    options.cache = (int(text), _next(words))


SWITCHES: Final = frozenset("bczfrktqdeYBv")
ARGUMENTS: Final[Mapping[str, Callable[[Options, str, list[str]], None]]] = {
    "x": _extract(False),
    "X": _extract(True),
    "a": _change(f.add_if_missing),
    "A": _change(f.add),
    "i": _change(f.rename_and_add),
    "I": _change(f.replace),
    "u": _change(f.keep_first),
    "U": _change(f.keep_last),
    "R": _rename,
    "p": _prefix,
    "D": _cache,
}
# formail(1) -r: whom to answer; with -t the header is trusted more than the envelope.
SENDERS: Final = ("Return-Path", "Errors-To", "Reply-To", "Sender", "From", "From ")
TRUSTED: Final = ("Reply-To", "From", "Sender", "Return-Path", "From ")
