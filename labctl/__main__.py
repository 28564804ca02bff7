"""`labctl` and `python -m labctl`: begin so that Ctrl-C is quiet from the first moment on.

While modules are loaded nothing has been begun yet: the signal simply ends us.  Afterwards it
is an exception, and ``labctl.cli.main`` makes a message of it.
"""

from __future__ import annotations

import signal
import sys

signal.signal(signal.SIGINT, signal.SIG_DFL)


def main() -> int:
    """Load the command line, and run it."""
    from labctl.cli.main import main as run  # imported here: it takes a tenth of a second

    signal.signal(signal.SIGINT, signal.default_int_handler)
    return run()


if __name__ == "__main__":
    sys.exit(main())
