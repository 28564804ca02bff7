"""The rows of the parameter table: name | kind | readers | default -- doc, as in postconf(5)."""

# ruff: noqa: E501 (a row is a line)

from typing import Final

TABLE: Final = r"""
2bounce_notice_recipient | text | bounce | postmaster -- 
access_map_defer_code | number | smtpd | 450 -- reply code of DEFER in an access(5) table
access_map_reject_code | number | smtpd | 554 -- reply code of REJECT in an access(5) table
address_verify_cache_cleanup_interval | seconds |  | 12h -- 
address_verify_default_transport | text |  | $default_transport -- 
address_verify_local_transport | text |  | $local_transport -- 
address_verify_map | maps | verify | btree:$data_directory/verify_cache -- 
address_verify_negative_cache | flag | lib verify | yes -- 
address_verify_negative_expire_time | seconds |  | 3d -- 
address_verify_negative_refresh_time | seconds |  | 3h -- 
address_verify_pending_request_limit | number |  | 5000 -- 
address_verify_poll_count | number | smtpd | ${stress?{1}:{3}} -- 
address_verify_poll_delay | seconds | smtpd | 3s -- 
address_verify_positive_expire_time | seconds |  | 31d -- 
address_verify_positive_refresh_time | seconds |  | 7d -- 
address_verify_relay_transport | text |  | $relay_transport -- 
address_verify_relayhost | text |  | $relayhost -- 
address_verify_sender | text | verify | $double_bounce_sender -- 
address_verify_sender_dependent_default_transport_maps | maps |  | $sender_dependent_default_transport_maps -- 
address_verify_sender_dependent_relayhost_maps | maps |  | $sender_dependent_relayhost_maps -- 
address_verify_sender_ttl | seconds |  | 0s -- 
address_verify_service_name | text | lib | verify -- 
address_verify_transport_maps | maps |  | $transport_maps -- 
address_verify_virtual_transport | text |  | $virtual_transport -- 
alias_database | maps | newaliases | hash:/etc/aliases -- the tables that newaliases(1) makes
alias_maps | maps | local smtpd | hash:/etc/aliases, nis:mail.aliases -- the tables in which local(8) looks up names
allow_mail_to_commands | words | local | alias, forward -- 
allow_mail_to_files | words | local | alias, forward -- 
allow_min_user | flag |  | no -- 
allow_percent_hack | flag | rewrite | yes -- 
allow_untrusted_routing | flag | smtpd | no -- 
alternate_config_directories | words |  |  -- 
always_add_missing_headers | flag | cleanup | no -- add Date, Message-Id and From to mail from outside too
always_bcc | text | cleanup |  -- an address that gets a copy of everything
anvil_rate_time_unit | seconds | anvil | 60s -- 
anvil_status_update_time | seconds |  | 600s -- 
append_at_myorigin | flag | rewrite | yes -- complete `user` to user@myorigin
append_dot_mydomain | flag | rewrite | ${{$compatibility_level} <level {1} ? {yes} : {no}} -- complete `user@host` to user@host.mydomain
application_event_drain_time | seconds | lib | 100s -- 
authorized_flush_users | words |  | static:anyone -- 
authorized_mailq_users | words |  | static:anyone -- 
authorized_submit_users | words |  | static:anyone -- 
backwards_bounce_logfile_compatibility | flag | lib | yes -- 
berkeley_db_create_buffer_size | number | lib | 16777216 -- 
berkeley_db_read_buffer_size | number | lib | 131072 -- 
best_mx_transport | text |  |  -- 
biff | flag | lib | yes -- tell users at once that mail has come
body_checks | maps | cleanup |  -- tables of patterns for lines of the body
body_checks_size_limit | number | cleanup | 51200 -- 
bounce_notice_recipient | text | bounce | postmaster -- 
bounce_queue_lifetime | seconds | lib qmgr | 5d -- how long a bounce is tried before it is given up
bounce_service_name | text | lib | bounce -- 
bounce_size_limit | number | bounce | 50000 -- 
bounce_template_file | text | lib |  -- 
broken_sasl_auth_clients | flag |  | no -- 
canonical_classes | words | cleanup | envelope_sender, envelope_recipient, header_sender, header_recipient -- 
canonical_maps | maps | smtpd |  -- addresses to rewrite everywhere, in envelope and headers
cleanup_replace_stray_cr_lf | flag | cleanup | yes -- 
cleanup_service_name | text | lib | cleanup -- 
command_directory | text |  | /usr/sbin -- 
command_execution_directory | text | local |  -- 
command_expansion_filter | text | local | 1234567890!@%-_=+:,./abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ -- 
command_time_limit | seconds | local pipe spawn | 1000s -- how long a delivery command may run
compatibility_level | text | bounce lib postqueue rewrite smtpd | 0 -- whose defaults to take: those of an old release, or of this one
config_directory | text | lib | /etc/postfix -- 
confirm_delay_cleared | flag |  | no -- 
connection_cache_protocol_timeout | seconds |  | 5s -- 
connection_cache_service_name | text | lib | scache -- 
connection_cache_status_update_time | seconds |  | 600s -- 
connection_cache_ttl_limit | seconds |  | 2s -- 
content_filter | text | cleanup postcat smtpd |  -- transport:nexthop that all new mail goes through
cyrus_sasl_config_path | text |  |  -- 
daemon_directory | text | master | /usr/lib/postfix/sbin -- 
daemon_table_open_error_is_fatal | flag | lib | no -- 
daemon_timeout | seconds | lib | 18000s -- 
data_directory | text | lib verify | /var/lib/postfix -- 
debug_peer_level | number | lib | 2 -- 
debug_peer_list | words |  |  -- 
debugger_command | text |  |  -- 
default_database_type | text | lib table_command | hash -- the type of a table that is named without one
default_delivery_slot_cost | number | qmgr | 5 -- 
default_delivery_slot_discount | number | qmgr | 50 -- 
default_delivery_slot_loan | number | qmgr | 3 -- 
default_delivery_status_filter | text |  |  -- 
default_destination_concurrency_failed_cohort_limit | number | qmgr | 1 -- 
default_destination_concurrency_limit | number | qmgr | 20 -- deliveries to one destination at the same time
default_destination_concurrency_negative_feedback | number | qmgr | 1 -- 
default_destination_concurrency_positive_feedback | number | qmgr | 1 -- 
default_destination_rate_delay | seconds | qmgr | 0s -- 
default_destination_recipient_limit | number | qmgr | 50 -- recipients of one delivery
default_extra_recipient_limit | number | qmgr | 1000 -- 
default_filter_nexthop | text |  |  -- 
default_minimum_delivery_slots | number | qmgr | 3 -- 
default_privs | text | local | nobody -- 
default_process_limit | number | lib master | 100 -- processes of one service, where master.cf does not say
default_rbl_reply | text | lib smtpd | $rbl_code Service unavailable; $rbl_class [$rbl_what] blocked using $rbl_domain${rbl_reason?; $rbl_reason} -- 
default_recipient_limit | number | qmgr | 20000 -- 
default_recipient_refill_delay | seconds | qmgr | 5s -- 
default_recipient_refill_limit | number | qmgr | 100 -- 
default_transport | text | rewrite | smtp -- transport of mail for elsewhere
default_transport_rate_delay | seconds | qmgr | 0s -- 
default_verp_delimiters | text |  | += -- 
defer_code | number | smtpd | 450 -- 
defer_service_name | text | lib | defer -- 
defer_transports | words | qmgr |  -- transports whose mail waits until somebody flushes the queue
delay_logging_resolution_limit | number | lib | 2 -- 
delay_notice_recipient | text | bounce | postmaster -- 
delay_warning_time | seconds | cleanup lib | 0h -- tell the sender after this time that mail is waiting
deliver_lock_attempts | number | lib | 20 -- 
deliver_lock_delay | seconds | lib | 1s -- 
destination_concurrency_feedback_debug | flag |  | no -- 
detect_8bit_encoding_header | flag |  | yes -- 
disable_dns_lookups | flag | lib | no -- 
disable_mime_input_processing | flag | cleanup lib | no -- 
disable_mime_output_conversion | flag | lib | no -- 
disable_verp_bounces | flag |  | no -- 
disable_vrfy_command | flag | smtpd | no -- refuse VRFY, which tells who exists
dns_ncache_ttl_fix_enable | flag | lib | no -- 
dnsblog_reply_delay | seconds |  | 0s -- 
dnsblog_service_name | text |  | dnsblog -- 
dnssec_probe | text |  | ns:. -- 
dont_remove | number | lib | 0 -- 
double_bounce_sender | text | bounce qmgr smtpd verify | double-bounce -- the sender of mail that must not bounce
duplicate_filter_limit | number | local | 1000 -- 
empty_address_default_transport_maps_lookup_key | text | rewrite | <> -- 
empty_address_local_login_sender_maps_lookup_key | text |  | <> -- 
empty_address_recipient | text | cleanup rewrite | MAILER-DAEMON -- 
empty_address_relayhost_maps_lookup_key | text | rewrite | <> -- 
enable_idna2003_compatibility | flag | lib | no -- 
enable_long_queue_ids | flag | lib postqueue | no -- 
enable_original_recipient | flag | cleanup lib | yes -- 
enable_threaded_bounces | flag |  | no -- 
error_notice_recipient | text | smtpd | postmaster -- 
error_service_name | text | lib qmgr | error -- 
execution_directory_expansion_filter | text | local | 1234567890!@%-_=+:,./abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ -- 
expand_owner_alias | flag | local | no -- 
export_environment | words | lib local | TZ MAIL_CONFIG LANG -- 
fallback_transport | text | local |  -- 
fallback_transport_maps | maps | local |  -- 
fast_flush_domains | words | lib postqueue | $relay_domains -- destinations whose waiting mail ETRN can ask for
fast_flush_purge_time | seconds | flush | 7d -- 
fast_flush_refresh_time | seconds |  | 12h -- 
fault_injection_code | number | lib | 0 -- 
flush_service_name | text | lib | flush -- 
fork_attempts | number | lib | 5 -- 
fork_delay | seconds | lib | 1s -- 
forward_expansion_filter | text | local | 1234567890!@%-_=+:,./abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ -- 
forward_path | words | local | $home/.forward${recipient_delimiter}${extension}, $home/.forward -- where local(8) looks for .forward files
frozen_delivered_to | flag | local | yes -- 
hash_queue_depth | number | lib | 1 -- 
hash_queue_names | words | lib postsuper | deferred, defer -- queue directories that are split into subdirectories
header_address_token_limit | number | cleanup lib | 10240 -- 
header_checks | maps | cleanup |  -- tables of patterns for headers
header_from_format | text | cleanup | standard -- 
header_size_limit | number | cleanup lib | 102400 -- 
helpful_warnings | flag | lib | yes -- 
home_mailbox | text | local |  -- the mailbox below the home directory; Maildir/ for a Maildir
hopcount_limit | number | cleanup | 50 -- Received headers that make a message a looping one
html_directory | text | postconf | /usr/share/doc/postfix/html -- 
ignore_mx_lookup_error | flag |  | no -- 
import_environment | words | lib | MAIL_CONFIG MAIL_DEBUG MAIL_LOGTAG TZ XAUTHORITY DISPLAY LANG=C POSTLOG_SERVICE POSTLOG_HOSTNAME -- 
in_flow_delay | seconds | lib | 1s -- pause of a sender when mail comes faster than it goes
inet_interfaces | words | lib master | all -- addresses at which mail is received
inet_protocols | words | lib master smtp smtpd | all -- ipv4, ipv6 or all
info_log_address_format | text |  | external -- 
initial_destination_concurrency | number | qmgr | 5 -- 
internal_mail_filter_classes | words |  |  -- 
invalid_hostname_reject_code | number | smtpd | 501 -- 
ipc_idle | seconds | lib | 5s -- 
ipc_timeout | seconds | cleanup lib local master showq | 3600s -- 
ipc_ttl | seconds | lib | 1000s -- 
known_tcp_ports | words |  | lmtp=24, smtp=25, smtps=submissions=465, submission=587 -- 
line_length_limit | number | lib sendmail smtpd | 2048 -- 
lmdb_map_size | number | lib | 16777216 -- 
lmtp_address_preference | text |  | any -- 
lmtp_address_verify_target | text |  | rcpt -- 
lmtp_assume_final | flag |  | no -- 
lmtp_balance_inet_protocols | flag |  | yes -- 
lmtp_bind_address | text | smtp |  -- 
lmtp_bind_address6 | text | smtp |  -- 
lmtp_bind_address_enforce | flag |  | no -- 
lmtp_body_checks | maps | smtp |  -- 
lmtp_cname_overrides_servername | flag |  | no -- 
lmtp_connect_timeout | seconds | smtp | 0s -- 
lmtp_connection_cache_destinations | words |  |  -- 
lmtp_connection_cache_on_demand | flag |  | yes -- 
lmtp_connection_cache_time_limit | seconds |  | 2s -- 
lmtp_connection_reuse_count_limit | number |  | 0 -- 
lmtp_connection_reuse_time_limit | seconds |  | 300s -- 
lmtp_data_done_timeout | seconds | smtp | 600s -- 
lmtp_data_init_timeout | seconds | smtp | 120s -- 
lmtp_data_xfer_timeout | seconds | smtp | 180s -- 
lmtp_defer_if_no_mx_address_found | flag |  | no -- 
lmtp_delivery_status_filter | text |  | $default_delivery_status_filter -- 
lmtp_discard_lhlo_keyword_address_maps | maps |  |  -- 
lmtp_discard_lhlo_keywords | words |  |  -- 
lmtp_dns_reply_filter | text |  |  -- 
lmtp_dns_resolver_options | words |  |  -- 
lmtp_dns_support_level | text |  |  -- 
lmtp_enforce_tls | flag |  | no -- 
lmtp_fallback_relay | words |  |  -- 
lmtp_generic_maps | maps | smtp |  -- 
lmtp_header_checks | maps | smtp |  -- 
lmtp_host_lookup | words |  | dns -- 
lmtp_lhlo_name | text | smtp | $myhostname -- 
lmtp_lhlo_timeout | seconds | smtp | 300s -- 
lmtp_line_length_limit | number | smtp | 998 -- 
lmtp_mail_timeout | seconds | smtp | 300s -- 
lmtp_mime_header_checks | maps | smtp |  -- 
lmtp_min_data_rate | number |  | 500 -- 
lmtp_mx_address_limit | number | smtp | 5 -- 
lmtp_mx_session_limit | number | smtp | 2 -- 
lmtp_nested_header_checks | maps | smtp |  -- 
lmtp_per_request_deadline | flag |  | ${lmtp_per_record_deadline?{$lmtp_per_record_deadline}:{no}} -- 
lmtp_pix_workaround_delay_time | seconds |  | 10s -- 
lmtp_pix_workaround_maps | maps |  |  -- 
lmtp_pix_workaround_threshold_time | seconds |  | 500s -- 
lmtp_pix_workarounds | words |  | disable_esmtp,delay_dotcrlf -- 
lmtp_quit_timeout | seconds |  | 300s -- 
lmtp_quote_rfc821_envelope | flag |  | yes -- 
lmtp_randomize_addresses | flag |  | yes -- 
lmtp_rcpt_timeout | seconds | smtp | 300s -- 
lmtp_reply_filter | text |  |  -- 
lmtp_rset_timeout | seconds | smtp | 20s -- 
lmtp_sasl_auth_cache_name | text |  |  -- 
lmtp_sasl_auth_cache_time | seconds |  | 90d -- 
lmtp_sasl_auth_enable | flag |  | no -- 
lmtp_sasl_auth_soft_bounce | flag |  | yes -- 
lmtp_sasl_mechanism_filter | text |  |  -- 
lmtp_sasl_password_maps | maps |  |  -- 
lmtp_sasl_path | text |  |  -- 
lmtp_sasl_security_options | words |  | noplaintext, noanonymous -- 
lmtp_sasl_tls_security_options | text |  | $lmtp_sasl_security_options -- 
lmtp_sasl_tls_verified_security_options | text |  | $lmtp_sasl_tls_security_options -- 
lmtp_sasl_type | text |  | cyrus -- 
lmtp_send_dummy_mail_auth | flag |  | no -- 
lmtp_send_xforward_command | flag | smtp | no -- 
lmtp_sender_dependent_authentication | flag |  | no -- 
lmtp_skip_5xx_greeting | flag |  | yes -- 
lmtp_skip_quit_response | flag |  | no -- 
lmtp_starttls_timeout | seconds |  | 300s -- 
lmtp_tcp_port | text |  | 24 -- 
lmtp_tls_CAfile | text |  |  -- 
lmtp_tls_CApath | text |  |  -- 
lmtp_tls_block_early_mail_reply | flag |  | no -- 
lmtp_tls_cert_file | text |  |  -- 
lmtp_tls_chain_files | text |  |  -- 
lmtp_tls_ciphers | text |  | medium -- 
lmtp_tls_connection_reuse | flag |  | no -- 
lmtp_tls_dcert_file | text |  |  -- 
lmtp_tls_dkey_file | text |  | $lmtp_tls_dcert_file -- 
lmtp_tls_eccert_file | text |  |  -- 
lmtp_tls_eckey_file | text |  | $lmtp_tls_eccert_file -- 
lmtp_tls_enforce_peername | flag |  | yes -- 
lmtp_tls_exclude_ciphers | text |  |  -- 
lmtp_tls_fingerprint_cert_match | text |  |  -- 
lmtp_tls_fingerprint_digest | text |  | ${{$compatibility_level} <level {3.6} ? {md5} : {sha256}} -- 
lmtp_tls_force_insecure_host_tlsa_lookup | flag |  | no -- 
lmtp_tls_key_file | text |  | $lmtp_tls_cert_file -- 
lmtp_tls_loglevel | number |  | 0 -- 
lmtp_tls_mandatory_ciphers | text |  | medium -- 
lmtp_tls_mandatory_exclude_ciphers | text |  |  -- 
lmtp_tls_mandatory_protocols | text |  | >=TLSv1 -- 
lmtp_tls_note_starttls_offer | flag |  | no -- 
lmtp_tls_per_site | text |  |  -- 
lmtp_tls_policy_maps | maps |  |  -- 
lmtp_tls_protocols | text |  | >=TLSv1 -- 
lmtp_tls_scert_verifydepth | number |  | 9 -- 
lmtp_tls_secure_cert_match | text |  | nexthop -- 
lmtp_tls_security_level | text |  |  -- 
lmtp_tls_servername | text |  |  -- 
lmtp_tls_session_cache_database | text |  |  -- 
lmtp_tls_session_cache_timeout | seconds |  | 3600s -- 
lmtp_tls_trust_anchor_file | text |  |  -- 
lmtp_tls_verify_cert_match | text |  | hostname -- 
lmtp_tls_wrappermode | flag |  | no -- 
lmtp_use_tls | flag |  | no -- 
lmtp_xforward_timeout | seconds | smtp | 300s -- 
local_command_shell | text | local |  -- 
local_delivery_status_filter | text |  | $default_delivery_status_filter -- 
local_destination_concurrency_limit | number | qmgr | 2 -- 
local_destination_recipient_limit | number |  | 1 -- 
local_header_rewrite_clients | words | smtpd | permit_inet_interfaces -- 
local_login_sender_maps | maps |  | static:* -- 
local_recipient_maps | maps | smtpd | proxy:unix:passwd.byname $alias_maps -- who exists here; empty accepts everybody
local_transport | text | rewrite | local:$myhostname -- transport of mail for mydestination
luser_relay | text | local |  -- where mail for unknown local users goes
mail_name | text | bounce lib local pickup smtpd | Postfix -- 
mail_owner | text | lib master pipe postqueue spawn | postfix -- the account that owns the queue
mail_release_date | text | postconf | 20240304 -- 
mail_spool_directory | text | local | /var/mail -- where mailboxes are
mail_version | text | lib master | 3.7.11 -- 
mailbox_command | text | local |  -- a program that delivers in place of local(8)
mailbox_command_maps | maps | local |  -- 
mailbox_delivery_lock | words | local | fcntl, dotlock -- 
mailbox_size_limit | number | local | 51200000 -- how large a mailbox file may grow; 0 is no limit
mailbox_transport | text | local |  -- 
mailbox_transport_maps | maps |  |  -- 
maillog_file | text | lib postlogd |  -- log to this file instead of syslog
maillog_file_compressor | text |  | gzip -- 
maillog_file_prefixes | words | lib | /var, /dev/stdout -- 
maillog_file_rotate_suffix | text |  | %Y%m%d-%H%M%S -- 
mailq_path | text | postconf | /usr/bin/mailq -- 
manpage_directory | text | postconf | /usr/share/man -- 
maps_rbl_domains | words | smtpd |  -- 
maps_rbl_reject_code | number | smtpd | 554 -- 
masquerade_classes | words | cleanup | envelope_sender, header_sender, header_recipient -- 
masquerade_domains | words | cleanup |  -- domains whose host names are taken out of addresses
masquerade_exceptions | words | cleanup |  -- 
master_service_disable | words | master |  -- 
max_idle | seconds | lib master postlogd verify | 100s -- 
max_use | number | lib master | 100 -- 
maximal_backoff_time | seconds | qmgr | 4000s -- longest time between two attempts
maximal_queue_lifetime | seconds | bounce lib qmgr | 5d -- how long a message is tried before it goes back
message_drop_headers | words | cleanup | bcc, content-length, resent-bcc, return-path -- 
message_reject_characters | text |  |  -- 
message_size_limit | number | cleanup lib maildrop smtpd | 10240000 -- how large a message may be, envelope included
message_strip_characters | text |  |  -- 
meta_directory | text | postconf | /etc/postfix -- 
milter_command_timeout | seconds |  | 30s -- 
milter_connect_macros | text |  | j {daemon_name} {daemon_addr} v _ -- 
milter_connect_timeout | seconds |  | 30s -- 
milter_content_timeout | seconds |  | 300s -- 
milter_data_macros | text |  | i -- 
milter_default_action | text |  | tempfail -- 
milter_end_of_data_macros | text |  | i -- 
milter_end_of_header_macros | text |  | i -- 
milter_header_checks | maps |  |  -- 
milter_helo_macros | text |  | {tls_version} {cipher} {cipher_bits} {cert_subject} {cert_issuer} -- 
milter_macro_daemon_name | text |  | $myhostname -- 
milter_macro_defaults | text |  |  -- 
milter_macro_v | text |  | $mail_name $mail_version -- 
milter_mail_macros | text |  | i {auth_type} {auth_authen} {auth_author} {mail_addr} {mail_host} {mail_mailer} -- 
milter_protocol | text |  | 6 -- 
milter_rcpt_macros | text |  | i {rcpt_addr} {rcpt_host} {rcpt_mailer} -- 
milter_unknown_command_macros | text |  |  -- 
mime_boundary_length_limit | number | cleanup lib | 2048 -- 
mime_header_checks | maps | cleanup | $header_checks -- header_checks for the headers of MIME parts
mime_nesting_limit | number | cleanup lib | 100 -- 
minimal_backoff_time | seconds | qmgr | 300s -- shortest time between two attempts
multi_instance_directories | words |  |  -- 
multi_instance_enable | flag | lib | no -- 
multi_instance_group | text |  |  -- 
multi_instance_name | text | lib master |  -- 
multi_instance_wrapper | text |  |  -- 
multi_recipient_bounce_reject_code | number | smtpd | 550 -- 
mydestination | words | cleanup lib rewrite smtp smtpd | $myhostname, localhost.$mydomain, localhost -- domains whose mail is delivered to local accounts
mydomain | text | cleanup lib rewrite smtp smtpd |  -- the domain of this machine
myhostname | text | bounce cleanup lib local pickup postalias rewrite smtp smtpd verify |  -- the name of this machine in the mail system
mynetworks | words | lib smtpd |  -- clients that may relay
mynetworks_style | text | lib | ${{$compatibility_level} <level {2} ? {subnet} : {host}} -- how much of the network mynetworks is, where that is not set
myorigin | text | cleanup lib rewrite smtp verify | $myhostname -- the domain of mail that is sent here
nested_header_checks | maps | cleanup | $header_checks -- 
newaliases_path | text | postconf | /usr/bin/newaliases -- 
non_fqdn_reject_code | number | smtpd | 504 -- 
non_smtpd_milters | words |  |  -- 
notify_classes | words | bounce lib | resource, software -- what the postmaster is told about
openssl_path | text | postconf | openssl -- 
owner_request_special | flag | local | yes -- treat owner-x and x-request as one name
parent_domain_matches_subdomains | words | lib rewrite smtpd | debug_peer_list,fast_flush_domains,mynetworks,permit_mx_backup_networks,qmqpd_authorized_clients,relay_domains,smtpd_access_maps -- lists in which `domain` matches its subdomains too
permit_mx_backup_networks | words | smtpd |  -- 
pickup_service_name | text | lib maildrop postqueue | pickup -- 
pipe_delivery_status_filter | text |  | $default_delivery_status_filter -- 
plaintext_reject_code | number | smtpd | 450 -- 
postlog_service_name | text | lib | postlog -- 
postlogd_watchdog_timeout | seconds |  | 10s -- 
postmulti_control_commands | words |  | reload flush -- 
postmulti_start_commands | words |  | start -- 
postmulti_stop_commands | words |  | stop abort drain quick-stop -- 
postscreen_access_list | text |  | permit_mynetworks -- 
postscreen_allowlist_interfaces | words |  | ${postscreen_whitelist_interfaces?{$postscreen_whitelist_interfaces}:{static:all}} -- 
postscreen_bare_newline_action | text |  | ignore -- 
postscreen_bare_newline_enable | flag |  | no -- 
postscreen_bare_newline_ttl | seconds |  | 30d -- 
postscreen_cache_cleanup_interval | seconds |  | 12h -- 
postscreen_cache_map | maps |  | btree:$data_directory/postscreen_cache -- 
postscreen_cache_retention_time | seconds |  | 7d -- 
postscreen_client_connection_count_limit | number |  | $smtpd_client_connection_count_limit -- 
postscreen_command_count_limit | number |  | 20 -- 
postscreen_command_filter | text |  |  -- 
postscreen_command_time_limit | number |  | ${stress?{10}:{300}}s -- 
postscreen_denylist_action | text |  | ${postscreen_blacklist_action?{$postscreen_blacklist_action}:{ignore}} -- 
postscreen_disable_vrfy_command | text |  | $disable_vrfy_command -- 
postscreen_discard_ehlo_keyword_address_maps | maps |  | $smtpd_discard_ehlo_keyword_address_maps -- 
postscreen_discard_ehlo_keywords | text |  | $smtpd_discard_ehlo_keywords -- 
postscreen_dnsbl_action | text |  | ignore -- 
postscreen_dnsbl_allowlist_threshold | text |  | ${postscreen_dnsbl_whitelist_threshold?{$postscreen_dnsbl_whitelist_threshold}:{0}} -- 
postscreen_dnsbl_max_ttl | seconds |  | ${postscreen_dnsbl_ttl?{$postscreen_dnsbl_ttl}:{1}}h -- 
postscreen_dnsbl_min_ttl | seconds |  | 60s -- 
postscreen_dnsbl_reply_map | maps |  |  -- 
postscreen_dnsbl_sites | words |  |  -- 
postscreen_dnsbl_threshold | number |  | 1 -- 
postscreen_dnsbl_timeout | seconds |  | 10s -- 
postscreen_enforce_tls | text |  | $smtpd_enforce_tls -- 
postscreen_expansion_filter | text |  | $smtpd_expansion_filter -- 
postscreen_forbidden_commands | text |  | $smtpd_forbidden_commands -- 
postscreen_greet_action | text |  | ignore -- 
postscreen_greet_banner | text |  | $smtpd_banner -- 
postscreen_greet_ttl | seconds |  | 1d -- 
postscreen_greet_wait | seconds |  | ${stress?{2}:{6}}s -- 
postscreen_helo_required | text |  | $smtpd_helo_required -- 
postscreen_non_smtp_command_action | text |  | drop -- 
postscreen_non_smtp_command_enable | flag |  | no -- 
postscreen_non_smtp_command_ttl | seconds |  | 30d -- 
postscreen_pipelining_action | text |  | enforce -- 
postscreen_pipelining_enable | flag |  | no -- 
postscreen_pipelining_ttl | seconds |  | 30d -- 
postscreen_post_queue_limit | number |  | $default_process_limit -- 
postscreen_pre_queue_limit | number |  | $default_process_limit -- 
postscreen_reject_footer | text |  | $smtpd_reject_footer -- 
postscreen_reject_footer_maps | maps |  | $smtpd_reject_footer_maps -- 
postscreen_tls_security_level | text |  | $smtpd_tls_security_level -- 
postscreen_upstream_proxy_protocol | text |  |  -- 
postscreen_upstream_proxy_timeout | seconds |  | 5s -- 
postscreen_use_tls | text |  | $smtpd_use_tls -- 
postscreen_watchdog_timeout | seconds |  | 10s -- 
prepend_delivered_header | words | local | command, file, forward -- 
process_id | text | lib |  -- 
process_id_directory | text | lib | pid -- 
process_name | text | lib |  -- 
propagate_unmatched_extensions | words | cleanup local smtp | canonical, virtual -- tables that hand the +extension on to their result
proxy_interfaces | words | lib |  -- addresses of ours on a translator or relay in front of us
proxy_read_maps | words |  | $local_recipient_maps $mydestination $virtual_alias_maps $virtual_alias_domains $virtual_mailbox_maps $virtual_mailbox_domains $relay_recipient_maps $relay_domains $canonical_maps $sender_canonical_maps $recipient_canonical_maps $relocated_maps $transport_maps $mynetworks $smtpd_sender_login_maps $sender_bcc_maps $recipient_bcc_maps $smtp_generic_maps $lmtp_generic_maps $alias_maps $smtpd_client_restrictions $smtpd_helo_restrictions $smtpd_sender_restrictions $smtpd_relay_restrictions $smtpd_recipient_restrictions $address_verify_sender_dependent_default_transport_maps $address_verify_sender_dependent_relayhost_maps $address_verify_transport_maps $fallback_transport_maps $lmtp_discard_lhlo_keyword_address_maps $lmtp_pix_workaround_maps $lmtp_sasl_password_maps $lmtp_tls_policy_maps $mailbox_command_maps $mailbox_transport_maps $postscreen_discard_ehlo_keyword_address_maps $rbl_reply_maps $sender_dependent_default_transport_maps $sender_dependent_relayhost_maps $smtp_discard_ehlo_keyword_address_maps $smtp_pix_workaround_maps $smtp_sasl_password_maps $smtp_tls_policy_maps $smtpd_discard_ehlo_keyword_address_maps $smtpd_milter_maps $virtual_gid_maps $virtual_uid_maps $local_login_sender_maps $postscreen_reject_footer_maps $smtpd_reject_footer_maps $tls_server_sni_maps $tlsproxy_client_policy_maps $default_delivery_status_filter $lmtp_delivery_status_filter $lmtp_dns_reply_filter $lmtp_reply_filter $local_delivery_status_filter $pipe_delivery_status_filter $postscreen_command_filter $smtp_delivery_status_filter $smtp_dns_reply_filter $smtp_reply_filter $smtpd_command_filter $smtpd_dns_reply_filter $virtual_delivery_status_filter $body_checks $header_checks $lmtp_body_checks $lmtp_header_checks $lmtp_mime_header_checks $lmtp_nested_header_checks $milter_header_checks $mime_header_checks $nested_header_checks $smtp_body_checks $smtp_header_checks $smtp_mime_header_checks $smtp_nested_header_checks -- 
proxy_write_maps | words |  | $smtp_sasl_auth_cache_name $lmtp_sasl_auth_cache_name $address_verify_map $postscreen_cache_map -- 
proxymap_service_name | text | lib | proxymap -- 
proxywrite_service_name | text | lib | proxywrite -- 
qmgr_clog_warn_time | seconds |  | 300s -- 
qmgr_daemon_timeout | seconds |  | 1000s -- 
qmgr_fudge_factor | number |  | 100 -- 
qmgr_ipc_timeout | seconds |  | 60s -- 
qmgr_message_active_limit | number | qmgr | 20000 -- 
qmgr_message_recipient_limit | number | qmgr | 20000 -- 
qmgr_message_recipient_minimum | number |  | 10 -- 
qmqpd_authorized_clients | words |  |  -- 
qmqpd_client_port_logging | flag |  | no -- 
qmqpd_error_delay | seconds |  | 1s -- 
qmqpd_timeout | seconds |  | 300s -- 
queue_directory | text | cleanup flush lib local master pickup pipe postkick smtp smtpd spawn | /var/spool/postfix -- where the queue is
queue_file_attribute_count_limit | number |  | 100 -- 
queue_minfree | number | smtpd | 0 -- 
queue_run_delay | seconds | qmgr sendmail_options | 300s -- time between two scans of the deferred queue
queue_service_name | text | cleanup flush lib postqueue | qmgr -- 
rbl_reply_maps | maps | smtpd |  -- 
readme_directory | text | postconf | /usr/share/doc/postfix -- 
receive_override_options | words | smtpd |  -- 
recipient_bcc_maps | maps | cleanup |  -- copies by recipient
recipient_canonical_classes | words | cleanup | envelope_recipient, header_recipient -- 
recipient_canonical_maps | maps | smtpd |  -- 
recipient_delimiter | text | lib local pipe qmgr rewrite smtpd |  -- what separates user and extension
reject_code | number | smtpd | 554 -- 
reject_tempfail_action | text | smtpd | defer_if_permit -- 
relay_clientcerts | text |  |  -- 
relay_domains | words | lib postqueue rewrite | ${{$compatibility_level} <level {2} ? {$mydestination} : {}} -- domains that mail is relayed to
relay_domains_reject_code | number | smtpd | 554 -- 
relay_recipient_maps | maps | smtpd |  -- who exists in relay_domains; empty accepts everybody
relay_transport | text | rewrite | relay -- 
relayhost | text | rewrite |  -- where all mail for elsewhere goes first
relocated_maps | maps | rewrite |  -- new addresses of people who have gone
remote_header_rewrite_domain | text | cleanup rewrite |  -- 
require_home_directory | flag |  | no -- 
reset_owner_alias | flag | local | no -- 
resolve_dequoted_address | flag |  | yes -- 
resolve_null_domain | flag |  | no -- 
resolve_numeric_domain | flag |  | no -- 
respectful_logging | flag |  | ${{$compatibility_level} <level {3.6} ? {no} : {yes}} -- 
rewrite_service_name | text | lib qmgr | rewrite -- 
sample_directory | text | postconf | /etc/postfix -- 
send_cyrus_sasl_authzid | flag |  | no -- 
sender_bcc_maps | maps | cleanup |  -- copies by sender
sender_canonical_classes | words | cleanup | envelope_sender, header_sender -- 
sender_canonical_maps | maps | smtpd |  -- 
sender_dependent_default_transport_maps | maps | rewrite |  -- 
sender_dependent_relayhost_maps | maps | rewrite |  -- 
sendmail_fix_line_endings | text |  | always -- 
sendmail_path | text | postconf | /usr/sbin/sendmail -- 
service_name | text | lib |  -- 
service_throttle_time | seconds | master | 60s -- 
setgid_group | text | lib | postdrop -- 
shlib_directory | text | postconf | /usr/lib/postfix -- 
show_user_unknown_table_name | flag | rewrite smtpd | yes -- 
showq_service_name | text | lib postqueue | showq -- 
smtp_address_preference | text |  | any -- 
smtp_address_verify_target | text |  | rcpt -- 
smtp_always_send_ehlo | flag | smtp | yes -- 
smtp_balance_inet_protocols | flag |  | yes -- 
smtp_bind_address | text | smtp |  -- 
smtp_bind_address6 | text | smtp |  -- 
smtp_bind_address_enforce | flag |  | no -- 
smtp_body_checks | maps | smtp |  -- 
smtp_cname_overrides_servername | flag |  | no -- 
smtp_connect_timeout | seconds | smtp | 30s -- 
smtp_connection_cache_destinations | words |  |  -- 
smtp_connection_cache_on_demand | flag |  | yes -- 
smtp_connection_cache_time_limit | seconds |  | 2s -- 
smtp_connection_reuse_count_limit | number |  | 0 -- 
smtp_connection_reuse_time_limit | seconds |  | 300s -- 
smtp_data_done_timeout | seconds | smtp | 600s -- 
smtp_data_init_timeout | seconds | smtp | 120s -- 
smtp_data_xfer_timeout | seconds | smtp | 180s -- 
smtp_defer_if_no_mx_address_found | flag |  | no -- 
smtp_delivery_status_filter | text |  | $default_delivery_status_filter -- 
smtp_discard_ehlo_keyword_address_maps | maps |  |  -- 
smtp_discard_ehlo_keywords | words | smtp |  -- 
smtp_dns_reply_filter | text |  |  -- 
smtp_dns_resolver_options | words |  |  -- 
smtp_dns_support_level | text |  |  -- 
smtp_enforce_tls | flag |  | no -- 
smtp_fallback_relay | words | smtp | $fallback_relay -- where mail goes that no host of its destination takes
smtp_generic_maps | maps | smtp |  -- local addresses to rewrite on the way out
smtp_header_checks | maps | smtp |  -- 
smtp_helo_name | text | smtp | $myhostname -- 
smtp_helo_timeout | seconds | smtp | 300s -- 
smtp_host_lookup | words | lib smtp | dns -- dns, native (hosts file), or both
smtp_line_length_limit | number | smtp | 998 -- 
smtp_mail_timeout | seconds | smtp | 300s -- 
smtp_mime_header_checks | maps | smtp |  -- 
smtp_min_data_rate | number |  | 500 -- 
smtp_mx_address_limit | number | smtp | 5 -- 
smtp_mx_session_limit | number | smtp | 2 -- 
smtp_nested_header_checks | maps | smtp |  -- 
smtp_never_send_ehlo | flag | smtp | no -- 
smtp_per_request_deadline | flag |  | ${smtp_per_record_deadline?{$smtp_per_record_deadline}:{no}} -- 
smtp_pix_workaround_delay_time | seconds |  | 10s -- 
smtp_pix_workaround_maps | maps |  |  -- 
smtp_pix_workaround_threshold_time | seconds |  | 500s -- 
smtp_pix_workarounds | words |  | disable_esmtp,delay_dotcrlf -- 
smtp_quit_timeout | seconds | smtp | 300s -- 
smtp_quote_rfc821_envelope | flag |  | yes -- 
smtp_randomize_addresses | flag |  | yes -- 
smtp_rcpt_timeout | seconds | smtp | 300s -- 
smtp_reply_filter | text |  |  -- 
smtp_rset_timeout | seconds | smtp | 20s -- 
smtp_sasl_auth_cache_name | text |  |  -- 
smtp_sasl_auth_cache_time | seconds |  | 90d -- 
smtp_sasl_auth_enable | flag |  | no -- 
smtp_sasl_auth_soft_bounce | flag |  | yes -- 
smtp_sasl_mechanism_filter | text |  |  -- 
smtp_sasl_password_maps | maps |  |  -- 
smtp_sasl_path | text |  |  -- 
smtp_sasl_security_options | words |  | noplaintext, noanonymous -- 
smtp_sasl_tls_security_options | text |  | $smtp_sasl_security_options -- 
smtp_sasl_tls_verified_security_options | text |  | $smtp_sasl_tls_security_options -- 
smtp_sasl_type | text |  | cyrus -- 
smtp_send_dummy_mail_auth | flag |  | no -- 
smtp_send_xforward_command | flag | smtp | no -- 
smtp_sender_dependent_authentication | flag |  | no -- 
smtp_skip_5xx_greeting | flag | smtp | yes -- 
smtp_skip_quit_response | flag | smtp | yes -- 
smtp_starttls_timeout | seconds |  | 300s -- 
smtp_tcp_port | text |  | smtp -- 
smtp_tls_CAfile | text |  |  -- 
smtp_tls_CApath | text |  |  -- 
smtp_tls_block_early_mail_reply | flag |  | no -- 
smtp_tls_cert_file | text |  |  -- 
smtp_tls_chain_files | text |  |  -- 
smtp_tls_ciphers | text |  | medium -- 
smtp_tls_connection_reuse | flag |  | no -- 
smtp_tls_dane_insecure_mx_policy | text |  | ${{$smtp_tls_security_level} == {dane} ? {dane} : {may}} -- 
smtp_tls_dcert_file | text |  |  -- 
smtp_tls_dkey_file | text |  | $smtp_tls_dcert_file -- 
smtp_tls_eccert_file | text |  |  -- 
smtp_tls_eckey_file | text |  | $smtp_tls_eccert_file -- 
smtp_tls_enforce_peername | flag |  | yes -- 
smtp_tls_exclude_ciphers | text |  |  -- 
smtp_tls_fingerprint_cert_match | text |  |  -- 
smtp_tls_fingerprint_digest | text |  | ${{$compatibility_level} <level {3.6} ? {md5} : {sha256}} -- 
smtp_tls_force_insecure_host_tlsa_lookup | flag |  | no -- 
smtp_tls_key_file | text |  | $smtp_tls_cert_file -- 
smtp_tls_loglevel | number |  | 0 -- 
smtp_tls_mandatory_ciphers | text |  | medium -- 
smtp_tls_mandatory_exclude_ciphers | text |  |  -- 
smtp_tls_mandatory_protocols | text |  | >=TLSv1 -- 
smtp_tls_note_starttls_offer | flag |  | no -- 
smtp_tls_per_site | text |  |  -- 
smtp_tls_policy_maps | maps |  |  -- 
smtp_tls_protocols | text |  | >=TLSv1 -- 
smtp_tls_scert_verifydepth | number |  | 9 -- 
smtp_tls_secure_cert_match | text |  | nexthop, dot-nexthop -- 
smtp_tls_security_level | text |  |  -- 
smtp_tls_servername | text |  |  -- 
smtp_tls_session_cache_database | text |  |  -- 
smtp_tls_session_cache_timeout | seconds |  | 3600s -- 
smtp_tls_trust_anchor_file | text |  |  -- 
smtp_tls_verify_cert_match | text |  | hostname -- 
smtp_tls_wrappermode | flag |  | no -- 
smtp_use_tls | flag |  | no -- 
smtp_xforward_timeout | seconds | smtp | 300s -- 
smtpd_authorized_verp_clients | words |  | $authorized_verp_clients -- 
smtpd_authorized_xclient_hosts | words | smtpd |  -- 
smtpd_authorized_xforward_hosts | words | smtpd |  -- 
smtpd_banner | text | smtpd | $myhostname ESMTP $mail_name -- text after the 220 of the greeting
smtpd_client_auth_rate_limit | number |  | 0 -- 
smtpd_client_connection_count_limit | number | smtpd | 50 -- 
smtpd_client_connection_rate_limit | number | smtpd | 0 -- 
smtpd_client_event_limit_exceptions | words | smtpd | ${smtpd_client_connection_limit_exceptions:$mynetworks} -- 
smtpd_client_message_rate_limit | number | smtpd | 0 -- 
smtpd_client_new_tls_session_rate_limit | number |  | 0 -- 
smtpd_client_port_logging | flag |  | no -- 
smtpd_client_recipient_rate_limit | number | smtpd | 0 -- 
smtpd_client_restrictions | words | smtpd |  -- conditions on the client, at the start
smtpd_command_filter | text |  |  -- 
smtpd_data_restrictions | words | smtpd |  -- conditions at DATA
smtpd_delay_open_until_valid_rcpt | flag |  | yes -- 
smtpd_delay_reject | flag | smtpd | yes -- wait with refusals until RCPT TO
smtpd_discard_ehlo_keyword_address_maps | maps | smtpd |  -- 
smtpd_discard_ehlo_keywords | words | smtpd |  -- 
smtpd_dns_reply_filter | text |  |  -- 
smtpd_end_of_data_restrictions | words | smtpd |  -- conditions at the end of the message
smtpd_enforce_tls | flag |  | no -- 
smtpd_error_sleep_time | seconds | smtpd | 1s -- pause after errors of a client
smtpd_etrn_restrictions | words | smtpd |  -- 
smtpd_expansion_filter | text |  | \t\40!"#$%&'()*+,-./0123456789:;<=>?@ABCDEFGHIJKLMNOPQRSTUVWXYZ[\\]^_`abcdefghijklmnopqrstuvwxyz{|}~ -- 
smtpd_forbid_bare_newline | text | smtpd | no -- 
smtpd_forbid_bare_newline_exclusions | words | smtpd | $mynetworks -- 
smtpd_forbid_bare_newline_reject_code | number | smtpd | 550 -- 
smtpd_forbid_unauth_pipelining | flag | smtpd | no -- 
smtpd_forbidden_commands | words | smtpd | CONNECT GET POST regexp:{{/^[^A-Z]/ Bogus}} -- 
smtpd_hard_error_limit | number | smtpd | ${stress?{1}:{20}} -- errors after which the client is cut off
smtpd_helo_required | flag | smtpd | no -- refuse mail without HELO or EHLO
smtpd_helo_restrictions | words | smtpd |  -- conditions on the name in HELO
smtpd_history_flush_threshold | number |  | 100 -- 
smtpd_junk_command_limit | number | smtpd | ${stress?{1}:{100}} -- 
smtpd_log_access_permit_actions | words |  |  -- 
smtpd_milter_maps | maps |  |  -- 
smtpd_milters | words |  |  -- 
smtpd_min_data_rate | number |  | 500 -- 
smtpd_noop_commands | words | smtpd |  -- 
smtpd_null_access_lookup_key | text | smtpd | <> -- 
smtpd_peername_lookup | flag | smtpd | yes -- 
smtpd_per_request_deadline | flag |  | ${smtpd_per_record_deadline?{$smtpd_per_record_deadline}:{${stress?{yes}:{no}}}} -- 
smtpd_policy_service_default_action | text | smtpd | 451 4.3.5 Server configuration problem -- 
smtpd_policy_service_max_idle | seconds |  | 300s -- 
smtpd_policy_service_max_ttl | seconds |  | 1000s -- 
smtpd_policy_service_policy_context | text | smtpd |  -- 
smtpd_policy_service_request_limit | number |  | 0 -- 
smtpd_policy_service_retry_delay | seconds | smtpd | 1s -- 
smtpd_policy_service_timeout | seconds | smtpd | 100s -- 
smtpd_policy_service_try_limit | number | smtpd | 2 -- 
smtpd_proxy_ehlo | text |  | $myhostname -- 
smtpd_proxy_filter | text |  |  -- 
smtpd_proxy_options | words |  |  -- 
smtpd_proxy_timeout | seconds |  | 100s -- 
smtpd_recipient_limit | number | smtpd | 1000 -- recipients of one message
smtpd_recipient_overshoot_limit | number | smtpd | 1000 -- 
smtpd_recipient_restrictions | words | smtpd |  -- conditions at RCPT TO, against unwanted mail
smtpd_reject_footer | text |  |  -- 
smtpd_reject_footer_maps | maps |  |  -- 
smtpd_reject_unlisted_recipient | flag | smtpd | yes -- 
smtpd_reject_unlisted_sender | flag | smtpd | no -- 
smtpd_relay_before_recipient_restrictions | flag | smtpd | ${{$compatibility_level} <level {3.6} ? {no} : {yes}} -- 
smtpd_relay_restrictions | words | smtpd | ${{$compatibility_level} <level {1} ? {} : {permit_mynetworks, permit_sasl_authenticated, defer_unauth_destination}} -- conditions at RCPT TO, on who may relay
smtpd_restriction_classes | words | smtpd |  -- names for lists of restrictions
smtpd_sasl_auth_enable | flag |  | no -- 
smtpd_sasl_authenticated_header | flag |  | no -- 
smtpd_sasl_exceptions_networks | words |  |  -- 
smtpd_sasl_local_domain | text |  |  -- 
smtpd_sasl_mechanism_filter | words |  | !external, static:rest -- 
smtpd_sasl_path | text |  | smtpd -- 
smtpd_sasl_response_limit | number |  | 12288 -- 
smtpd_sasl_security_options | words |  | noanonymous -- 
smtpd_sasl_service | text |  | smtp -- 
smtpd_sasl_tls_security_options | text |  | $smtpd_sasl_security_options -- 
smtpd_sasl_type | text |  | cyrus -- 
smtpd_sender_login_maps | maps | smtpd |  -- 
smtpd_sender_restrictions | words | smtpd |  -- conditions on MAIL FROM
smtpd_service_name | text | lib | smtpd -- 
smtpd_soft_error_limit | number | smtpd | 10 -- 
smtpd_starttls_timeout | seconds |  | ${stress?{10}:{300}}s -- 
smtpd_timeout | seconds | smtpd | ${stress?{10}:{300}}s -- 
smtpd_tls_CAfile | text |  |  -- 
smtpd_tls_CApath | text |  |  -- 
smtpd_tls_always_issue_session_ids | flag |  | yes -- 
smtpd_tls_ask_ccert | flag |  | no -- 
smtpd_tls_auth_only | flag |  | no -- 
smtpd_tls_ccert_verifydepth | number |  | 9 -- 
smtpd_tls_cert_file | text |  |  -- 
smtpd_tls_chain_files | text |  |  -- 
smtpd_tls_ciphers | text |  | medium -- 
smtpd_tls_dcert_file | text |  |  -- 
smtpd_tls_dh1024_param_file | text |  |  -- 
smtpd_tls_dh512_param_file | text |  |  -- 
smtpd_tls_dkey_file | text |  | $smtpd_tls_dcert_file -- 
smtpd_tls_eccert_file | text |  |  -- 
smtpd_tls_eckey_file | text |  | $smtpd_tls_eccert_file -- 
smtpd_tls_eecdh_grade | text |  | auto -- 
smtpd_tls_exclude_ciphers | text |  |  -- 
smtpd_tls_fingerprint_digest | text |  | ${{$compatibility_level} <level {3.6} ? {md5} : {sha256}} -- 
smtpd_tls_key_file | text |  | $smtpd_tls_cert_file -- 
smtpd_tls_loglevel | number |  | 0 -- 
smtpd_tls_mandatory_ciphers | text |  | medium -- 
smtpd_tls_mandatory_exclude_ciphers | text |  |  -- 
smtpd_tls_mandatory_protocols | text |  | >=TLSv1 -- 
smtpd_tls_protocols | text |  | >=TLSv1 -- 
smtpd_tls_received_header | flag |  | no -- 
smtpd_tls_req_ccert | flag |  | no -- 
smtpd_tls_security_level | text |  |  -- 
smtpd_tls_session_cache_database | text |  |  -- 
smtpd_tls_session_cache_timeout | seconds |  | 3600s -- 
smtpd_tls_wrappermode | flag |  | no -- 
smtpd_upstream_proxy_protocol | text |  |  -- 
smtpd_upstream_proxy_timeout | seconds |  | 5s -- 
smtpd_use_tls | flag |  | no -- 
smtputf8_autodetect_classes | words |  | sendmail, verify -- 
smtputf8_enable | flag | bounce smtpd | ${{$compatibility_level} <level {1} ? {no} : {yes}} -- 
soft_bounce | flag | lib smtpd | no -- turn every permanent refusal into a temporary one
stale_lock_time | seconds | lib | 500s -- 
stress | text | lib smtpd |  -- 
strict_7bit_headers | flag |  | no -- 
strict_8bitmime | flag |  | no -- 
strict_8bitmime_body | flag |  | no -- 
strict_mailbox_ownership | flag | local virtual | yes -- 
strict_mime_encoding_domain | flag |  | no -- 
strict_rfc821_envelopes | flag | smtpd | no -- 
strict_smtputf8 | flag |  | no -- 
sun_mailtool_compatibility | flag |  | no -- 
swap_bangpath | flag | rewrite | yes -- 
syslog_facility | text |  | mail -- 
syslog_name | text | lib master | ${multi_instance_name?{$multi_instance_name}:{postfix}} -- 
tcp_windowsize | number |  | 0 -- 
tls_append_default_CA | flag |  | no -- 
tls_config_file | text |  | default -- 
tls_config_name | text |  |  -- 
tls_daemon_random_bytes | number |  | 32 -- 
tls_dane_digests | text |  | sha512 sha256 -- 
tls_disable_workarounds | text |  |  -- 
tls_eecdh_auto_curves | text |  | X25519 X448 prime256v1 secp521r1 secp384r1 -- 
tls_eecdh_strong_curve | text |  | prime256v1 -- 
tls_eecdh_ultra_curve | text |  | secp384r1 -- 
tls_export_cipherlist | text |  | aNULL:-aNULL:HIGH:MEDIUM:LOW:EXPORT:+RC4:@STRENGTH -- 
tls_fast_shutdown_enable | flag |  | yes -- 
tls_high_cipherlist | text |  | aNULL:-aNULL:HIGH:@STRENGTH -- 
tls_legacy_public_key_fingerprints | flag |  | no -- 
tls_low_cipherlist | text |  | aNULL:-aNULL:HIGH:MEDIUM:LOW:+RC4:@STRENGTH -- 
tls_medium_cipherlist | text |  | aNULL:-aNULL:HIGH:MEDIUM:+RC4:@STRENGTH -- 
tls_null_cipherlist | text |  | eNULL:!aNULL -- 
tls_preempt_cipherlist | flag |  | no -- 
tls_random_bytes | number |  | 32 -- 
tls_random_exchange_name | text |  | ${data_directory}/prng_exch -- 
tls_random_prng_update_period | seconds |  | 3600s -- 
tls_random_reseed_period | seconds |  | 3600s -- 
tls_random_source | text |  | dev:/dev/urandom -- 
tls_server_sni_maps | maps |  |  -- 
tls_session_ticket_cipher | text |  | aes-256-cbc -- 
tls_ssl_options | text |  |  -- 
tls_wildcard_matches_multiple_labels | flag |  | yes -- 
tlsmgr_service_name | text |  | tlsmgr -- 
tlsproxy_client_CAfile | text |  | $smtp_tls_CAfile -- 
tlsproxy_client_CApath | text |  | $smtp_tls_CApath -- 
tlsproxy_client_cert_file | text |  | $smtp_tls_cert_file -- 
tlsproxy_client_chain_files | text |  | $smtp_tls_chain_files -- 
tlsproxy_client_dcert_file | text |  | $smtp_tls_dcert_file -- 
tlsproxy_client_dkey_file | text |  | $smtp_tls_dkey_file -- 
tlsproxy_client_eccert_file | text |  | $smtp_tls_eccert_file -- 
tlsproxy_client_eckey_file | text |  | $smtp_tls_eckey_file -- 
tlsproxy_client_enforce_tls | text |  | $smtp_enforce_tls -- 
tlsproxy_client_fingerprint_digest | text |  | $smtp_tls_fingerprint_digest -- 
tlsproxy_client_key_file | text |  | $smtp_tls_key_file -- 
tlsproxy_client_loglevel | text |  | $smtp_tls_loglevel -- 
tlsproxy_client_loglevel_parameter | text |  | smtp_tls_loglevel -- 
tlsproxy_client_per_site | text |  | $smtp_tls_per_site -- 
tlsproxy_client_policy_maps | maps |  | ${tlsproxy_client_policy:$smtp_tls_policy_maps} -- 
tlsproxy_client_scert_verifydepth | text |  | $smtp_tls_scert_verifydepth -- 
tlsproxy_client_security_level | text |  | ${tlsproxy_client_level:$smtp_tls_security_level} -- 
tlsproxy_client_use_tls | text |  | $smtp_use_tls -- 
tlsproxy_enforce_tls | text |  | $smtpd_enforce_tls -- 
tlsproxy_service_name | text |  | tlsproxy -- 
tlsproxy_tls_CAfile | text |  | $smtpd_tls_CAfile -- 
tlsproxy_tls_CApath | text |  | $smtpd_tls_CApath -- 
tlsproxy_tls_always_issue_session_ids | text |  | $smtpd_tls_always_issue_session_ids -- 
tlsproxy_tls_ask_ccert | text |  | $smtpd_tls_ask_ccert -- 
tlsproxy_tls_ccert_verifydepth | text |  | $smtpd_tls_ccert_verifydepth -- 
tlsproxy_tls_cert_file | text |  | $smtpd_tls_cert_file -- 
tlsproxy_tls_chain_files | text |  | $smtpd_tls_chain_files -- 
tlsproxy_tls_ciphers | text |  | $smtpd_tls_ciphers -- 
tlsproxy_tls_dcert_file | text |  | $smtpd_tls_dcert_file -- 
tlsproxy_tls_dh1024_param_file | text |  | $smtpd_tls_dh1024_param_file -- 
tlsproxy_tls_dh512_param_file | text |  | $smtpd_tls_dh512_param_file -- 
tlsproxy_tls_dkey_file | text |  | $smtpd_tls_dkey_file -- 
tlsproxy_tls_eccert_file | text |  | $smtpd_tls_eccert_file -- 
tlsproxy_tls_eckey_file | text |  | $smtpd_tls_eckey_file -- 
tlsproxy_tls_eecdh_grade | text |  | $smtpd_tls_eecdh_grade -- 
tlsproxy_tls_exclude_ciphers | text |  | $smtpd_tls_exclude_ciphers -- 
tlsproxy_tls_fingerprint_digest | text |  | $smtpd_tls_fingerprint_digest -- 
tlsproxy_tls_key_file | text |  | $smtpd_tls_key_file -- 
tlsproxy_tls_loglevel | text |  | $smtpd_tls_loglevel -- 
tlsproxy_tls_mandatory_ciphers | text |  | $smtpd_tls_mandatory_ciphers -- 
tlsproxy_tls_mandatory_exclude_ciphers | text |  | $smtpd_tls_mandatory_exclude_ciphers -- 
tlsproxy_tls_mandatory_protocols | text |  | $smtpd_tls_mandatory_protocols -- 
tlsproxy_tls_protocols | text |  | $smtpd_tls_protocols -- 
tlsproxy_tls_req_ccert | text |  | $smtpd_tls_req_ccert -- 
tlsproxy_tls_security_level | text |  | $smtpd_tls_security_level -- 
tlsproxy_use_tls | text |  | $smtpd_use_tls -- 
tlsproxy_watchdog_timeout | seconds |  | 10s -- 
trace_service_name | text | bounce lib | trace -- 
transport_maps | maps | rewrite |  -- transport:nexthop by recipient or domain
transport_retry_time | seconds | qmgr | 60s -- 
trigger_timeout | seconds |  | 10s -- 
undisclosed_recipients_header | text | cleanup |  -- 
unknown_address_reject_code | number | smtpd | 450 -- 
unknown_address_tempfail_action | text | smtpd | $reject_tempfail_action -- 
unknown_client_reject_code | number | smtpd | 450 -- 
unknown_helo_hostname_tempfail_action | text | smtpd | $reject_tempfail_action -- 
unknown_hostname_reject_code | number | smtpd | 450 -- 
unknown_local_recipient_reject_code | number | smtpd | 550 -- 
unknown_relay_recipient_reject_code | number | smtpd | 550 -- 
unknown_virtual_alias_reject_code | number | smtpd | 550 -- 
unknown_virtual_mailbox_reject_code | number | smtpd | 550 -- 
unverified_recipient_defer_code | number | smtpd | 450 -- 
unverified_recipient_reject_code | number | smtpd | 450 -- 
unverified_recipient_reject_reason | text | smtpd |  -- 
unverified_recipient_tempfail_action | text | smtpd | $reject_tempfail_action -- 
unverified_sender_defer_code | number | smtpd | 450 -- 
unverified_sender_reject_code | number | smtpd | 450 -- 
unverified_sender_reject_reason | text | smtpd |  -- 
unverified_sender_tempfail_action | text | smtpd | $reject_tempfail_action -- 
verp_delimiter_filter | text |  | -=+ -- 
virtual_alias_address_length_limit | number | cleanup | 1000 -- 
virtual_alias_domains | words | rewrite | $virtual_alias_maps -- domains all of whose addresses are aliases
virtual_alias_expansion_limit | number | cleanup | 1000 -- 
virtual_alias_maps | maps | cleanup rewrite smtpd | $virtual_maps -- aliases for addresses of any domain
virtual_alias_recursion_limit | number | cleanup | 1000 -- 
virtual_delivery_status_filter | text |  | $default_delivery_status_filter -- 
virtual_gid_maps | maps | virtual |  -- group of each virtual mailbox
virtual_mailbox_base | text | virtual |  -- directory below which virtual mailboxes are
virtual_mailbox_domains | words | rewrite | $virtual_mailbox_maps -- domains of mailboxes without accounts
virtual_mailbox_limit | number | virtual | 51200000 -- how large a virtual mailbox may grow
virtual_mailbox_lock | words | virtual | fcntl, dotlock -- 
virtual_mailbox_maps | maps | rewrite smtpd virtual |  -- virtual mailbox of each address
virtual_minimum_uid | number | virtual | 100 -- 
virtual_transport | text | rewrite | virtual -- 
virtual_uid_maps | maps | virtual |  -- owner of each virtual mailbox
"""
