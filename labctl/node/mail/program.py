"""mail(1): options, terminal and files around the reader and the sender.

BUGS
    Aliases and most variables of mailx are not there.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from labctl.node.base import accounts
from labctl.node.mail import mailbox, sending
from labctl.node.mail.composing import Composition, State
from labctl.node.mail.mailbox import Message
from labctl.node.mail.reading import Reader
from labctl.node.mail.sending import Draft
from labctl.node.store.locking import LockPolicy, mailbox_lock

VERSION: Final = "Mail version 8.1.2 01/15/2001.  Type ? for help."
USAGE: Final = """\
usage: mail [-dEIinv] [-a header] [-b bcc-addr] [-c cc-addr] [-r from-addr] [-s subject] \
[--] to-addr ...
       mail [-dEIiNnv] -f [name]
       mail [-dEIiNnv] [-u user]
"""
# The reader may not write the spool directory, and so cannot make a dot lock there.
LOCK: Final = LockPolicy(("fcntl",))
WITH_VALUE: Final = "abcrsu"
FLAGS: Final = "dEIiNnvef"


class UsageError(Exception):
    """getopt(3)'s complaint."""


def main(argv: Sequence[str]) -> int:
    """Send when there are recipients, read otherwise."""
    try:
        options, words = parse(argv[1:])
    except UsageError as error:
        print(f"mail: {error}\n{USAGE}", end="", file=sys.stderr)
        return 1
    if words and "f" not in options:
        return _send(options, words)
    return _read(options, words)


def parse(argv: Sequence[str]) -> tuple[dict[str, list[str]], list[str]]:
    """Options may stand between recipients, as glibc's getopt allows."""
    options: dict[str, list[str]] = {}
    words: list[str] = []
    rest = iter(argv)
    for word in rest:
        if word == "--":
            words += rest
        elif word == "-" or not word.startswith("-"):
            words.append(word)
        else:
            for position, letter in enumerate(word[1:], start=2):
                if letter in WITH_VALUE:
                    value = word[position:] or next(rest, None)
                    if value is None:
                        raise UsageError(f"option requires an argument -- '{letter}'")
                    options.setdefault(letter, []).append(value)
                    break
                if letter not in FLAGS:
                    raise UsageError(f"invalid option -- '{letter}'")
                options.setdefault(letter, []).append("")
    return options, words


def _send(options: dict[str, list[str]], words: list[str]) -> int:
    def last(letter: str) -> str:
        return options.get(letter, [""])[-1]

    def several(letter: str) -> list[str]:
        return [
            item for text in options.get(letter, []) for item in text.replace(",", " ").split()
        ]

    terminal = sys.stdin.isatty()
    subject = last("s")
    if terminal and "s" not in options:
        subject = _ask("Subject: ")
    draft = Draft(
        words,
        subject,
        several("c"),
        several("b"),
        last("r"),
        options.get("a", []),
        verbose="v" in options,
    )
    if terminal or "I" in options:
        return compose(draft, iter(sys.stdin.buffer.readline, b""))
    return sending.send(draft, sys.stdin.buffer.read())


def compose(draft: Draft, lines: Iterable[bytes]) -> int:
    """Take lines and escapes until the message is complete, and send it."""
    composition = Composition(draft)
    for line in lines:
        print(composition.take(line), end="", flush=True)
        if composition.state is not State.WRITING:
            break
    if composition.state is State.GIVEN_UP:
        with open(os.path.expanduser("~/dead.letter"), "ab") as file:
            file.write(composition.body)
    if composition.state in (State.GIVEN_UP, State.FORGOTTEN):
        return 1
    return sending.send(composition.draft, composition.body)


def _read(options: dict[str, list[str]], words: list[str]) -> int:
    user = accounts.by_uid(os.getuid())
    who = options.get("u", [user.name if user else ""])[-1]
    home = user.home if user else "/"
    path = f"/var/mail/{who}"
    if "f" in options:
        path = words[0] if words else f"{home}/mbox"
    elif "MAIL" in os.environ and "u" not in options:
        path = os.environ["MAIL"]
    try:
        data = _contents(path)
    except FileNotFoundError:
        if "f" in options:
            print(f"mail: {path}: No such file or directory", file=sys.stderr)
            return 1
        data = b""
    except OSError as error:
        print(f"mail: {path}: {error.strerror}", file=sys.stderr)
        return 1
    if not data:
        print(f"No mail for {who}", file=sys.stderr)
        return 1
    return _converse(Reader(path, mailbox.parse(data)), data, home)


def _converse(reader: Reader, data: bytes, home: str) -> int:
    print(VERSION)
    print(reader.greeting(), end="")
    while not reader.is_done:
        if sys.stdin.isatty():
            print("& ", end="", flush=True)
        line = sys.stdin.readline()
        if not line:
            break
        print(reader.command(line), end="", flush=True)
        if reader.draft is not None:
            draft, reader.draft = reader.draft, None
            if sys.stdin.isatty():
                compose(draft, _rest())
            else:
                sending.send(draft, b"".join(_rest()))
        _save(reader)
    if reader.writes_back:
        _write_back(reader, len(data), home)
    return 0


def _rest() -> Iterator[bytes]:
    """Lines of a body: the text layer may have read them ahead already."""
    while line := sys.stdin.readline():
        yield line.encode("utf-8", "surrogateescape")


def _save(reader: Reader) -> None:
    for path, number in reader.saves:
        full = os.path.expanduser(path)
        state = "Appended" if os.path.exists(full) else "New file"
        with open(full, "ab") as file:
            file.write(reader.messages[number].data)
        print(f'"{path}" [{state}]')
    reader.saves.clear()


def _contents(path: str) -> bytes:
    with open(path, "rb") as file:
        return file.read()


def _write_back(reader: Reader, size: int, home: str) -> None:
    """What was read goes to mbox, what was deleted or saved goes away, the rest stays."""
    to_mbox = [message for message in reader.messages if _leaves(message, reader, home)]
    kept = [
        message
        for message in reader.messages
        if not message.is_deleted and not message.is_saved and message not in to_mbox
    ]
    if to_mbox:
        with open(f"{home}/mbox", "ab") as file:
            file.write(b"".join(mailbox.with_status(message) for message in to_mbox))
        print(f"Saved {_count(to_mbox)} in {home}/mbox")
    _replace(reader.path, size, b"".join(mailbox.with_status(message) for message in kept))
    if kept:
        print(f"Held {_count(kept)} in {reader.path}")


def _leaves(message: Message, reader: Reader, home: str) -> bool:
    # What an earlier session has read and left here stays until it is read once more.
    if reader.path == f"{home}/mbox" or not message.is_touched:
        return False
    return not (message.is_deleted or message.is_saved or message.is_held)


def _replace(path: str, size: int, data: bytes) -> None:
    """The file keeps its inode, and what was delivered while we read stays behind it."""
    with open(path, "r+b") as file, mailbox_lock(path, file.fileno(), LOCK):
        file.seek(size)
        late = file.read()
        file.seek(0)
        file.write(data + late)
        file.truncate()


def _count(messages: Sequence[Message]) -> str:
    return f"{len(messages)} message{'' if len(messages) == 1 else 's'}"


def _ask(prompt: str) -> str:
    print(prompt, end="", flush=True)
    return sys.stdin.readline().rstrip("\n")
