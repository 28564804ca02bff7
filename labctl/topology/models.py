"""The topology language: what an author may write, as typed values.

The field descriptions are the reference: `labctl schema` publishes them, and editors
show them while one types. Cross references are checked in ``rules``, not here.

SHORT FORMS
    Where a bare word or a list says enough, it is accepted and turned into the long form
    before anything else looks at it: see ``short``.
"""

from __future__ import annotations

from ipaddress import IPv4Address, IPv4Network
from typing import Annotated, Literal, TypeAlias

from pydantic import BaseModel, ConfigDict, Field

from labctl.topology.short import (
    NAMES_ALONE,
    ONE_OR_MANY,
    SCALAR,
    TABLE,
    ZONE,
    word_for,
)
from labctl.topology.words import (
    AbsolutePath,
    Address,
    DomainName,
    FileMode,
    FileName,
    HeaderName,
    HostName,
    LocalPart,
    NodeName,
    ParameterName,
    Role,
    Sender,
    UserName,
)

# "postfix: {relayhost:}" sets an empty value, as "relayhost =" does in main.cf.
Text: TypeAlias = Annotated[str, SCALAR]
Words: TypeAlias = Annotated[tuple[str, ...], ONE_OR_MANY]
Domains: TypeAlias = Annotated[tuple[DomainName, ...], ONE_OR_MANY]


