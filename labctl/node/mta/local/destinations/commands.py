"""|command and mailbox_command: run it as the recipient, with the message as its input.

THE ENVIRONMENT, local(8)
    SENDER RECIPIENT LOCAL USER LOGNAME DOMAIN EXTENSION ORIGINAL_RECIPIENT HOME SHELL, what
    is known of the client, and what export_environment lets through.  Most of it was chosen
    by the sender: characters outside of command_expansion_filter become "_", so that a
    command which hands a variable to a shell is not a door.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from labctl.node.base.accounts import Account
from labctl.node.mta.lib.delivery import command_process
from labctl.node.mta.lib.delivery.command import Command, exported, split_command
from labctl.node.mta.lib.queue.dsn import DeliveryStatus, failed, sent
from labctl.node.mta.local.attempt import Attempt
from labctl.node.mta.local.destinations import warm
from labctl.node.mta.local.destinations.spool import copy_for, fields
from labctl.node.mta.local.macros import censor
from labctl.node.mta.local.macros import expand as expand_macros
from labctl.node.mta.local.target import Target


def deliver_to_command(attempt: Attempt, target: Target, text: str) -> DeliveryStatus | None:
    """|command of an alias or .forward file."""
    # postconf(5) allow_mail_to_commands
    if target.source not in attempt.config.words("allow_mail_to_commands"):
        return failed("mail to command is restricted", "5.7.1")
    return run_command(attempt, target, text)


def run_command(attempt: Attempt, target: Target, text: str) -> DeliveryStatus | None:
    """Run it; None when the same user's command has had the message."""
    account = target.rights or attempt.tools.nobody
    if not attempt.is_new("command", f"{target.user}:{account.uid} {text}"):
        return None
    if attempt.verify_only:
        return sent(f"delivers to command: {text}")
    copy = copy_for(attempt, target)
    data = copy.for_command(attempt.content, fields(attempt.config, "command"))
    command = _command(attempt, target, account, text)
    result = command_process.run(command, data, attempt.tools.log)
    return result.status(text, f"delivered to command: {text}")


def _command(attempt: Attempt, target: Target, account: Account, text: str) -> Command:
    config = attempt.config
    environment = _environment(attempt, target)
    shell = config.text("local_command_shell")
    program = None if shell else warm.program(text, environment)
    return Command(
        argv=split_command(text, shell),
        account=account,
        directory=_directory(attempt, target),
        environment=environment,
        time_limit=config.seconds("command_time_limit"),
        text=text,
        warm=program,
        set_group=warm.spool_group() if program else None,
        # postconf(5) mailbox_size_limit: holds for what a command writes too.
        file_size_limit=config.number("mailbox_size_limit"),
    )


def _directory(attempt: Attempt, target: Target) -> str:
    config = attempt.config
    pattern = config.raw("command_execution_directory") or ""
    allowed = config.text("execution_directory_expansion_filter")
    directory = expand_macros(pattern, target, target.rights, allowed=allowed).text
    return directory or config.text("queue_directory")


def _environment(attempt: Attempt, target: Target) -> Mapping[str, str]:
    chosen = _about_recipient(target) | _about_client(attempt)
    allowed = attempt.config.text("command_expansion_filter")
    return exported(attempt.config) | {name: censor(v, allowed) for name, v in chosen.items()}


def _about_recipient(target: Target) -> dict[str, str]:
    known = {
        "USER": target.user,
        "LOGNAME": target.user,
        "SENDER": target.sender,
        "RECIPIENT": target.rcpt.address,
        "LOCAL": target.local,
        "DOMAIN": target.domain or None,
        "EXTENSION": target.extension,
        "ORIGINAL_RECIPIENT": target.rcpt.original or None,
        "HOME": target.rights.home if target.rights else None,
        "SHELL": target.rights.shell if target.rights else None,
    }
    return {name: value for name, value in known.items() if value is not None}


def _about_client(attempt: Attempt) -> dict[str, str]:
    attributes = attempt.attributes
    known = {
        variable: attributes.get(f"log_{name}") or attributes.get(name, "")
        for variable, name in CLIENT.items()
    }
    return {variable: value for variable, value in known.items() if value}


# Environment variable -> queue file attribute; XFORWARD's log_... comes first.
CLIENT: Final[Mapping[str, str]] = {
    "CLIENT_HOSTNAME": "client_name",
    "CLIENT_ADDRESS": "client_address",
    "CLIENT_HELO": "helo_name",
    "CLIENT_PROTOCOL": "protocol_name",
    "SASL_METHOD": "sasl_method",
    "SASL_SENDER": "sasl_sender",
    "SASL_USERNAME": "sasl_username",
}
