"""postconf(5) smtpd_reject_footer: whom to call, behind every refusal."""

from __future__ import annotations

from typing import Final

from labctl.node.mta.lib.maps import maps_of
from labctl.node.mta.smtpd import macros
from labctl.node.mta.smtpd.session import Session
from labctl.node.wire.smtp import Reply


def add(session: Session, reply: Reply) -> Reply:
    """The reply with its footer, if it is a refusal and there is one."""
    if not reply.is_error:
        return reply
    template = _template(session, reply)
    if not template:
        return reply
    same_line = template.startswith(SAME_LINE)
    text = macros.expand(session.env, session.request(), template.removeprefix(SAME_LINE))
    lines = text.split(NEW_LINE)
    if same_line:
        lines[0] = reply.lines[-1] + lines[0]
        return reply._replace(lines=(*reply.lines[:-1], *lines))
    return reply._replace(lines=(*reply.lines, *lines))


def _template(session: Session, reply: Reply) -> str:
    """What a table says of this very reply, else what is said of all."""
    config = session.env.config
    found = None
    if config.text("smtpd_reject_footer_maps").strip():
        found = maps_of(config, "smtpd_reject_footer_maps").lookup(str(reply))
    return found if found is not None else (config.raw("smtpd_reject_footer") or "")


# postconf(5): as they are written in main.cf.
SAME_LINE: Final = "\\c"
NEW_LINE: Final = "\\n"
