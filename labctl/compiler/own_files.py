"""Files and directories that the author wrote out; they win over everything generated."""

from __future__ import annotations

from typing import Final

from labctl.compiler.lab import Lab
from labctl.compiler.part import Part
from labctl.compiler.plan import Directory, File

# Who has to hear of a change; the first prefix that fits.
RELOADS: Final = {
    "/etc/postfix/": "postfix",
    "/etc/inetd.conf": "inetd",
    "/etc/named.conf": "named",
    "/var/named/": "named",
    "/etc/aliases": "postalias-aliases",
}


def own_files(lab: Lab, node: str) -> Part:
    """Take over ``files:`` and ``directories:`` as they stand."""
    spec = lab.spec(node)
    return Part(
        files=tuple(
            File(path, one.content, one.owner, one.group, one.mode.zfill(4), _reload(path))
            for path, one in spec.files.items()
        ),
        directories=tuple(
            Directory(path, one.owner, one.group, one.mode.zfill(4))
            for path, one in spec.directories.items()
        ),
    )


def _reload(path: str) -> str:
    return next((name for prefix, name in RELOADS.items() if path.startswith(prefix)), "")
