"""Checks of pages that mail makes: read as a browser does, and well-formed where it matters."""

from __future__ import annotations

import time
import xml.etree.ElementTree as xml
from typing import Final

from labctl.checks.evidence import trail
from labctl.checks.failure import CheckFailed
from labctl.checks.nodes import Nodes
from labctl.checks.post import TOKEN, Posted
from labctl.checks.promises import check_logged
from labctl.checks.settled import what_is_left
from labctl.compiler.expected import Published

SHOWN: Final = 10.0  # seconds
# RSS 2.0, "Required channel elements" and "Elements of <item>".
OF_CHANNEL: Final = ("title", "link", "description")
ONE_OF_ITEM: Final = ("title", "description")


def check_published(expected: Published, nodes: Nodes, posted: Posted) -> None:
    """The page has the texts that the message brought, and is what it pretends to be."""
    wanted = [text.replace(TOKEN, posted.token) for text in expected.contains]
    deadline = time.monotonic() + SHOWN
    done = False  # when it is, the page is looked at once more
    while True:
        answer = nodes.ask(posted.letter.node, "page", url=expected.url)
        missing = [text for text in wanted if text not in answer.get("text", "")]
        if not missing or done or time.monotonic() >= deadline:
            break
        done = bool(posted.error) or not what_is_left(posted.token, nodes)
    if missing:
        seen = trail(posted.token, nodes)
        raise CheckFailed(
            expected=f"{expected.url} shows {missing[0]!r}",
            got=posted.error or answer.get("error") or _end_of(answer["text"]),
            evidence=seen.lines,
            cause=f"the program that makes the page did not take the message: {seen.cause}",
            next_command=f"labctl logs {seen.node or posted.letter.node}",
        )
    if wrong := what_is_wrong(answer["text"]):
        raise CheckFailed(
            expected=f"{expected.url} is a feed that readers take",
            got=wrong,
            evidence=_end_of(answer["text"]),
            cause="the program that makes it forgets an element, or does not escape & and <",
            next_command=f"labctl logs {posted.letter.node}",
        )
    check_logged(expected, nodes, posted)


def what_is_wrong(text: str) -> str:
    """Say why a text that begins as XML is none, or a feed that no reader takes; or nothing."""
    if not text.startswith("<?xml"):
        return ""
    try:
        root = xml.fromstring(text)
    except xml.ParseError as error:
        return f"no XML: {error}"
    if root.tag != "rss":
        return ""
    channel = root.find("channel")
    if channel is None:
        return "rss without a channel"
    lacking = [name for name in OF_CHANNEL if channel.find(name) is None]
    if lacking:
        return f"a channel without {', '.join(lacking)}"
    for item in channel.iter("item"):
        if all(item.find(name) is None for name in ONE_OF_ITEM):
            return "an item without title and description"
    return ""


def _end_of(text: str) -> str:
    return "\n".join(text.splitlines()[-8:]) or "an empty page"