class Model(BaseModel):
    """What all models have in common: nothing unknown passes."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class NetworkSpec(Model):
    """A wire that nodes share. Nothing leads out of it."""

    subnet: IPv4Network | None = Field(
        None, description="Its addresses; by default the next free /24 of 198.18.0.0/15."
    )


class UserSpec(Model):
    """A system account that can receive and read mail."""

    password: Text = Field(
        "", description="By default the user's name: this is a lab.", pattern=r"^[^\r\n]*$"
    )
    full_name: str = Field("", pattern=r"^[^:\n]*$", description="For the From header.")
    uid: int | None = Field(None, ge=1, le=65533, description="By default 1000 and up.")
    shell: AbsolutePath = "/bin/sh"
    forward: Text = Field("", description="The contents of ~/.forward.")
    procmailrc: Text = Field("", description="The contents of ~/.procmailrc.")


class FileSpec(Model):
    """Any file of a node; it wins over one that a role would write."""

    content: Text = ""
    owner: str = Field("root", description="The name of an account of the node.")
    group: str = "root"
    mode: FileMode = "0644"


class DirectorySpec(Model):
    """A directory that must exist."""

    owner: str = "root"
    group: str = "root"
    mode: FileMode = "0755"


class TableSpec(Model):
    """A lookup table, /etc/postfix/NAME: rows, or its text as it stands."""

    type: str = Field("", description="By default the one that main.cf names, or hash.")
    rows: dict[str, Text] = Field(default_factory=dict, description="Key and value.")
    text: Text = Field("", description="Lines as they stand, after the rows.")


class ZoneSpec(Model):
    """Additions to a zone; a record here replaces generated ones of its name and type."""

    ttl: int = Field(3600, ge=0, le=2**31 - 1)
    records: tuple[str, ...] = Field((), description="Zone file lines: 'www CNAME smtp'.")


class NodeSpec(Model):
    """One machine."""

    role: Role = Field(description="What it is for; what the node says itself wins.")
    hostname: HostName = Field(description="Fully qualified; it is entered in the DNS.")
    networks: Annotated[dict[NodeName, IPv4Address | None], NAMES_ALONE] = Field(
        default_factory=dict,
        description="Networks, each with an address if it matters; by default the first.",
    )
    image: str = Field("node", description="Which of `labctl images ls` the node runs.")
    mailbox_mode: Literal["uw", "shared"] = Field(
        "uw", description="uw: one session writes, as UW-IMAP does; shared: several do."
    )

    domains: Domains = Field(
        (), description="Domains whose mail ends in accounts of this node (MX 10)."
    )
    backup_for: Domains = Field(
        (),
        description="Domains of other nodes whose mail waits here when they are down (MX 20).",
    )
    virtual_domains: dict[DomainName, Annotated[dict[LocalPart, Text], NAMES_ALONE]] = Field(
        default_factory=dict,
        description="Hosted domains: names, each with a file below virtual_mailbox_base.",
    )
    alias_domains: dict[DomainName, dict[LocalPart, Words]] = Field(
        default_factory=dict,
        description="Domains without mailboxes: names, each with the addresses it stands for.",
    )
    relay: NodeName | None = Field(
        None, description="The node that takes this node's outgoing mail."
    )

    users: Annotated[
        dict[UserName, Annotated[UserSpec, word_for("password")]],
        NAMES_ALONE,
    ] = Field(default_factory=dict, description="Accounts; a bare word is the password.")
    aliases: dict[str, Words] = Field(
        default_factory=dict, description="/etc/aliases: a name, and what it stands for."
    )
    protocols: Annotated[tuple[Literal["pop3", "imap"], ...], ONE_OR_MANY] | None = Field(
        None, description="How users read their mail; by default both, if there are users."
    )

    postfix: dict[ParameterName, Text] = Field(
        default_factory=dict, description="main.cf settings, verbatim."
    )
    master: Words = Field(
        (), description="master.cf entries; one for a service that exists replaces it."
    )
    maps: dict[FileName, Annotated[TableSpec, TABLE]] = Field(
        default_factory=dict, description="Lookup tables by file name in /etc/postfix."
    )
    files: dict[AbsolutePath, Annotated[FileSpec, word_for("content")]] = Field(
        default_factory=dict, description="Any other file, by path; a bare text is its content."
    )
    directories: dict[AbsolutePath, Annotated[DirectorySpec, word_for("owner")]] = Field(
        default_factory=dict, description="Directories that must exist, by path."
    )
    zones: dict[DomainName, Annotated[ZoneSpec, ZONE]] = Field(
        default_factory=dict, description="Records to add to zones; on a dns node only."
    )


class ExpectSpec(Model):
    """One message that `labctl verify` sends, and what must become of it.

    In texts, {token} is a word that no other message has, and * is any text.
    """

    node: NodeName = Field(description="The node that sends it.")
    server: NodeName | None = Field(
        None,
        description="The node whose port 25 it goes to; by default as the sender's mail does.",
    )
    sender: Sender = Field("", description="By default an address of the node; <> is nobody.")
    to: Address = Field(description="The recipient.")
    headers: dict[HeaderName, Text] = Field(
        default_factory=dict, description="Header fields of the message."
    )
    body: Text = Field("", description="Its text.")
    attachment: str = Field(
        "", pattern=r"^[^\s\"]*$", description="The name of a file that is attached."
    )

    outcome: Literal["arrives", "refused", "answered", "unanswered", "published"] = Field(
        "arrives", description="What must become of it."
    )
    mailbox: Address | None = Field(
        None, description="arrives: whose mailbox it is found in; by default the recipient's."
    )
    shows: dict[HeaderName, Text] = Field(
        default_factory=dict,
        description="arrives, answered: header fields; an empty one must not be there.",
    )
    at: Literal["connect", "helo", "mail", "rcpt", "data"] | None = Field(
        None, description="refused: by which command; by default by any."
    )
    reply: Text = Field("", description="refused: the reply, or how it begins.")
    url: str = Field(
        "", pattern=r"^(http://\S+)?$", description="published: the page that shows it."
    )
    contains: Words = Field((), description="published: texts of the page.")
    logged: dict[NodeName, Words] = Field(
        default_factory=dict, description="Lines of nodes' mail logs about the message."
    )


class Topology(Model):
    """A lab: one file, one small internet of mail."""

    lab: NodeName = Field(description="The name of the lab; every command finds it by this.")
    description: str = ""
    networks: dict[NodeName, Annotated[NetworkSpec, word_for("subnet")]] = Field(
        default_factory=lambda: {"lan": NetworkSpec(subnet=None)},
        description="By default one, called lan.",
        min_length=1,
    )
    nodes: dict[NodeName, NodeSpec] = Field(min_length=1)
    expect: dict[NodeName, ExpectSpec] = Field(
        default_factory=dict,
        description="Promises about single messages by name; `verify` has them as expect.NAME.",
    )
    unchecked: Words = Field(
        (), description="Patterns of expectations that do not hold here: 'flow.*.info@*'."
    )
