"""check_policy_service: ask somebody else, and do what the answer says."""

from __future__ import annotations

from labctl.node.mta.smtpd.lookups.policy_client import PolicyTrouble
from labctl.node.mta.smtpd.restrictions import actions
from labctl.node.mta.smtpd.restrictions.actions import Source
from labctl.node.mta.smtpd.restrictions.evaluation import Evaluation, Request, Subject
from labctl.node.mta.smtpd.restrictions.verdict import Answer


def check_policy_service(evaluation: Evaluation, subject: Subject, server: str) -> Answer:
    """Ask the policy server; without an answer, smtpd_policy_service_default_action."""
    env = evaluation.env
    known = env.policy.server(env.config, server)
    attributes = policy_attributes(evaluation.request)
    attributes["policy_context"] = known.context
    try:
        action = env.policy.ask(env.config, env.log, server, attributes)
    except PolicyTrouble:
        action = known.default_action
    return actions.apply(evaluation, subject, Source(known.place, "policy query"), action)


def policy_attributes(request: Request) -> dict[str, str]:
    """SMTPD_POLICY_README: what a policy server is told, in its order."""
    client = request.client
    return {
        "request": "smtpd_access_policy",
        "protocol_state": request.stage,
        "protocol_name": request.protocol,
        "client_address": client.address,
        "client_name": client.name,
        "client_port": client.port if client.port != "unknown" else "",
        "reverse_client_name": client.reverse_name,
        "server_address": client.server_address,
        "server_port": client.server_port,
        "helo_name": request.helo or "",
        "sender": request.sender or "",
        "recipient": request.recipient or "",
        "recipient_count": str(_counted(request)),
        "queue_id": request.queue_id,
        "instance": request.instance,
        "size": str(request.size),
        "etrn_domain": request.etrn_domain,
        "stress": request.stress,
        "sasl_method": "",
        "sasl_username": "",
        "sasl_sender": "",
        "ccert_subject": "",
        "ccert_issuer": "",
        "ccert_fingerprint": "",
        "ccert_pubkey_fingerprint": "",
        "encryption_protocol": "",
        "encryption_cipher": "",
        "encryption_keysize": "0",
    }


def _counted(request: Request) -> int:
    """The count means something only after the last RCPT."""
    return request.recipient_count if request.stage in ("DATA", "END-OF-MESSAGE") else 0
