"""The words of the topology language: names of things, each with its grammar."""

from __future__ import annotations

import enum
from typing import Annotated, Final, TypeAlias

from pydantic import StringConstraints

# RFC 1035 2.3.1 with the leading digit of RFC 1123 2.1; a node's name also names its container.
LABEL: Final = r"[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?"

NodeName: TypeAlias = Annotated[
    str, StringConstraints(pattern=r"^[a-z0-9]([a-z0-9-]{0,30}[a-z0-9])?$")
]
DomainName: TypeAlias = Annotated[
    str, StringConstraints(pattern=rf"^{LABEL}(\.{LABEL})*$", max_length=253, to_lower=True)
]
HostName: TypeAlias = Annotated[
    str, StringConstraints(pattern=rf"^{LABEL}(\.{LABEL})+$", max_length=253, to_lower=True)
]
# useradd(8): what Debian accepts as a name.
UserName: TypeAlias = Annotated[str, StringConstraints(pattern=r"^[a-z_][a-z0-9_.-]{0,31}$")]
LocalPart: TypeAlias = Annotated[str, StringConstraints(pattern=r"^[^\s@:]+$")]
FileName: TypeAlias = Annotated[
    str, StringConstraints(pattern=r"^[A-Za-z0-9_][A-Za-z0-9_.-]*$", max_length=64)
]
AbsolutePath: TypeAlias = Annotated[str, StringConstraints(pattern=r"^(/[^/\s]+)+$")]
ParameterName: TypeAlias = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_-]+$")]
FileMode: TypeAlias = Annotated[str, StringConstraints(pattern=r"^[0-7]{3,4}$")]
Address: TypeAlias = Annotated[str, StringConstraints(pattern=r"^[^\s@<>]+@[^\s@<>]+$")]
# RFC 5321 4.5.5: reports come from <>, so that nobody answers them.
Sender: TypeAlias = Annotated[str, StringConstraints(pattern=r"^(<>|[^\s@<>]+@[^\s@<>]+)?$")]
HeaderName: TypeAlias = Annotated[str, StringConstraints(pattern=r"^[!-9;-~]+$")]

# What is said about a word that does not match its grammar.
MEANINGS: Final = {
    "^[a-z0-9]([a-z0-9-]{0,30}[a-z0-9])?$": "small letters, digits and hyphens, at most 32",
    rf"^{LABEL}(\.{LABEL})*$": "a domain name, such as example.test",
    rf"^{LABEL}(\.{LABEL})+$": "a fully qualified host name, such as mx.example.test",
    r"^[a-z_][a-z0-9_.-]{0,31}$": "a user name: a small letter, then letters, digits, _ . -",
    r"^[^\s@:]+$": "the part of an address before the @",
    r"^[A-Za-z0-9_][A-Za-z0-9_.-]*$": "the name of a file in /etc/postfix, without a directory",
    r"^(/[^/\s]+)+$": "an absolute path, such as /etc/motd",
    r"^[A-Za-z0-9_-]+$": "the name of a main.cf parameter",
    r"^[^\s@<>]+@[^\s@<>]+$": "an address, such as ann@example.test",
    r"^(<>|[^\s@<>]+@[^\s@<>]+)?$": "an address, such as ann@example.test, or <> for nobody",
    r"^[!-9;-~]+$": "the name of a header field, such as Subject",
    r"^[^\s\"]*$": "the name of a file, without spaces and quotes",
    r"^(http://\S+)?$": "an address of the web, such as http://www.example.test/feed.xml",
    r"^[0-7]{3,4}$": "a file mode in octal, such as 0644",
}


class Role(enum.StrEnum):
    """What a node is for."""

    PRIMARY = "primary"
    NULL_CLIENT = "null-client"
    BACKUP_MX = "backup-mx"
    VIRTUAL_HOST = "virtual-host"
    DNS = "dns"
    CLIENT = "client"
    MTA = "mta"
