"""Which commands there are, in which state each is obeyed, and which has a UID form."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final, NamedTuple

from labctl.node.imapd.answers import Call, Done
from labctl.node.imapd.commands.append import append
from labctl.node.imapd.commands.capability import capability
from labctl.node.imapd.commands.copy import copy
from labctl.node.imapd.commands.expunge import expunge
from labctl.node.imapd.commands.fetch import fetch
from labctl.node.imapd.commands.folders import create, delete, rename
from labctl.node.imapd.commands.idle import idle
from labctl.node.imapd.commands.listing import (
    list_,
    lsub,
    namespace,
    scan,
    subscribe,
    unsubscribe,
)
from labctl.node.imapd.commands.login import authenticate, login
from labctl.node.imapd.commands.noop import check, logout, noop, starttls
from labctl.node.imapd.commands.search import search
from labctl.node.imapd.commands.select import close, examine, select, unselect
from labctl.node.imapd.commands.sort import sort, thread
from labctl.node.imapd.commands.status import status
from labctl.node.imapd.commands.store import store
from labctl.node.imapd.session import Session, State
from labctl.node.wire.imap.args import Arguments


class Command(NamedTuple):
    """The function of a command, and the states in which it is allowed."""

    run: Callable[[Session, Arguments, Call], Done]
    states: frozenset[State]


NEW: Final = frozenset({State.NOT_AUTHENTICATED})
ANY: Final = frozenset(State)
KNOWN: Final = frozenset({State.AUTHENTICATED, State.SELECTED})
SELECTED: Final = frozenset({State.SELECTED})

# In the order of RFC 3501 6, then the extensions.
COMMANDS: Final[Mapping[str, Command]] = {
    "CAPABILITY": Command(capability, ANY),
    "NOOP": Command(noop, ANY),
    "LOGOUT": Command(logout, ANY),
    "STARTTLS": Command(starttls, NEW),
    "AUTHENTICATE": Command(authenticate, NEW),
    "LOGIN": Command(login, NEW),
    "SELECT": Command(select, KNOWN),
    "EXAMINE": Command(examine, KNOWN),
    "CREATE": Command(create, KNOWN),
    "DELETE": Command(delete, KNOWN),
    "RENAME": Command(rename, KNOWN),
    "SUBSCRIBE": Command(subscribe, KNOWN),
    "UNSUBSCRIBE": Command(unsubscribe, KNOWN),
    "LIST": Command(list_, KNOWN),
    "LSUB": Command(lsub, KNOWN),
    "STATUS": Command(status, KNOWN),
    "APPEND": Command(append, KNOWN),
    "CHECK": Command(check, SELECTED),
    "CLOSE": Command(close, SELECTED),
    "EXPUNGE": Command(expunge, SELECTED),
    "SEARCH": Command(search, SELECTED),
    "FETCH": Command(fetch, SELECTED),
    "STORE": Command(store, SELECTED),
    "COPY": Command(copy, SELECTED),
    "IDLE": Command(idle, KNOWN),  # RFC 2177
    "NAMESPACE": Command(namespace, KNOWN),  # RFC 2342
    "UNSELECT": Command(unselect, SELECTED),  # RFC 3691
    "SORT": Command(sort, SELECTED),  # RFC 5256
    "THREAD": Command(thread, SELECTED),
    "SCAN": Command(scan, KNOWN),
    "RLIST": Command(list_, KNOWN),  # RFC 2193
    "RLSUB": Command(lsub, KNOWN),
}

# RFC 3501 6.4.8, RFC 4315 2.1, RFC 5256 3.
WITH_UID: Final = frozenset({"FETCH", "STORE", "COPY", "SEARCH", "EXPUNGE", "SORT", "THREAD"})
