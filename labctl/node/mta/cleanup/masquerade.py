"""Address masquerading: user@host.example.test becomes user@example.test.

postconf(5) masquerade_domains, masquerade_exceptions.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence


def masquerade(address: str, domains: Sequence[str], exceptions: Iterable[str] = ()) -> str:
    """The address with subdomains stripped; ``!sub.domain`` in the list protects a name."""
    user, at, domain = address.rpartition("@")
    if not at or user.lower() in {name.lower() for name in exceptions}:
        return address
    for pattern in domains:
        name = pattern.lstrip("!")
        parent = name.lower()
        # The order of specification matters: the first name that fits decides.
        if domain.lower() == parent:
            return address
        if parent and domain.lower().endswith("." + parent):
            inverted = (len(pattern) - len(parent)) % 2
            return address if inverted else f"{user}@{name}"
    return address
