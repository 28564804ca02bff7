"""postconf(5) smtpd_command_filter: a table that puts another command in the client's mouth.

WHY
    Some clients send what no server understands, and cannot be mended.
"""

from __future__ import annotations

from labctl.node.mta.lib.maps import MapError
from labctl.node.mta.smtpd.session import Session


def apply(session: Session, line: str) -> str:
    """The command to obey instead of ``line``, mostly itself."""
    table = session.env.config.text("smtpd_command_filter").strip()
    if not table:
        return line
    log, command = session.env.log, line.lstrip(" \t")
    try:
        instead = session.env.table(table).lookup(command)
    except MapError:
        log.warning(f'{table} lookup error for "{command[:100]}"')
        return line
    if instead is None:
        return line
    log.info(
        f'{session.client.namaddr}: replacing command "{line[:100]}" with "{instead[:100]}"'
    )
    return instead
