"""Which function checks which kind of expectation: the table of all checks."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from labctl.checks import access, dns, drill, policy, promises, web
from labctl.checks.nodes import Nodes
from labctl.checks.post import Posted

# Flow and RefuseLogin are in neither table: they go on with what was begun (suite/test_lab.py).
CHECKS: Final[Mapping[str, Callable[[Any, Nodes], None]]] = {
    "process": access.check_process,
    "zone": dns.check_zone,
    "address": dns.check_address,
    "ptr": dns.check_ptr,
    "mx": dns.check_mx,
    "nxdomain": dns.check_nxdomain,
    "port": access.check_port,
    "login": access.check_login,
    "refuse_relay": policy.check_refuse_relay,
    "refuse_unknown_user": policy.check_refuse_unknown_user,
    "keeps_no_mail": policy.check_keeps_no_mail,
    "backup_mx": drill.check_backup_mx,
}

# Their letters have been posted before the first check begins.
PROMISES: Final[Mapping[str, Callable[[Any, Nodes, Posted], None]]] = {
    "refused": promises.check_refused,
    "arrives": promises.check_arrives,
    "answered": promises.check_answered,
    "unanswered": promises.check_unanswered,
    "published": web.check_published,
}
