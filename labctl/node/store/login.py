"""Who may read mail: a name and a password against passwd(5) and shadow(5).

WHY THE SAME WORK FOR EVERYBODY
    A stranger must not learn from the clock which names exist, so a password is encrypted
    for unknown users too.  Every failure then takes the same three seconds (PAUSE).

NOT HERE
    root never reads mail over the network (UW-IMAP refuses uid 0), whatever the password.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, NamedTuple

from labctl.node.base import accounts, clock
from labctl.node.base.accounts import Account
from labctl.node.base.log import NOTICE, Log
from labctl.node.store import crypt
from labctl.node.wire.sasl import Credentials

SHADOW: Final = Path("/etc/shadow")
CRAM_PASSWORDS: Final = Path("/etc/cram-md5.pwd")
ADMINISTRATORS: Final = "mailadm"
PAUSE: Final = 3.0
TRIES: Final = 3
DAY: Final = 86400

# Encrypting against this takes as long as against a password that chpasswd(8) made.
NOBODYS_PASSWORD: Final = (
    "$y$j9T$F5Jx5fExrKuPp53xLKQ..1$6foLM1JhGupouWKMU70wxK61Kw9ZnecbACjJwRadqM2"
)


class Shadow(NamedTuple):
    """The columns of shadow(5) that matter at login; -1 means that a column is empty."""

    password: str
    changed: int = -1
    longest: int = -1
    inactive: int = -1
    expires: int = -1


@dataclass(slots=True)
class Doorkeeper:
    """Judges the logins of one session, and counts the failures."""

    log: Log  # facility auth
    client: str  # as log lines name the peer
    disabled: bool = False
    failures: int = field(default=0)

    def login(self, user: str, password: str) -> Account | None:
        """The account to become, or None after the pause that failures cost."""
        name, _, administrator = user.partition("*")
        if self.disabled:
            self._refuse("disabled", name, administrator)
            return None
        if self.failures >= TRIES:
            self._refuse("excessive login failures", name, administrator, PAUSE)
            return None
        account = check(administrator or name, password)
        if account is not None and administrator:
            account = self._override(account, name)
        if account is None or account.uid == 0:
            self.failures += 1
            self._refuse("failed", name, administrator, PAUSE)
            return None
        return account

    def _override(self, administrator: Account, name: str) -> Account | None:
        group = accounts.group_by_name(ADMINISTRATORS)
        account = find_account(name)
        if group is None or administrator.name not in group.members or account is None:
            return None
        self.log.write(
            NOTICE, f"Admin {administrator.name} override of user={name} host={self.client}"
        )
        return account

    def _refuse(self, why: str, name: str, administrator: str, pause: float = 0) -> None:
        who = f"user={name} auth={administrator or name} host={self.client}"
        self.log.write(NOTICE, f"Login {why} {who}")
        time.sleep(pause)  # a guesser needs thousands of tries


def judge(
    claimed: Credentials, doorkeeper: Doorkeeper, runner: Account | None
) -> Account | None:
    """The account that SASL credentials prove; ``runner`` is who started this program."""
    if claimed.trusted:
        return runner
    if claimed.proof is None:
        return doorkeeper.login(claimed.user, claimed.password)
    secret, account = shared_secret(claimed.user), find_account(claimed.user)
    right = claimed.proof(secret or "") and secret is not None
    return account if right and account is not None and account.uid else None


def check(name: str, password: str) -> Account | None:
    """The account, if the password is right and nothing has expired."""
    account = find_account(name)
    shadow = read_shadow(account.name) if account else None
    encrypted = shadow.password if shadow else NOBODYS_PASSWORD
    right = crypt.matches(password, encrypted)
    if account is None or shadow is None or not right:
        return None
    return None if expired(shadow, int(clock.now() // DAY)) else account


def find_account(name: str) -> Account | None:
    """By name, or by the name in lower case, as c-client does."""
    return accounts.by_name(name) or accounts.by_name(name.lower())


def expired(shadow: Shadow, today: int) -> bool:
    """shadow(5): the account is over, or its password is too old for too long."""
    if 0 <= shadow.expires <= today:
        return True
    if shadow.changed == 0:
        return True  # the password must be changed first, which nobody can do here
    if shadow.changed < 0 or shadow.longest < 0:
        return False
    grace = max(shadow.inactive, 0)
    return today > shadow.changed + shadow.longest + grace


def read_shadow(name: str, path: Path = SHADOW) -> Shadow | None:
    """The row of this name; without a shadow file nobody has a password."""
    try:
        text = path.read_text("utf-8", "surrogateescape")
    except OSError:
        return None
    for line in text.splitlines():
        row = line.split(":")
        if row[0] == name and len(row) >= 8:
            numbers = [int(cell) if cell.isdigit() else -1 for cell in row]
            return Shadow(row[1], numbers[2], numbers[4], numbers[6], numbers[7])
    return None


def shared_secret(name: str, path: Path = CRAM_PASSWORDS) -> str | None:
    """The secret of APOP and CRAM-MD5: one "name TAB secret" a line."""
    try:
        text = path.read_text("utf-8", "surrogateescape")
    except OSError:
        return None
    for line in text.splitlines():
        user, tab, secret = line.partition("\t")
        if tab and user.lower() == name.lower():
            return secret.rstrip("\r")
    return None
