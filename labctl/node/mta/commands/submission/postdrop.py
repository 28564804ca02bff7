"""postdrop(1): a message in queue file records from standard input into maildrop.

INPUT AND OUTPUT
    Records T? A.. F S R.. M content X E; the queue id is answered as attributes, as the
    sendmail of the originals expects.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence

from labctl.node.base.log import Fatal
from labctl.node.mta.commands.options import parse_options
from labctl.node.mta.commands.submission.maildrop import TooBig, drop
from labctl.node.mta.lib.config.main_cf import Config
from labctl.node.mta.lib.daemon.mail_log import mail_log
from labctl.node.mta.lib.queue import queue_file
from labctl.node.mta.lib.queue.queue_file import CorruptQueueFile
from labctl.node.mta.lib.services import ipc

USAGE = "postdrop [-c config_dir] [-rv]"


def main(argv: Sequence[str]) -> int:
    """Queue what comes in."""
    options = parse_options(argv, "c:rv", USAGE)
    config = Config.read(options.value("c"))
    data = sys.stdin.buffer.read()
    try:
        kinds = [record.kind for record in queue_file.decode(data)]
    except CorruptQueueFile as error:
        raise Fatal(f"uid={os.getuid()}: malformed input: {error}") from error
    if not kinds or kinds[-1] != queue_file.END:
        raise Fatal(f"uid={os.getuid()}: unexpected end of input")
    try:
        queue_id = drop(config, [data], mail_log(config, "postdrop"))
    except TooBig as error:
        raise Fatal(f"uid={os.getuid()}: File too large") from error
    answer = {"status": "0", "queue_id": queue_id, "reason": ""}
    sys.stdout.buffer.write(ipc.encode(answer))
    return 0
