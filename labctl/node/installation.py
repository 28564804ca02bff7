"""Lay a node's programs out below a root directory: the launcher and its links.

INPUT AND OUTPUT
    ``install(root)`` writes ROOT/usr/lib/labctl/run and the links of ``programs.COMMANDS``;
    ``python -m labctl.node.installation ROOT`` does the same.  What ROOT/usr/lib/labctl/python
    and ROOT/usr/lib/labctl/site are is decided by whoever makes the image or the lab.

WHY LINKS
    One file decides how every program is started, and a program knows its name from the link.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Final

from labctl.node.base.programs import COMMANDS

HOME: Final = "usr/lib/labctl"

# -I and -S: neither the user's environment nor the machine's packages may reach a node program.
LAUNCHER: Final = """\
#!/usr/lib/labctl/python -IS
import sys
sys.path.insert(0, "/usr/lib/labctl/site")
from labctl.node.launcher import main
sys.exit(main(sys.argv))
"""


def install(root: Path) -> None:
    """Write the launcher, and every link that is not there yet."""
    launcher = root / HOME / "run"
    launcher.parent.mkdir(parents=True, exist_ok=True)
    launcher.write_text(LAUNCHER)
    launcher.chmod(0o755)
    for path in COMMANDS:
        _link(root / path.lstrip("/"), f"/{HOME}/run")


def _link(path: Path, target: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.unlink(missing_ok=True)
    path.symlink_to(target)


def main(argv: list[str]) -> int:
    """`python -m labctl.node.installation ROOT`."""
    install(Path(argv[1]))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv))
