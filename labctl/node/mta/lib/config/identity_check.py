"""Refuse names that cannot be: of the host, of its mail, of the accounts that it works with.

The accounts are looked at where main.cf names others than the usual ones. A mail system of
which root is the owner is allowed: labs that have one uid only know no other.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Final

from labctl.node.base.log import FACILITIES, Fatal

if TYPE_CHECKING:
    from labctl.node.mta.lib.config.main_cf import Config


def check_identity(config: Config) -> None:
    """Raise Fatal with Postfix's words; what is not in main.cf is not looked at."""
    for name in HOST_NAMES:
        text = config.text(name) if name in config.settings else "localhost"
        if fault := fault_of_host_name(text):
            _refuse(config, name, f"bad parameter value: {text}", f"valid_hostname: {fault}")
    _check_words(config)
    if any(config.settings.get(name, default) != default for name, default in ACCOUNTS.items()):
        _check_accounts(config)


def fault_of_host_name(text: str) -> str:
    """Say what is wrong with a name of labels: letters, digits, `-` inside, `_` as of old."""
    if not text:
        return "empty hostname"
    labels = text.split(".")
    for fault, holds in FAULTS.items():
        if any(map(holds, labels)):
            return f"{fault}: {text[:100]}"
    if all(label.isdigit() for label in labels):
        return f"numeric hostname: {text[:100]}"
    return "" if len(text) <= LONGEST_NAME else f"bad length {len(text)} for {text[:100]}"


def _check_words(config: Config) -> None:
    name, relay, origin = (config.text(one) for one in ("myhostname", "relayhost", "myorigin"))
    if name.lower() == relay.lower():
        what = "myhostname and relayhost parameter settings must not be identical"
        raise Fatal(f"{what}: {name}")
    if len(origin.replace(",", " ").split()) > 1:
        raise Fatal(f"myorigin parameter setting must not contain multiple values: {origin}")
    if "default_verp_delimiters" in config.settings:
        _check_verp(config)
    facility = config.text("syslog_facility")
    if facility not in FACILITIES:
        _refuse(config, "syslog_facility", f"unrecognized value: {facility}")


def _check_verp(config: Config) -> None:
    delimiters, allowed = (
        config.text(name) for name in ("default_verp_delimiters", "verp_delimiter_filter")
    )
    for which, character in zip(("first", "second"), delimiters, strict=False):
        if character not in allowed:
            path = f"{config.directory}/main.cf"
            names = "default_verp_delimiters and verp_delimiter_filter"
            why = f"bad {which} VERP delimiter character"
            raise Fatal(f"file {path}: parameters {names}: {why}")


def _check_accounts(config: Config) -> None:
    # Only who renames the accounts of the mail system pays for reading /etc/passwd.
    from labctl.node.base import accounts

    for name in ("default_privs", "mail_owner"):
        if accounts.by_name(config.text(name)) is None:
            _refuse(config, name, f"unknown user name value: {config.text(name)}")
    group = config.text("setgid_group")
    if accounts.group_by_name(group) is None:
        _refuse(config, "setgid_group", f"unknown group name: {group}")
    other = accounts.by_name(config.text("default_privs"))
    if other is not None and 0 in (other.uid, other.gid):
        what = "user" if other.uid == 0 else "group"
        why = f"user {other.name} has privileged {what} ID"
        _refuse(config, "default_privs", why)
    if config.text("default_privs") == config.text("mail_owner"):
        path, user = f"{config.directory}/main.cf", config.text("mail_owner")
        names = "default_privs and mail_owner"
        raise Fatal(f"file {path}: parameters {names} specify the same user {user}")


def _refuse(config: Config, name: str, why: str, *warnings: str) -> None:
    path = f"{config.directory}/main.cf"
    raise Fatal(f"file {path}: parameter {name}: {why}", warnings=warnings)


LONGEST_NAME: Final = 255
LONGEST_LABEL: Final = 63
FAULTS: Final[Mapping[str, Callable[[str], bool]]] = {
    "misplaced delimiter": lambda label: not label,
    "misplaced hyphen": lambda label: "-" in label[:1] + label[-1:],
    "invalid character": lambda label: not label.replace("_", "a").replace("-", "a").isalnum(),
    "hostname label too long": lambda label: len(label) > LONGEST_LABEL,
}
HOST_NAMES: Final = ("myhostname", "mydomain")
ACCOUNTS: Final = {
    "default_privs": "nobody",
    "mail_owner": "postfix",
    "setgid_group": "postdrop",
}
