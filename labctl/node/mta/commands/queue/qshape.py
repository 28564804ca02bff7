"""qshape(1): for which domains mail waits, and for how long.

INPUT AND OUTPUT
    ``qshape [-s] [-p] [-m N] [-l] [-b N] [-t MINUTES] [-w COLUMNS] [QUEUE ...]``: recipient
    domains (-s: sender domains) of the queues, incoming and active when none is named.

BUGS
    -N and -n, which show what has been counted so far, are taken and not obeyed.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Sequence
from typing import Final

from labctl.node.base import clock
from labctl.node.base.log import Fatal
from labctl.node.mta.commands.options import Options, parse_options
from labctl.node.mta.commands.queue.shape import WIDTH, Buckets, Shape
from labctl.node.mta.lib.config.main_cf import Config
from labctl.node.mta.lib.queue import queue_file
from labctl.node.mta.lib.queue.queue_file import CorruptQueueFile, Envelope

EX_USAGE: Final = 255
USAGE: Final = (
    "qshape [-s] [-p] [-m min_subdomains] [-l] [-b bucket_count] [-t bucket_time]"
    " [-w terminal_width] [-N batch_msg_count] [-n batch_top_domains]"
    " [-c config_directory] [queue_name ...]"
)


def main(argv: Sequence[str]) -> int:
    """Count, and print."""
    try:
        options = parse_options(argv, "spm:lb:t:w:N:n:c:h", USAGE)
        buckets = Buckets(_number(options, "b", 10), _number(options, "t", 5), options.has("l"))
        fewest, width = _number(options, "m", 5), _number(options, "w", WIDTH)
    except (Fatal, ValueError):
        return _usage()
    if options.has("h"):
        return _usage()
    root = Config.read(options.value("c")).text("queue_directory")
    shape = Shape(buckets)
    for queue in options.words or ("incoming", "active"):
        _count(shape, os.path.join(root, queue), queue, senders=options.has("s"))
    print("\n".join(shape.table(parents=options.has("p"), fewest=fewest, width=width)))
    return 0


def _usage() -> int:
    print(f"usage: {USAGE}", file=sys.stderr)
    return EX_USAGE


def _number(options: Options, letter: str, default: int) -> int:
    number = int(options.value(letter) or default)
    if number < 1:
        raise ValueError
    return number


def _count(shape: Shape, path: str, queue: str, *, senders: bool) -> None:
    if not os.path.exists(path):
        print(f"Can't stat {queue}: No such file or directory", file=sys.stderr)
    now = clock.now()
    for envelope in _envelopes(path):
        minutes = (now - envelope.arrival) / 60
        for domain in [_domain(envelope.sender)] if senders else _recipients(envelope):
            shape.add(domain, minutes)


def _envelopes(path: str) -> Iterator[Envelope]:
    for directory, _, names in os.walk(path):
        for name in names:
            try:
                with open(f"{directory}/{name}", "rb") as file:
                    yield queue_file.parse(file.read())
            except (OSError, CorruptQueueFile):
                continue  # it has moved on, or it is none


def _recipients(envelope: Envelope) -> Iterator[str]:
    return (_domain(rcpt.address) for rcpt in envelope.recipients if not rcpt.done)


def _domain(address: str) -> str:
    """An address without a domain counts for itself."""
    return address.rpartition("@")[2].lower() if address else "MAILER-DAEMON"
