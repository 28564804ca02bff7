"""What a lab must show when it works: the kinds of expectations.

WHY VALUES
    The compiler knows what a topology promises; the checks know how to look. An
    expectation is what they share: literal names and addresses, nothing to look up.

ORDER
    ``Layer`` is the order of the checks, from what everything needs to what needs
    everything. ``needs`` holds ids: when one of these failed, a check is skipped,
    so that one fault is reported once.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, TypeAlias

from labctl.compiler.expected.layer import Layer
from labctl.compiler.expected.mail import (
    BackupDrill,
    Flow,
    KeepsNoMail,
    Mailbox,
    Reader,
    RefuseRelay,
    RefuseUnknownUser,
)
from labctl.compiler.expected.names import (
    HostAddress,
    MailExchanger,
    Mx,
    NxDomain,
    Ptr,
    Zone,
)
from labctl.compiler.expected.promises import (
    Answered,
    Arrives,
    LogLine,
    Parcel,
    Published,
    Refused,
    Unanswered,
)
from labctl.compiler.expected.services import Login, Port, Process, RefuseLogin

__all__ = (
    "KINDS",
    "Answered",
    "Arrives",
    "BackupDrill",
    "Expectation",
    "Flow",
    "HostAddress",
    "KeepsNoMail",
    "Layer",
    "LogLine",
    "Login",
    "MailExchanger",
    "Mailbox",
    "Mx",
    "NxDomain",
    "Parcel",
    "Port",
    "Process",
    "Promise",
    "Ptr",
    "Published",
    "Reader",
    "RefuseLogin",
    "RefuseRelay",
    "RefuseUnknownUser",
    "Refused",
    "Unanswered",
    "Zone",
)

# What the author wrote below ``expect``; all the others are read off the topology.
Promise: TypeAlias = Refused | Arrives | Answered | Unanswered | Published

Expectation: TypeAlias = (
    Process
    | Zone
    | Mx
    | HostAddress
    | Ptr
    | NxDomain
    | Port
    | Login
    | Flow
    | RefuseRelay
    | RefuseUnknownUser
    | KeepsNoMail
    | RefuseLogin
    | Promise
    | BackupDrill
)

# In the order in which the kinds are checked.
KINDS: Final[Mapping[str, type[Expectation]]] = {
    expectation.kind: expectation
    for expectation in (
        Process,
        Zone,
        HostAddress,
        Ptr,
        Mx,
        NxDomain,
        Port,
        Login,
        Flow,
        RefuseRelay,
        RefuseUnknownUser,
        KeepsNoMail,
        RefuseLogin,
        Refused,
        Arrives,
        Answered,
        Unanswered,
        Published,
        BackupDrill,
    )
}
