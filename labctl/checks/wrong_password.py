"""Wrong passwords: tried side by side from the beginning, looked at when all else is done.

WHY EARLY
    UW-IMAP answers to a wrong password only after three seconds. Other checks go on meanwhile.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any, TypeAlias

from labctl.checks.failure import CheckFailed
from labctl.checks.nodes import Nodes
from labctl.compiler.expected import RefuseLogin

Tried: TypeAlias = Mapping[str, "Future[dict[str, Any]]"]


@contextmanager
def trying(wanted: Sequence[RefuseLogin], nodes: Nodes) -> Iterator[Tried]:
    """Begin all attempts; give id -> what the server will have said."""
    with ThreadPoolExecutor(max(1, len(wanted))) as pool:
        yield {one.id: pool.submit(_attempt, one, nodes) for one in wanted}


def check_refuse_login(expected: RefuseLogin, tried: Tried) -> None:
    """The server says no; that it says nothing, or lets everybody in, is a failure."""
    answer = tried[expected.id].result()
    if answer.get("ok") is not False:
        raise CheckFailed(
            expected=f"{expected.node} refuses a wrong password of {expected.user} "
            f"by {expected.protocol}",
            got=answer.get("error") or answer["said"],
            evidence=f"at {expected.address}:{expected.port}",
            cause="the password of the account was changed, or nobody looks at it",
            next_command=f"labctl exec {expected.node} -- grep ^{expected.user}: /etc/shadow",
        )


def _attempt(wanted: RefuseLogin, nodes: Nodes) -> dict[str, Any]:
    return nodes.ask_aside(
        wanted.node,
        "login",
        protocol=wanted.protocol,
        address=wanted.address,
        port=wanted.port,
        user=wanted.user,
        password=wanted.password,
    )
