"""Take addresses apart: the local part, its extension, the domain."""

from __future__ import annotations

from typing import Final


def split_address(address: str) -> tuple[str, str]:
    """Split at the last `@`: local part and domain ("" when there is none)."""
    local, at, domain = address.rpartition("@")
    return (local, domain) if at else (domain, "")


def split_extension(
    local: str, delimiters: str, *, owner_request_special: bool = True
) -> tuple[str, str]:
    """Split `user+extension`; the extension keeps its delimiter, "" means none.

    postconf(5) recipient_delimiter: of several characters the first found separates.
    """
    # The names that the mail system itself uses must keep their dashes.
    if not delimiters or local.lower() in RESERVED:
        return local, ""
    # postconf(5) owner_request_special: so must those of mailing lists.
    if owner_request_special and "-" in delimiters and _is_of_list(local.lower()):
        return local, ""
    for position, character in enumerate(local):
        if character in delimiters and position > 0:
            return local[:position], local[position:]
    return local, ""


def _is_of_list(local: str) -> bool:
    return local.startswith("owner-") or local.endswith("-request")


def strip_extension(address: str, delimiters: str) -> tuple[str, str]:
    """Take the extension out of `user+extension@domain`."""
    local, domain = split_address(address)
    user, extension = split_extension(local, delimiters)
    return (f"{user}@{domain}" if domain else user), extension


# The names that the mail system itself uses must keep their dashes.
RESERVED: Final = frozenset({"mailer-daemon", "postmaster", "double-bounce"})
