"""What commands of a node load before they do anything (docs/decisions/0005-start-up.md)."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from labctl.node.base.programs import PROGRAMS

ROOT = Path(__file__).parents[2]

# Each of these costs milliseconds at every single start, and no command needs them.
SLOW = {
    "argparse",
    "ast",
    "asyncio",
    "dataclasses",
    "dns",
    "email",
    "importlib.metadata",
    "inspect",
    "logging",
    "sqlite3",
    "ssl",
    "subprocess",
    "tempfile",
    "traceback",
    "unittest",
}

COMMANDS = [
    *("postfix", "postconf", "postmap", "postalias", "newaliases", "postqueue", "mailq"),
    *("postsuper", "postcat", "sendmail", "postdrop", "postlog", "postkick", "postlock"),
]

LOAD = """
import sys
sys.path.insert(0, sys.argv[1])
import labctl.node.launcher
from labctl.node.base import programs
programs.load(sys.argv[2])
print(" ".join(sys.modules))
"""


@pytest.mark.parametrize("command", COMMANDS)
def test_commands_load_nothing_slow(command):
    """A script that calls postmap a hundred times must not wait for modules it never uses."""
    run = [sys.executable, "-IS", "-c", LOAD, str(ROOT), command]
    loaded = subprocess.run(run, capture_output=True, text=True, check=True).stdout.split()

    assert PROGRAMS[command] in loaded
    assert SLOW & set(loaded) == set()


LOAD_DAEMONS = """
import contextlib
import sys
sys.path.insert(0, sys.argv[1])
from labctl.node.base import programs
for name in programs.DAEMONS:
    with contextlib.suppress(programs.UnknownProgram):
        programs.warm(name)
print(" ".join(sys.modules))
"""


def test_the_mail_system_loads_nothing_large():
    """Every process of it would be larger (docs/decisions/0006-dns.md)."""
    run = [sys.executable, "-c", LOAD_DAEMONS, str(ROOT)]
    loaded = subprocess.run(run, capture_output=True, text=True, check=True).stdout.split()

    assert "labctl.node.mta.lib.dns.resolver" in loaded
    assert {"dns", "pathlib", "random", "subprocess", "urllib"} & set(loaded) == set()
