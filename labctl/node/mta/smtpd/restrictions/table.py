"""The table of restrictions: every word that smtpd_*_restrictions may hold.

To add a restriction, write the function and give it a row; the parser and the documentation
read the same table.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final, NamedTuple

from labctl.node.mta.smtpd.restrictions.evaluation import Evaluation, Subject
from labctl.node.mta.smtpd.restrictions.verdict import Answer
from labctl.node.mta.smtpd.restrictions.words import (
    access,
    address,
    client,
    dnsbl,
    generic,
    helo,
    host_access,
    policy,
    relay,
    verified,
)


class Argument(NamedTuple):
    """What must stand behind a word, and what is said when it does not."""

    fits: Callable[[str], bool]
    complaint: str
    is_optional: bool = False


class Restriction(NamedTuple):
    """One word: the question, and its argument if it has one."""

    ask: Callable[[Evaluation, Subject, str], Answer]
    argument: Argument | None = None


TABLE: Final = Argument(
    lambda text: ":" in text,
    'restriction {word}: bad argument "{argument}": need maptype:mapname',
)
DOMAIN: Final = Argument(
    bool, "restriction {word} requires domain name argument", is_optional=True
)
SERVER: Final = Argument(
    lambda text: ":" in text, "restriction {word} must be followed by transport:server"
)
NUMBER: Final = Argument(str.isdigit, "restriction {word} must be followed by number")

# In the order of postconf(5): client, helo, sender, recipient, data, etrn, generic.
RESTRICTIONS: Final[Mapping[str, Restriction]] = {
    # smtpd_client_restrictions
    "check_ccert_access": Restriction(access.check_ccert_access, TABLE),
    "check_client_access": Restriction(access.check_client_access, TABLE),
    "check_client_a_access": Restriction(host_access.check_client_a_access, TABLE),
    "check_client_mx_access": Restriction(host_access.check_client_mx_access, TABLE),
    "check_client_ns_access": Restriction(host_access.check_client_ns_access, TABLE),
    "check_reverse_client_hostname_access": Restriction(
        access.check_reverse_client_hostname_access, TABLE
    ),
    "check_reverse_client_hostname_a_access": Restriction(
        host_access.check_reverse_client_hostname_a_access, TABLE
    ),
    "check_reverse_client_hostname_mx_access": Restriction(
        host_access.check_reverse_client_hostname_mx_access, TABLE
    ),
    "check_reverse_client_hostname_ns_access": Restriction(
        host_access.check_reverse_client_hostname_ns_access, TABLE
    ),
    "check_sasl_access": Restriction(access.check_sasl_access, TABLE),
    "permit_inet_interfaces": Restriction(client.permit_inet_interfaces),
    "permit_mynetworks": Restriction(client.permit_mynetworks),
    "permit_sasl_authenticated": Restriction(client.permit_sasl_authenticated),
    "permit_tls_all_clientcerts": Restriction(client.permit_tls_clientcerts),
    "permit_tls_clientcerts": Restriction(client.permit_tls_clientcerts),
    "permit_dnswl_client": Restriction(dnsbl.permit_dnswl_client, DOMAIN),
    "permit_rhswl_client": Restriction(dnsbl.permit_rhswl_client, DOMAIN),
    "reject_rbl_client": Restriction(dnsbl.reject_rbl_client, DOMAIN),
    "reject_rbl": Restriction(dnsbl.reject_rbl_client, DOMAIN),
    "reject_maps_rbl": Restriction(dnsbl.reject_maps_rbl),
    "reject_rhsbl_client": Restriction(dnsbl.reject_rhsbl_client, DOMAIN),
    "reject_rhsbl_reverse_client": Restriction(dnsbl.reject_rhsbl_reverse_client, DOMAIN),
    "reject_unknown_client_hostname": Restriction(client.reject_unknown_client_hostname),
    "reject_unknown_client": Restriction(client.reject_unknown_client_hostname),
    "reject_unknown_reverse_client_hostname": Restriction(
        client.reject_unknown_reverse_client_hostname
    ),
    # smtpd_helo_restrictions
    "check_helo_access": Restriction(access.check_helo_access, TABLE),
    "check_helo_a_access": Restriction(host_access.check_helo_a_access, TABLE),
    "check_helo_mx_access": Restriction(host_access.check_helo_mx_access, TABLE),
    "check_helo_ns_access": Restriction(host_access.check_helo_ns_access, TABLE),
    "permit_naked_ip_address": Restriction(client.permit_naked_ip_address),
    "reject_invalid_helo_hostname": Restriction(helo.reject_invalid_helo_hostname),
    "reject_invalid_hostname": Restriction(helo.reject_invalid_helo_hostname),
    "reject_non_fqdn_helo_hostname": Restriction(helo.reject_non_fqdn_helo_hostname),
    "reject_non_fqdn_hostname": Restriction(helo.reject_non_fqdn_helo_hostname),
    "reject_rhsbl_helo": Restriction(dnsbl.reject_rhsbl_helo, DOMAIN),
    "reject_unknown_helo_hostname": Restriction(helo.reject_unknown_helo_hostname),
    "reject_unknown_hostname": Restriction(helo.reject_unknown_helo_hostname),
    # smtpd_sender_restrictions
    "check_sender_access": Restriction(access.check_sender_access, TABLE),
    "check_sender_a_access": Restriction(host_access.check_sender_a_access, TABLE),
    "check_sender_mx_access": Restriction(host_access.check_sender_mx_access, TABLE),
    "check_sender_ns_access": Restriction(host_access.check_sender_ns_access, TABLE),
    "reject_authenticated_sender_login_mismatch": Restriction(
        address.reject_authenticated_sender_login_mismatch
    ),
    "reject_known_sender_login_mismatch": Restriction(
        address.reject_known_sender_login_mismatch
    ),
    "reject_non_fqdn_sender": Restriction(address.reject_non_fqdn_sender),
    "reject_rhsbl_sender": Restriction(dnsbl.reject_rhsbl_sender, DOMAIN),
    "reject_sender_login_mismatch": Restriction(address.reject_sender_login_mismatch),
    "reject_unauthenticated_sender_login_mismatch": Restriction(
        address.reject_unauthenticated_sender_login_mismatch
    ),
    "reject_unknown_sender_domain": Restriction(address.reject_unknown_sender_domain),
    "reject_unknown_address": Restriction(address.reject_unknown_sender_domain),
    "reject_unlisted_sender": Restriction(address.reject_unlisted_sender),
    "reject_unverified_sender": Restriction(verified.reject_unverified_sender),
    # smtpd_relay_restrictions, smtpd_recipient_restrictions
    "check_recipient_access": Restriction(access.check_recipient_access, TABLE),
    "check_recipient_a_access": Restriction(host_access.check_recipient_a_access, TABLE),
    "check_recipient_mx_access": Restriction(host_access.check_recipient_mx_access, TABLE),
    "check_recipient_ns_access": Restriction(host_access.check_recipient_ns_access, TABLE),
    "check_recipient_maps": Restriction(address.reject_unlisted_recipient),
    "check_relay_domains": Restriction(relay.check_relay_domains),
    "permit_auth_destination": Restriction(relay.permit_auth_destination),
    "permit_mx_backup": Restriction(relay.permit_mx_backup),
    "reject_non_fqdn_recipient": Restriction(address.reject_non_fqdn_recipient),
    "reject_rhsbl_recipient": Restriction(dnsbl.reject_rhsbl_recipient, DOMAIN),
    "reject_unauth_destination": Restriction(relay.reject_unauth_destination),
    "defer_unauth_destination": Restriction(relay.defer_unauth_destination),
    "reject_unknown_recipient_domain": Restriction(address.reject_unknown_recipient_domain),
    "reject_unlisted_recipient": Restriction(address.reject_unlisted_recipient),
    "reject_unverified_recipient": Restriction(verified.reject_unverified_recipient),
    # smtpd_etrn_restrictions
    "check_etrn_access": Restriction(access.check_etrn_access, TABLE),
    # generic
    "check_policy_service": Restriction(policy.check_policy_service, SERVER),
    "defer": Restriction(generic.defer),
    "defer_if_permit": Restriction(generic.defer_if_permit),
    "defer_if_reject": Restriction(generic.defer_if_reject),
    "permit": Restriction(generic.permit),
    "reject_multi_recipient_bounce": Restriction(generic.reject_multi_recipient_bounce),
    "reject_plaintext_session": Restriction(generic.reject_plaintext_session),
    "reject_unauth_pipelining": Restriction(generic.reject_unauth_pipelining),
    "reject": Restriction(generic.reject),
    "sleep": Restriction(generic.sleep, NUMBER),
}
