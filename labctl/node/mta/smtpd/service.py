"""smtpd(8): connects a session with a socket, and the process with its services.

INPUT AND OUTPUT
    ``serve(context)`` is called by master in a forked child.  One client at a time; the
    process is used again for the next one, with its tables and connections.
"""

from __future__ import annotations

import socket
import time
from functools import partial

from labctl.node.base.log import Log
from labctl.node.mta.lib.config.main_cf import Config
from labctl.node.mta.lib.daemon.server import ServiceContext, serve_single
from labctl.node.mta.lib.dns.resolver import Resolver
from labctl.node.mta.lib.services.anvil import AnvilClient
from labctl.node.mta.lib.services.cleanup import CleanupStream
from labctl.node.mta.lib.services.rewrite import RewriteClient
from labctl.node.mta.smtpd import site_check
from labctl.node.mta.smtpd.client import of_connection
from labctl.node.mta.smtpd.dialogue import Dialogue
from labctl.node.mta.smtpd.environment import Environment
from labctl.node.mta.smtpd.limits import rates
from labctl.node.mta.smtpd.lookups.name_service import NameService
from labctl.node.mta.smtpd.message import bare_newline
from labctl.node.mta.smtpd.session import Session
from labctl.node.mta.smtpd.stand_alone import serve_standard_streams
from labctl.node.mta.smtpd.transcript import report


def serve(context: ServiceContext) -> None:
    """Serve clients until the process is worn out."""
    site_check.check(context.config)
    site_check.check_policy_servers(context.config)
    bare_newline.check_setting(context.config)
    env = Environment(
        config=context.config,
        log=context.log,
        resolver=RewriteClient(context.config),
        dns=NameService(
            Resolver(
                protocols=context.config.words("inet_protocols"), warn=context.log.warning
            ),
            Resolver(),
        ),
        submit=CleanupStream,
        rates=AnvilClient(context.config),
        service=context.service,
        sleep=time.sleep,
    )
    serve_single(context, partial(serve_client, env))


def stand_alone(config: Config, log: Log) -> None:
    """sendmail -bs: one session on the standard streams of a local user."""
    serve_standard_streams(config, log)


def serve_client(env: Environment, connection: socket.socket) -> None:
    """One connection, from its greeting to its end."""
    find_name = env.peers.of if env.config.flag("smtpd_peername_lookup") else None
    client = of_connection(connection, env.log, find_name)
    client = client._replace(shows_port=env.config.flag("smtpd_client_port_logging"))
    env.log.info(f"connect from {client.namaddr}")
    session = Session(env, client, client)
    dialogue = Dialogue(session, connection)
    counted = rates.is_counted(session)
    try:
        refusal = rates.connection(session) if counted else None
        dialogue.run(refusal)
    finally:
        session.forget_transaction()
        if counted:
            env.rates.disconnect(env.service, client.address)
        namaddr = session.client.namaddr
        env.log.info(f"disconnect from {namaddr} {session.counters}")
        report(session, dialogue.transcript)
