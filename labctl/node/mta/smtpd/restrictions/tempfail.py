"""What becomes of a request when a lookup failed for now: the *_tempfail_action parameters."""

from __future__ import annotations

from labctl.node.mta.smtpd.restrictions.evaluation import Evaluation, Subject
from labctl.node.mta.smtpd.restrictions.verdict import Answer, ConfigurationTrouble


def apply(
    evaluation: Evaluation, subject: Subject, parameter: str, status: str, text: str
) -> Answer:
    """postconf(5) reject_tempfail_action: defer at once, or only what would be permitted."""
    action = evaluation.env.config.text(parameter)
    if action == "defer_if_permit":
        return evaluation.postpone_permit(subject, 450, status, text)
    if action in ("defer", "defer_if_reject"):
        return evaluation.reject(subject, 450, status, text)
    evaluation.env.log.warning(f"bad {parameter} configuration: {action}")
    raise ConfigurationTrouble(parameter)
