"""The local(8) service: mail for the users and aliases of this machine.

NAME
    local - delivery to aliases, .forward files, commands, files and mailboxes

SECURITY
    Runs as root, because everybody's mailbox belongs to somebody else.  The leaves (spool,
    files, commands) act as the recipient, from the first look at a file to the last; nothing
    is opened, and nothing run, as root on behalf of an address.
"""

from __future__ import annotations

from labctl.node.base import accounts
from labctl.node.base.log import Fatal
from labctl.node.mta.lib.config.main_cf import Config
from labctl.node.mta.lib.config.size_limits import mailbox_limit
from labctl.node.mta.lib.daemon.server import ServiceContext
from labctl.node.mta.lib.delivery.agent import Delivery, Hop, serve_batches
from labctl.node.mta.lib.queue.queue_file import Recipient
from labctl.node.mta.lib.services.rewrite import RewriteClient
from labctl.node.mta.local import switch
from labctl.node.mta.local.attempt import Attempt, Tools
from labctl.node.mta.local.destinations import forwarding
from labctl.node.mta.local.target import start


def serve(context: ServiceContext) -> None:
    """Deliver until the limits are reached."""
    mailbox_limit(context.config, "mailbox_size_limit")
    tools = Tools(
        context.config,
        context.log,
        context.service,
        RewriteClient(context.config),
        _nobody(context.config),
    )
    serve_batches(context, lambda delivery: _deliver_all(tools, delivery))


def _deliver_all(tools: Tools, delivery: Delivery) -> None:
    delivery.hop = Hop(tools.service)
    for rcpt in delivery.request.recipients:
        deliver_one(tools, delivery, rcpt)


def deliver_one(tools: Tools, delivery: Delivery, rcpt: Recipient) -> None:
    """Everything that the address leads to; then the mark, if all of it is done."""
    attempt = Attempt(tools, delivery)
    target = start(rcpt, delivery.request.sender)
    done = switch.deliver(attempt, target)
    # What was collected is sent last: if something else has to be tried again, so has this.
    if done and forwarding.finish(attempt, target):
        delivery.mark_done(rcpt)
    else:
        delivery.unfinished.add(rcpt.offset)


def _nobody(config: Config) -> accounts.Account:
    """postconf(5) default_privs: must not be root, and not the mail system either."""
    where = f"file {config.directory}/main.cf: parameter default_privs"
    name = config.text("default_privs")
    account = accounts.by_name(name)
    if account is None:
        raise Fatal(f"{where}: unknown user name value: {name}")
    if account.uid == 0:
        raise Fatal(f"{where}: privileged default user id")
    return account
