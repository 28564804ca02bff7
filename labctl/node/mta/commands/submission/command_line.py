"""The command line of sendmail(1): options of Sendmail, most of them honoured or ignored."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Final

from labctl.node.base.log import Fatal
from labctl.node.mta.lib.config.main_cf import Config
from labctl.node.mta.lib.queue.dsn import Notify

EX_TEMPFAIL: Final = 75  # sysexits.h; sendmail(1) ends so whatever is wrong
USAGE: Final = "sendmail [options]"
NOTIFY_WORDS: Final = ("NEVER", "SUCCESS", "FAILURE", "DELAY")
VERIFY, RECORD = 1 << 9, 1 << 10  # trace_flags: -bv, -v

# name -> whether it takes an argument ("?": the rest of the word, if there is one)
LETTERS: Final = "A:B:C:F:GIL:N:O:R:UV:X:ab:e:f:h:imno:p:r:tvxq?"


class Command:
    """What the command line asks for."""

    def __init__(self) -> None:
        self.mode = "m"
        self.sender: str | None = None
        self.full_name: str | None = None
        self.extract = False
        self.dots_end = True
        self.context = "local"
        self.encoding = ""
        self.notify: Notify = Notify.UNSET
        self.ret = ""
        self.envelope_id = ""
        self.verp = ""
        self.trace_flags = 0
        self.directory: str | None = None
        self.flush_id = ""
        self.flush_site = ""
        self.recipients: list[str] = []


def parse(argv: Sequence[str]) -> Command:
    """All of the command line.  Raises Fatal with status 75."""
    command = Command()
    # Two passes, as the original: the first one looks for what concerns all of them.
    for letter, value in _pairs(argv, complain=True)[0]:
        if letter == "C":
            command.directory = _directory(value)
    pairs, words = _pairs(argv, complain=False)
    for letter, value in pairs:
        if letter == "?":
            print(f"sendmail: invalid option -- '{value}'", file=sys.stderr)
            raise Fatal(f"usage: {USAGE}", status=EX_TEMPFAIL)
        OPTIONS.get(letter, _ignore)(command, value)
    command.recipients = words
    return command


def _directory(path: str) -> str:
    """-C names main.cf, for Sendmail's sake, or its directory; users may not choose any."""
    directory = os.path.dirname(path) if path.endswith("/main.cf") else path
    config = Config.read()
    allowed = {config.directory, *config.words("alternate_config_directories")}
    if os.geteuid() != 0 and directory not in allowed | set(
        config.words("multi_instance_directories")
    ):
        complaint = f"unauthorized configuration directory name: {directory}"
        print(f"sendmail: error: {complaint}", file=sys.stderr)
        wanted = (
            f'specify "alternate_config_directories = {directory}" or'
            f' "multi_instance_directories = {directory}" in {config.directory}/main.cf'
        )
        raise Fatal(wanted, status=EX_TEMPFAIL)
    return directory


def _pairs(argv: Sequence[str], *, complain: bool) -> tuple[list[tuple[str, str]], list[str]]:
    pairs: list[tuple[str, str]] = []
    words = iter(argv[1:])
    for word in words:
        if word == "--":
            return pairs, list(words)
        if word == "-" or not word.startswith("-"):
            return pairs, [word, *words]
        for letter, value in _cluster(word[1:], words):
            pairs.append((letter, value))
            if letter == "?" and complain:
                print(f"sendmail: invalid option -- '{value}'", file=sys.stderr)
    return pairs, []


def _cluster(word: str, rest: Iterator[str]) -> Iterator[tuple[str, str]]:
    for position, letter in enumerate(word, start=1):
        place = LETTERS.find(letter)
        if place < 0 or letter in ":?":
            yield "?", letter
            continue
        arity = LETTERS[place + 1 : place + 2]
        if arity == "?":
            yield letter, word[position:]
            return
        if arity != ":":
            yield letter, ""
            continue
        value = word[position:] or next(rest, None)
        if value is None:
            # Said in each of the two passes, as the original does.
            complaint = f"sendmail: option requires an argument -- '{letter}'"
            print(f"{complaint}\n{complaint}", file=sys.stderr)
            raise Fatal(f"usage: {USAGE}", status=EX_TEMPFAIL)
        yield letter, value
        return


