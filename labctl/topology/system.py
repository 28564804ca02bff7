"""The accounts that every node has: Debian's, with the numbers of the course for postfix."""

from __future__ import annotations

from typing import Final

# name -> uid, gid. The course's virtual mailboxes belong to 113:120, "postfix" there.
SYSTEM_USERS: Final = {
    "root": (0, 0),
    "daemon": (1, 1),
    "bin": (2, 2),
    "sys": (3, 3),
    "man": (6, 12),
    "mail": (8, 8),
    "www-data": (33, 33),
    "postfix": (113, 120),
    "nobody": (65534, 65534),
}

SYSTEM_GROUPS: Final = {
    "root": 0,
    "daemon": 1,
    "bin": 2,
    "sys": 3,
    "adm": 4,
    "tty": 5,
    "mail": 8,
    "man": 12,
    "www-data": 33,
    "shadow": 42,
    "utmp": 43,
    "staff": 50,
    "users": 100,
    "postfix": 120,
    "postdrop": 121,
    "nogroup": 65534,
}
