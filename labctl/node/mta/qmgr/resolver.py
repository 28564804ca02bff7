"""Questions to trivial-rewrite, asked without waiting, the same one only once a second."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from typing import Final

from labctl.node.base import clock
from labctl.node.base.events import EventLoop
from labctl.node.mta.lib.services.rewrite import Resolved, ResolveFlag
from labctl.node.mta.qmgr.channel import Channel

OnResolved = Callable[[Resolved], None]
Question = tuple[str, str, str]  # verb, sender, recipient

CACHE_SECONDS: Final = 1.0
CACHE_SIZE: Final = 1000


class Resolver:
    """One connection, one question at a time, the others in line."""

    def __init__(self, loop: EventLoop, path: str) -> None:
        self._loop, self._path = loop, path
        self._channel: Channel | None = None
        self._waiting: deque[Question] = deque()
        self._callbacks: dict[Question, list[OnResolved]] = {}
        self._answers: dict[Question, Resolved] = {}
        self._valid_until = 0.0
        self._answered = False  # on this connection, ever

    def resolve(
        self, sender: str, recipient: str, on_resolved: OnResolved, *, verify: bool = False
    ) -> None:
        """Call back with the route, perhaps before returning; FAIL when nobody knows.

        ``verify``: the way of probes, postconf(5) address_verify_*_transport and the like.
        """
        question = ("verify" if verify else "resolve", sender, recipient)
        self._forget_old_answers()
        known = self._answers.get(question)
        if known is not None:
            on_resolved(known)
            return
        waiting = self._callbacks.setdefault(question, [])
        waiting.append(on_resolved)
        if len(waiting) == 1:
            self._waiting.append(question)
            if len(self._waiting) == 1:
                self._send()

    def forget(self) -> None:
        """Ask everything anew: a table has changed, and somebody says flush."""
        self._answers.clear()

    def close(self) -> None:
        """Hang up; questions under way get no answer."""
        if self._channel is not None:
            self._channel.close()

    def _forget_old_answers(self) -> None:
        now = clock.monotonic()
        if now > self._valid_until or len(self._answers) > CACHE_SIZE:
            self._answers.clear()
            self._valid_until = now + CACHE_SECONDS

    def _send(self) -> None:
        verb, sender, recipient = self._waiting[0]
        try:
            if self._channel is None:
                self._answered = False
                self._channel = Channel(self._loop, self._path, self._receive)
        except OSError:
            self._loop.call_later(0, lambda: self._answer(FAILED))
            return
        self._channel.send({"request": verb, "sender": sender, "address": recipient})

    def _receive(self, reply: dict[str, str] | None) -> None:
        if reply is None:
            self._channel = None
            if not self._waiting:
                return
            # The server may have ended an idle connection; on a new one that is no excuse.
            if self._answered:
                self._send()
            else:
                self._answer(FAILED)
            return
        self._answered = True
        self._answer(_parse(reply))

    def _answer(self, resolved: Resolved) -> None:
        question = self._waiting.popleft()
        if not resolved.flags & ResolveFlag.FAIL:
            self._answers[question] = resolved
        callbacks = self._callbacks.pop(question)
        if self._waiting:
            self._send()
        for callback in callbacks:
            callback(resolved)


def _parse(reply: dict[str, str]) -> Resolved:
    try:
        flags = ResolveFlag(int(reply["flags"]))
        return Resolved(reply["transport"], reply["nexthop"], reply["recipient"], flags)
    except (KeyError, ValueError):
        return FAILED


FAILED: Final = Resolved("", "", "", ResolveFlag.FAIL)
