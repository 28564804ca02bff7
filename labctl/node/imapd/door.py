"""How a session logs its user in: LOGIN, and the dialogues of AUTHENTICATE."""

from __future__ import annotations

import binascii
import os
from collections.abc import Callable
from typing import Final

from labctl.node.base import accounts, clock
from labctl.node.base.accounts import Account
from labctl.node.base.log import INFO, Log
from labctl.node.base.standard_streams import Peer, StandardStreams
from labctl.node.store import login
from labctl.node.wire import sasl

TIMEOUT: Final = 180.0
LONGEST_RESPONSE: Final = 12288
CLEAR_TEXT: Final = ("PLAIN", "LOGIN")


class Door:
    """Who may come in, and as whom."""

    def __init__(
        self,
        streams: StandardStreams,
        peer: Peer,
        log: Log,
        become: Callable[[Account], None],
    ) -> None:
        self._streams, self._peer, self._log, self._become = streams, peer, log, become
        self._keeper = login.Doorkeeper(
            Log(log.program, facility="auth", sink=log.sink), peer.described
        )
        self._runner = accounts.by_uid(os.getuid()) if os.getuid() else None
        self.announced = ("CRAM-MD5",) * login.CRAM_PASSWORDS.exists()
        self.disabled = False  # passwords in clear are not wanted here

    def now_encrypted(self) -> None:
        """Nobody listens any more: passwords in clear are offered."""
        self.disabled = False
        self.announced += CLEAR_TEXT

    def knows(self, mechanism: str) -> bool:
        """Whether the mechanism can be used now."""
        hidden = CLEAR_TEXT if not self.disabled else ()
        if mechanism in (*self.announced, *hidden):
            return True
        self._log.write(INFO, f"AUTHENTICATE {mechanism} invalid host={self._peer.described}")
        return False

    def login(self, user: str, password: str) -> bool:
        self._keeper.disabled = self.disabled
        account = self._keeper.login(user, password)
        return self._enter(account, "Login", "")

    def authenticate(self, mechanism: str, initial: bytes | None) -> bool:
        challenge = f"<{os.getpid():x}.{int(clock.now()):x}@{self._peer.server}>"
        dialogue = sasl.MECHANISMS[mechanism](challenge.encode())
        claimed = self._exchange(dialogue, initial)
        account = login.judge(claimed, self._keeper, self._runner) if claimed else None
        if self._enter(account, "Authenticated", f" mech={mechanism}"):
            return True
        self._log.write(INFO, f"AUTHENTICATE {mechanism} failure host={self._peer.described}")
        return False

    def _enter(self, account: Account | None, event: str, details: str) -> bool:
        if account is None:
            return False
        self._become(account)
        host = self._peer.described
        self._log.write(INFO, f"{event} user={account.name} host={host}{details}")
        return True

    def _exchange(
        self, dialogue: sasl.Dialogue, initial: bytes | None
    ) -> sasl.Credentials | None:
        try:
            challenge = next(dialogue)
            while True:
                response, initial = initial, None
                if response is None:
                    response = self._ask(challenge)
                # RFC 4959 3: "=" is an initial response of no octets.
                empty = response == b"="
                challenge = dialogue.send(b"" if empty else binascii.a2b_base64(response))
        except StopIteration as end:
            return end.value if isinstance(end.value, sasl.Credentials) else None
        except binascii.Error:
            return None

    def _ask(self, challenge: bytes) -> bytes:
        encoded = binascii.b2a_base64(challenge, newline=False)
        self._streams.write(b"+ " + encoded + b"\r\n")
        return self._streams.read_line(TIMEOUT, limit=LONGEST_RESPONSE)
