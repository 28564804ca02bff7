"""Which file a mailbox name means for this user, and that there is no way out of the home.

DEVIATION
    UW-IMAP opens any file that the user may read, /etc/passwd included.  Here a name leads
    to the user's INBOX or to a place below the user's folder directory, also after symbolic
    links are followed, and to nothing else.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Final, NamedTuple

from labctl.node.base.accounts import Account
from labctl.node.store.listener import MailboxError
from labctl.node.store.maildir.directory import is_maildir
from labctl.node.store.mh import profile as mh

SPOOLS: Final = ("/var/spool/mail", "/var/mail")
INDEXES: Final = ".mailindex"  # in the home directory
# Where home_mailbox = Maildir/ puts mail.
MAILDIR: Final = "Maildir"
CONFIGURATION: Final = Path("/etc/c-client.cf")
# The first line by which the administrator takes the responsibility.
ACCEPTED: Final = "I accept the risk"


class Place(NamedTuple):
    """A mailbox name and its file."""

    name: str
    path: str
    is_inbox: bool = False
    indexes: str = ""  # where an index of it may be kept


class InvalidName(MailboxError):
    """No mailbox may have this name."""


class Folders(NamedTuple):
    """The mailboxes of one user."""

    user: str
    inbox: str
    root: str  # where other mailboxes are
    host: str
    indexes: str = ""  # where indexes of mailboxes are kept

    def place(self, name: str) -> Place:
        """The file of a mailbox; InvalidName when it would lie outside."""
        if name.upper() == "INBOX":
            return Place("INBOX", self.inbox, True, self.indexes)
        return Place(name, self.path(name), indexes=self.indexes)

    def path(self, name: str) -> str:
        """The path of a name below the folder directory."""
        if name.startswith(mh.PREFIX):
            return self._mh_path(name.removeprefix(mh.PREFIX))
        relative = name.removeprefix("~/") if name.startswith("~/") else name
        if relative.startswith(self.root + "/"):
            relative = relative[len(self.root) + 1 :]
        if not relative or relative.startswith(("/", "~", "#")) or _climbs(relative):
            raise InvalidName("invalid name")
        path = f"{self.root}/{relative}"
        real = os.path.realpath(path)
        if real != self.inbox and not (real + "/").startswith(
            os.path.realpath(self.root) + "/"
        ):
            raise InvalidName("invalid name")
        return path

    def _mh_path(self, relative: str) -> str:
        root = mh.mh_root(self.root)
        if root is None or not relative.strip("/") or _climbs(relative):
            raise InvalidName("invalid name")
        path = f"{root}/{relative}"
        if not os.path.realpath(path).startswith(root + "/"):
            raise InvalidName("invalid name")
        return path


class Settings(NamedTuple):
    """What /etc/c-client.cf may change."""

    mail_subdirectory: str = ""
    disable_plaintext: bool = False


def folders_of(account: Account, host: str, settings: Settings) -> Folders:
    """Where this user's mailboxes are."""
    spool = next((path for path in SPOOLS if os.path.isdir(path)), SPOOLS[-1])
    root = account.home.rstrip("/")
    if settings.mail_subdirectory:
        root = f"{root}/{settings.mail_subdirectory}"
    indexes = f"{account.home.rstrip('/')}/{INDEXES}"
    return Folders(
        account.name, _inbox(f"{spool}/{account.name}", account.home), root, host, indexes
    )


def _inbox(spool_file: str, home: str) -> str:
    """The spool file; where it has no mail and the home has a Maildir, that one."""
    maildir = f"{home.rstrip('/')}/{MAILDIR}"
    if not _has_content(spool_file) and is_maildir(maildir):
        return maildir
    return spool_file


def _has_content(path: str) -> bool:
    try:
        return os.stat(path).st_size > 0
    except OSError:
        return False


def read_settings(path: Path = CONFIGURATION) -> Settings:
    """The settings of this node."""
    try:
        first, *lines = path.read_text("utf-8", "replace").splitlines() or [""]
    except OSError:
        return Settings()
    if not first.startswith(ACCEPTED):
        return Settings()
    words = dict(line.split(None, 2)[1:] for line in lines if _is_setting(line))
    return Settings(
        words.get("mail-subdirectory", ""), words.get("disable-plaintext", "0") != "0"
    )


def _is_setting(line: str) -> bool:
    words = line.split(None, 2)
    return len(words) == 3 and words[0] == "set"


def _climbs(name: str) -> bool:
    return ".." in name.split("/") or "\0" in name or "\n" in name
