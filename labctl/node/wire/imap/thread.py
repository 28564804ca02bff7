"""THREAD: messages as trees, by subject or by references (RFC 5256 3).

INPUT AND OUTPUT
    ``ordered_subject`` and ``references`` take ``Mail`` values in mailbox order and give the
    roots in the order in which they are shown.  ``format_threads`` writes them.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Final, NamedTuple

DEEPEST: Final = 500
_MESSAGE_ID: Final = re.compile(rb'<(?:"[^"]*"|[^<>\s"])+>')


class Mail(NamedTuple):
    """What threading needs to know of a message."""

    number: int  # or UID: what is shown
    date: float
    subject: str  # base subject in the form that is compared
    is_reply: bool
    message_id: bytes
    references: tuple[bytes, ...]


@dataclass(slots=True, eq=False)
class Node:
    """A message in its tree, or the place of one that is not here."""

    mail: Mail | None = None
    parent: Node | None = None
    children: list[Node] = field(default_factory=list)

    def adopt(self, child: Node) -> None:
        if child.parent is not None:
            child.parent.children.remove(child)
        child.parent = self
        self.children.append(child)

    def is_below(self, other: Node) -> bool:
        node: Node | None = self
        while node is not None:
            if node is other:
                return True
            node = node.parent
        return False


def message_ids(value: bytes) -> tuple[bytes, ...]:
    """The identifiers in a References field, in their order."""
    return tuple(_MESSAGE_ID.findall(value))


def ordered_subject(mails: Sequence[Mail]) -> list[Node]:
    """The poor man's threading: one subject, one thread, two levels."""
    ordered = sorted(mails, key=lambda mail: (mail.subject, mail.date))
    roots: list[Node] = []
    for mail in ordered:
        if roots and roots[-1].mail is not None and roots[-1].mail.subject == mail.subject:
            roots[-1].adopt(Node(mail))
        else:
            roots.append(Node(mail))
    return sorted(roots, key=_date)


def references(mails: Sequence[Mail]) -> list[Node]:
    """RFC 5256 "REFERENCES", steps 1 to 6."""
    roots = _sorted(_pruned(_linked(mails)))
    return _sorted(_merged_by_subject(roots))


def _linked(mails: Sequence[Mail]) -> list[Node]:
    """Steps 1 and 2: who refers to whom."""
    nodes: dict[bytes, Node] = {}
    everything: list[Node] = []

    def node_of(message_id: bytes) -> Node:
        if message_id not in nodes:
            nodes[message_id] = Node()
            everything.append(nodes[message_id])
        return nodes[message_id]

    for mail in mails:
        own = node_of(mail.message_id) if mail.message_id else Node()
        if own.mail is not None or not mail.message_id:
            own = Node()  # the same Message-ID twice: the second is a stranger
            everything.append(own)
        own.mail = mail
        parent: Node | None = None
        for message_id in mail.references:
            node = node_of(message_id)
            if parent is not None and node.parent is None and not parent.is_below(node):
                parent.adopt(node)
            parent = node
        if parent is not None and not parent.is_below(own):
            parent.adopt(own)
    return [node for node in everything if node.parent is None]


def _pruned(roots: Iterable[Node]) -> list[Node]:
    """Step 3: a place without message goes, and its children take it."""
    kept: list[Node] = []
    for root in roots:
        root.children = _pruned_children(root)
        if root.mail is None and len(root.children) < 2:
            for child in root.children:
                child.parent = None
            kept += root.children
        else:
            kept.append(root)
    return kept


def _pruned_children(node: Node, depth: int = 0) -> list[Node]:
    children: list[Node] = []
    for child in node.children:
        child.children = _pruned_children(child, depth + 1) if depth < DEEPEST else []
        children += [child] if child.mail is not None else child.children
    for child in children:
        child.parent = node
    return children


def _merged_by_subject(roots: list[Node]) -> list[Node]:
    """Step 5: trees of one subject become one tree."""
    table = _subject_table(roots)
    merged: list[Node] = []
    for root in roots:
        subject = _subject(root)
        first = table.get(subject) if subject else None
        if first is None or first is root:
            merged.append(root)
        elif (joined := _join(first, root)) is not first:
            table[subject] = joined
            merged = [joined if node is first else node for node in merged]
            # The first of a subject may come later than this one, which then stands for both.
            if joined not in merged:
                merged.append(joined)
    return [root for root in merged if root.parent is None]


def _subject_table(roots: Sequence[Node]) -> dict[str, Node]:
    table: dict[str, Node] = {}
    for root in roots:
        subject = _subject(root)
        known = table.get(subject)
        if not subject:
            continue
        if (
            known is None
            or (root.mail is None and known.mail is not None)
            or (_is_reply(known) and not _is_reply(root))
        ):
            table[subject] = root
    return table


def _join(first: Node, root: Node) -> Node:
    """Step 5.C: put a tree to the one that came first with its subject."""
    if first.mail is None and root.mail is None:
        for child in list(root.children):
            first.adopt(child)
        return first
    if first.mail is None or (_is_reply(root) and not _is_reply(first)):
        first.adopt(root)
        return first
    both = Node()
    both.adopt(first)
    both.adopt(root)
    return both


def _sorted(roots: Iterable[Node]) -> list[Node]:
    """Steps 4 and 6: siblings by date."""
    nodes = list(roots)
    for node in nodes:
        node.children = _sorted(node.children)
    return sorted(nodes, key=_date)


def _date(node: Node) -> float:
    if node.mail is not None:
        return node.mail.date
    return _date(node.children[0]) if node.children else 0.0


def _subject(node: Node) -> str:
    mail = node.mail or (node.children[0].mail if node.children else None)
    return mail.subject if mail else ""


def _is_reply(node: Node) -> bool:
    return node.mail is not None and node.mail.is_reply


def format_threads(roots: Iterable[Node]) -> str:
    """RFC 5256 4: a chain is written flat, branches in parentheses."""
    return "".join(f"({_format(root)})" for root in roots)


def _format(node: Node) -> str:
    words: list[str] = []
    while True:
        if node.mail is not None:
            words.append(str(node.mail.number))
        if len(node.children) != 1:
            break
        node = node.children[0]
    branches = "".join(f"({_format(child)})" for child in node.children)
    return " ".join([*words, branches] if branches else words)