def _ignore(command: Command, value: str) -> None:
    """Options of Sendmail that have no meaning here."""


def _unsupported(letter: str) -> Callable[[Command, str], None]:
    def refuse(command: Command, value: str) -> None:
        raise Fatal(f"-{letter} option not supported", status=EX_TEMPFAIL)

    return refuse


def _encoding(command: Command, value: str) -> None:
    known = {"8BITMIME": "8bit", "7BIT": "7bit"}
    if value.upper() not in known:
        raise Fatal("-B option needs 8BITMIME or 7BIT", status=EX_TEMPFAIL)
    command.encoding = known[value.upper()]


def _full_name(command: Command, value: str) -> None:
    command.full_name = value


def _gateway(command: Command, value: str) -> None:
    command.context = "remote"


def _sender(command: Command, value: str) -> None:
    command.sender = value


def _mode(command: Command, value: str) -> None:
    mode = value[:1]
    # -bH purges the host status that -bh shows.
    mode = "h" if mode == "H" else mode
    if mode not in MODES:
        raise Fatal(f"unsupported: -b{mode}", status=EX_TEMPFAIL)
    command.mode = mode
    if mode == "v":
        command.trace_flags = VERIFY


def _newaliases(command: Command, value: str) -> None:
    command.mode = "i"


def _notify(command: Command, value: str) -> None:
    try:
        command.notify = Notify.parse(value)
    except ValueError:
        words = value.replace(",", " ").split()
        for word in words:
            if word.upper() not in NOTIFY_WORDS:
                unknown = f'unknown DSN NOTIFY command value "{word}" in "{value}"'
                print(f"sendmail: warning: {unknown}", file=sys.stderr)
                break
        print("sendmail: warning: bad -N option value -- ignored", file=sys.stderr)


def _ret(command: Command, value: str) -> None:
    if value.lower() in ("full", "hdrs"):
        command.ret = value.upper()
    else:
        print("sendmail: warning: bad -R option value -- ignored", file=sys.stderr)


def _envelope_id(command: Command, value: str) -> None:
    command.envelope_id = value


def _x(command: Command, value: str) -> None:
    if not value.startswith("V"):
        raise Fatal(f"unsupported: -X{value[:1]}", status=EX_TEMPFAIL)
    command.verp = value[1:] or "+="


def _dots(command: Command, value: str) -> None:
    command.dots_end = False


def _o(command: Command, value: str) -> None:
    if value[:1] == "i":
        command.dots_end = False


def _extract(command: Command, value: str) -> None:
    command.extract = True


def _verbose(command: Command, value: str) -> None:
    command.trace_flags = command.trace_flags or RECORD


def _queue(command: Command, value: str) -> None:
    if value[:1] == "I":
        command.mode, command.flush_id = "q", value[1:]
    elif value[:1] == "S":
        raise Fatal("-qS is not implemented", status=EX_TEMPFAIL)
    elif value[:1] == "R":
        command.mode, command.flush_site = "q", value[1:]
    elif not value:
        command.mode = "q"
    elif command.mode == "m":
        # -q15m: the interval of a daemon; queue_run_delay says that here.
        command.mode = "h"


MODES: Final = frozenset("dhilmpsv")  # of -bX
OPTIONS: Final[Mapping[str, Callable[[Command, str], None]]] = {
    "B": _encoding,
    "F": _full_name,
    "G": _gateway,
    "I": _newaliases,
    "N": _notify,
    "R": _ret,
    "V": _envelope_id,
    "X": _x,
    "b": _mode,
    "f": _sender,
    "i": _dots,
    "n": _unsupported("n"),
    "o": _o,
    "q": _queue,
    "r": _sender,
    "t": _extract,
    "v": _verbose,
}
