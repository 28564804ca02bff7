"""$name in forward_path, luser_relay and command_execution_directory.

INPUT AND OUTPUT
    ``expand(text, target, ...)`` returns the text, or None when it names something that has
    no value here: ``$home/.forward+$extension`` is no file of an address without extension.

WHY A FILTER
    The extension is chosen by the sender.  Characters outside of the filter of the parameter
    become "_", so that no address can point a command or a path elsewhere.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final, NamedTuple

from labctl.node.base.accounts import Account
from labctl.node.mta.lib.config.expansion import expand as expand_text
from labctl.node.mta.local.target import Target


class Expanded(NamedTuple):
    """What an expansion has given, and which names were missing."""

    text: str
    used_extension: bool
    is_complete: bool  # every name had a value


def expand(
    text: str, target: Target, account: Account | None, *, allowed: str = ""
) -> Expanded:
    """Replace the names of local(8)."""
    values = _values(target, account)
    asked: list[str] = []

    def lookup(name: str) -> str | None:
        asked.append(name)
        return censor(values.get(name, ""), allowed)

    result = expand_text(text, lookup)
    # A name in a condition may be empty: the condition says what to do then.
    needed = {name for found in UNCONDITIONAL.findall(text) for name in found if name}
    complete = all(values.get(name) for name in needed.intersection(asked))
    return Expanded(result, "extension" in asked and bool(values["extension"]), complete)


def censor(text: str, allowed: str) -> str:
    """Replace what a filter does not allow; an empty filter allows everything."""
    if not allowed:
        return text
    return "".join(character if character in allowed else "_" for character in text)


def _values(target: Target, account: Account | None) -> Mapping[str, str]:
    extension = target.extension or ""
    return {
        "user": target.user,
        "home": account.home if account else "",
        "shell": account.shell if account else "",
        "domain": target.domain,
        "local": target.local,
        "extension": extension,
        "recipient": target.rcpt.address,
        "mailbox": target.local,
        # postconf(5) recipient_delimiter: the one that was found, of several.
        "recipient_delimiter": target.local[len(target.user) :][:1] if extension else "",
    }


UNCONDITIONAL: Final = re.compile(r"\$(?:(\w+)|\{(\w+)\}|\((\w+)\))")
