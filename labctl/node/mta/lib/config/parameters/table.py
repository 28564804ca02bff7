"""The rows of the parameter table: name | kind bounds | readers | default -- doc.

The order is that of postconf(5). Bounds are those with which Postfix refuses to run, `1..`,
`..10` or `200..599`; those of a text are for its length.
"""

# ruff: noqa: E501 (a row is a line)

from typing import Final

TABLE: Final = r"""
2bounce_notice_recipient | text 1.. | bounce | postmaster -- who gets the postmaster's copy of mail that neither arrived nor could be returned
access_map_defer_code | number | smtpd | 450 -- reply code of DEFER in an access(5) table
access_map_reject_code | number | smtpd | 554 -- reply code of REJECT in an access(5) table
address_verify_cache_cleanup_interval | seconds |  | 12h -- how often verify(8) removes expired probe results; 0 keeps them
address_verify_default_transport | text 1.. | rewrite | $default_transport -- what default_transport is for probes
address_verify_local_transport | text 1.. | rewrite | $local_transport -- what local_transport is for probes
address_verify_map | maps | verify | btree:$data_directory/verify_cache -- table in which verify(8) keeps probe results; empty keeps them in memory only
address_verify_negative_cache | flag | lib verify | yes -- remember failed probes too, so that a bad address is not probed at every attempt
address_verify_negative_expire_time | seconds 1.. | verify | 3d -- how long a failed probe is believed
address_verify_negative_refresh_time | seconds 1.. | verify | 3h -- age at which a failed probe is made again
address_verify_pending_request_limit | number 1.. |  | 5000 -- probes that may wait in the queue before smtpd(8) defers instead of asking
address_verify_poll_count | number 1.. | smtpd | ${stress?{1}:{3}} -- how often smtpd(8) asks for the result of a probe before it answers 450
address_verify_poll_delay | seconds 1.. | smtpd | 3s -- pause between two of these questions
address_verify_positive_expire_time | seconds 1.. | verify | 31d -- how long a successful probe is believed
address_verify_positive_refresh_time | seconds 1.. | verify | 7d -- age at which a successful probe is made again
address_verify_relay_transport | text 1.. | rewrite | $relay_transport -- what relay_transport is for probes
address_verify_relayhost | text | rewrite | $relayhost -- what relayhost is for probes
address_verify_sender | text | verify | $double_bounce_sender -- sender of probes; empty or <> stands for the null sender
address_verify_sender_dependent_default_transport_maps | maps | rewrite | $sender_dependent_default_transport_maps -- what sender_dependent_default_transport_maps is for probes
address_verify_sender_dependent_relayhost_maps | maps | rewrite | $sender_dependent_relayhost_maps -- what sender_dependent_relayhost_maps is for probes
address_verify_sender_ttl | seconds |  | 0s -- how long a time-dependent probe sender is valid; 0 for one that never changes
address_verify_service_name | text 1.. | lib | verify -- the service of master.cf that keeps probe results
address_verify_transport_maps | maps | rewrite | $transport_maps -- what transport_maps is for probes
address_verify_virtual_transport | text 1.. | rewrite | $virtual_transport -- what virtual_transport is for probes
alias_database | maps | newaliases | hash:/etc/aliases -- the tables that newaliases(1) makes
alias_maps | maps | local smtpd | hash:/etc/aliases, nis:mail.aliases -- the tables in which local(8) looks up names
allow_mail_to_commands | words | local | alias, forward -- where local(8) obeys "|command": alias, forward, include
allow_mail_to_files | words | local | alias, forward -- where local(8) obeys /file/name: alias, forward, include
allow_min_user | flag | rewrite | no -- accept recipients whose local part begins with a minus sign
allow_percent_hack | flag | rewrite | yes -- take user%domain for user@domain
allow_untrusted_routing | flag | smtpd | no -- relay user@elsewhere@here for strangers too; opens the relay of others
alternate_config_directories | words | sendmail |  -- configuration directories other than the default that set-gid commands accept
always_add_missing_headers | flag | cleanup | no -- add Date, Message-Id and From to mail from outside too
always_bcc | text | cleanup |  -- an address that gets a copy of everything
anvil_rate_time_unit | seconds 1.. | anvil | 60s -- the period over which anvil(8) counts the rates of clients
anvil_status_update_time | seconds 1.. |  | 600s -- how often anvil(8) logs its highest counts
append_at_myorigin | flag | rewrite | yes -- complete `user` to user@myorigin
append_dot_mydomain | flag | rewrite | ${{$compatibility_level} <level {1} ? {yes} : {no}} -- complete `user@host` to user@host.mydomain
application_event_drain_time | seconds 1.. |  | 100s -- how long a program goes on with pending input when it is told to end
authorized_flush_users | words | postqueue | static:anyone -- who may flush the queue with postqueue -f, -s and -i
authorized_mailq_users | words | postqueue | static:anyone -- who may list the queue
authorized_submit_users | words | postdrop sendmail | static:anyone -- who may submit mail with sendmail(1)
backwards_bounce_logfile_compatibility | flag |  | yes -- write bounce logs in the form of old releases as well
berkeley_db_create_buffer_size | number 1.. |  | 16777216 -- bytes of memory for making a hash: or btree: file
berkeley_db_read_buffer_size | number 1.. |  | 131072 -- bytes of memory for reading a hash: or btree: file
best_mx_transport | text | smtp |  -- transport for mail of which this host is the best MX, instead of "loops back to myself"
biff | flag | lib | yes -- tell users at once that mail has come
body_checks | maps | cleanup |  -- tables of patterns for lines of the body
body_checks_size_limit | number | cleanup | 51200 -- bytes of each body part that body_checks look at
bounce_notice_recipient | text 1.. | bounce | postmaster -- who gets the postmaster's copies of bounces
bounce_queue_lifetime | seconds ..8640000 | lib qmgr | 5d -- how long a bounce is tried before it is given up
bounce_service_name | text 1.. | lib | bounce -- the service of master.cf that reports failures
bounce_size_limit | number 1.. | bounce | 50000 -- bytes of the original message that a report returns; of a longer one only the headers
bounce_template_file | text | lib |  -- file with the texts of bounces, delay warnings and reports
broken_sasl_auth_clients | flag |  | no -- announce AUTH= as well, for old clients that know no other
canonical_classes | words 1.. | cleanup | envelope_sender, envelope_recipient, header_sender, header_recipient -- which addresses canonical_maps rewrites
canonical_maps | maps | smtpd |  -- addresses to rewrite everywhere, in envelope and headers
cleanup_replace_stray_cr_lf | flag | cleanup | yes -- turn CR and LF that are no line ending into spaces, against SMTP smuggling
cleanup_service_name | text 1.. | lib | cleanup -- the service of master.cf that writes new mail into the queue
command_directory | text 1.. | postconf | /usr/sbin -- where the administrative commands are
command_execution_directory | text | local |  -- where local(8) runs a command; $home and the like are known
command_expansion_filter | text 1.. | local | 1234567890!@%-_=+:,./abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ -- characters that $name may bring into mailbox_command and command_execution_directory
command_time_limit | seconds 1.. | local pipe spawn | 1000s -- how long a delivery command may run
compatibility_level | text | bounce lib postqueue rewrite smtpd | 0 -- whose defaults to take: those of an old release, or of this one
config_directory | text | lib | /etc/postfix -- where main.cf and master.cf are
confirm_delay_cleared | flag |  | no -- tell the sender when mail that was reported as late has arrived
connection_cache_protocol_timeout | seconds 1.. | lib scache | 5s -- patience with scache(8)
connection_cache_service_name | text 1.. | lib | scache -- the service of master.cf that keeps open connections
connection_cache_status_update_time | seconds 1.. |  | 600s -- how often scache(8) logs its figures
connection_cache_ttl_limit | seconds 1.. | scache | 2s -- longest time that scache(8) keeps a connection
content_filter | text | pickup postcat smtpd |  -- transport:nexthop that all new mail goes through
cyrus_sasl_config_path | text |  |  -- where Cyrus SASL looks for its configuration
daemon_directory | text 1.. | master | /usr/lib/postfix/sbin -- where the daemons are
daemon_table_open_error_is_fatal | flag |  | no -- end a daemon whose table does not open, instead of deferring the mail that needs it
daemon_timeout | seconds 1.. | qmgr | 18000s -- how long a daemon may take for one request before its watchdog ends it
data_directory | text 1.. | lib verify | /var/lib/postfix -- files that daemons write and own, such as caches
debug_peer_level | number 1.. |  | 2 -- how much more verbose the log is for the peers of debug_peer_list
debug_peer_list | words | smtpd |  -- hosts, networks and domains whose sessions are logged in detail
debugger_command | text |  |  -- command that starts a debugger on a daemon called with -D
default_database_type | text 1.. | lib table_command | hash -- the type of a table that is named without one
default_delivery_slot_cost | number | qmgr | 5 -- deliveries after which a transport earns a slot for another message; 0 never
default_delivery_slot_discount | number ..100 | qmgr | 50 -- percentage of slots that a preempting message is let off
default_delivery_slot_loan | number | qmgr | 3 -- slots that a preempting message may borrow
default_delivery_status_filter | text | lib |  -- table that rewrites status codes and texts of deliveries
default_destination_concurrency_failed_cohort_limit | number | qmgr | 1 -- failed rounds of connections after which a destination is dead; 0 for never
default_destination_concurrency_limit | number | qmgr | 20 -- deliveries to one destination at the same time
default_destination_concurrency_negative_feedback | number 1.. | qmgr | 1 -- how much a failure lowers the concurrency: a number, 1/concurrency, ...
default_destination_concurrency_positive_feedback | number 1.. | qmgr | 1 -- how much a success raises the concurrency: a number, 1/concurrency, ...
default_destination_rate_delay | seconds | qmgr | 0s -- pause between two deliveries to one destination
default_destination_recipient_limit | number | qmgr | 50 -- recipients of one delivery
default_extra_recipient_limit | number | qmgr | 1000 -- recipients beyond the limit that qmgr(8) keeps for preempting messages
default_filter_nexthop | text |  |  -- next hop of a content_filter that names none; empty for the recipient's domain
default_minimum_delivery_slots | number | qmgr | 3 -- slots that a message must be able to collect before it may be preempted
default_privs | text 1.. | local | nobody -- account for commands and files of aliases that root owns; never root or mail_owner
default_process_limit | number 1.. | lib master | 100 -- processes of one service, where master.cf does not say
default_rbl_reply | text 1.. | lib smtpd | $rbl_code Service unavailable; $rbl_class [$rbl_what] blocked using $rbl_domain${rbl_reason?; $rbl_reason} -- what a client hears that a DNS list names
default_recipient_limit | number | qmgr | 20000 -- recipients of one transport that qmgr(8) keeps in memory
default_recipient_refill_delay | seconds 1.. | qmgr | 5s -- longest wait before more recipients of a message are read
default_recipient_refill_limit | number 1.. | qmgr | 100 -- recipients that are read at once when there is room
default_transport | text 1.. | rewrite | smtp -- transport of mail for elsewhere
default_transport_rate_delay | seconds | qmgr | 0s -- pause between two deliveries over one transport
default_verp_delimiters | text 2..2 | smtpd | += -- the two characters of a VERP sender: owner+user=domain@here
defer_code | number | smtpd | 450 -- reply code of defer
defer_service_name | text 1.. | lib | defer -- the service of master.cf that logs deferred recipients
defer_transports | words | qmgr |  -- transports whose mail waits until somebody flushes the queue
delay_logging_resolution_limit | number ..6 | lib | 2 -- digits behind the point in the delays of the log, 0 to 6
delay_notice_recipient | text 1.. | bounce | postmaster -- who gets the postmaster's copies of delay warnings
delay_warning_time | seconds | cleanup lib | 0h -- tell the sender after this time that mail is waiting
deliver_lock_attempts | number 1.. | lib | 20 -- how often a mailbox lock is tried
deliver_lock_delay | seconds 1.. | lib | 1s -- pause between two tries
destination_concurrency_feedback_debug | flag |  | no -- log how qmgr(8) changes the concurrency of destinations
detect_8bit_encoding_header | flag | cleanup | yes -- look for 8-bit text below headers that announce it
disable_dns_lookups | flag | lib smtp | no -- let the SMTP client find hosts without MX lookups
disable_mime_input_processing | flag | cleanup lib | no -- take no notice of MIME structure in mail that comes in
disable_mime_output_conversion | flag | lib | no -- never turn 8-bit mail into quoted-printable for servers without 8BITMIME
disable_verp_bounces | flag |  | no -- one bounce for a VERP message instead of one for each recipient
disable_vrfy_command | flag | smtpd | no -- refuse VRFY, which tells who exists
dns_ncache_ttl_fix_enable | flag |  | no -- obey the time to live of negative answers of old resolver libraries
dnsblog_reply_delay | seconds |  | 0s -- artificial delay of DNS list lookups, for tests
dnsblog_service_name | text 1.. |  | dnsblog -- the service of master.cf that asks DNS lists for postscreen(8)
dnssec_probe | text |  | ns:. -- query that tells whether the resolver validates DNSSEC
dont_remove | number |  | 0 -- 1 keeps delivered mail in saved/, for debugging
double_bounce_sender | text 1.. | bounce qmgr smtp smtpd verify | double-bounce -- the sender of mail that must not bounce
duplicate_filter_limit | number | local | 1000 -- addresses that are remembered to suppress duplicates in aliases and expansions
empty_address_default_transport_maps_lookup_key | text 1.. | rewrite | <> -- what the null sender is in sender_dependent_default_transport_maps
empty_address_local_login_sender_maps_lookup_key | text |  | <> -- what the null sender is in local_login_sender_maps
empty_address_recipient | text 1.. | cleanup rewrite | MAILER-DAEMON -- local part that stands for a null recipient
empty_address_relayhost_maps_lookup_key | text 1.. | rewrite | <> -- what the null sender is in sender_dependent_relayhost_maps
enable_idna2003_compatibility | flag |  | no -- use the older conversion of international domain names
enable_long_queue_ids | flag | lib postqueue | no -- queue ids that are never used twice, with the time in them
enable_original_recipient | flag | cleanup lib | yes -- keep the address as it came, for X-Original-To and bounces
enable_threaded_bounces | flag |  | no -- give reports References and In-Reply-To of the mail they are about
error_notice_recipient | text 1.. | smtp smtpd | postmaster -- who gets reports of software, resource and protocol errors
error_service_name | text 1.. | lib qmgr | error -- the service of master.cf that fails mail on purpose
execution_directory_expansion_filter | text 1.. | local | 1234567890!@%-_=+:,./abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ -- characters that $name may bring into command_execution_directory
expand_owner_alias | flag | local | no -- use what owner-list stands for as the sender of list mail, not owner-list itself
export_environment | words | lib local | TZ MAIL_CONFIG LANG -- variables that commands and other outside programs inherit
fallback_transport | text | local |  -- transport for names that local(8) does not find
fallback_transport_maps | maps | local |  -- fallback_transport by recipient
fast_flush_domains | words | lib postqueue | $relay_domains -- destinations whose waiting mail ETRN can ask for
fast_flush_purge_time | seconds 1.. | flush | 7d -- idle time after which the list of mail for a site is dropped
fast_flush_refresh_time | seconds 1.. |  | 12h -- time after which the list of mail for a site is checked, although nobody asked
fault_injection_code | number |  | 0 -- simulates certain internal errors, for tests
flush_service_name | text 1.. | lib | flush -- the service of master.cf that lists deferred mail by site
fork_attempts | number 1.. |  | 5 -- how often fork(2) is tried
fork_delay | seconds 1.. |  | 1s -- pause between two tries
forward_expansion_filter | text 1.. | local | 1234567890!@%-_=+:,./abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ -- characters that $name may bring into forward_path
forward_path | words | local | $home/.forward${recipient_delimiter}${extension}, $home/.forward -- where local(8) looks for .forward files
frozen_delivered_to | flag | local | yes -- keep Delivered-To: as it came while aliases and .forward files are expanded
hash_queue_depth | number 1.. | lib | 1 -- levels of subdirectories in the queues of hash_queue_names, 1 to 16
hash_queue_names | words 1.. | lib postsuper | deferred, defer -- queue directories that are split into subdirectories
header_address_token_limit | number 1.. | cleanup lib | 10240 -- words of an address header that are looked at; the rest is cut off
header_checks | maps | cleanup |  -- tables of patterns for headers
header_from_format | text 1.. | cleanup | standard -- form of the From: that is added: standard or obsolete
header_size_limit | number 1.. | cleanup lib | 102400 -- bytes of one header that are kept; the rest becomes body or is cut off
helpful_warnings | flag | lib | yes -- log hints about likely mistakes in tables and settings
home_mailbox | text | local |  -- the mailbox below the home directory; Maildir/ for a Maildir
hopcount_limit | number 1.. | cleanup | 50 -- Received headers that make a message a looping one
html_directory | text 1.. | postconf | /usr/share/doc/postfix/html -- where the manual is as HTML
ignore_mx_lookup_error | flag | smtp | no -- take a host without an answer about MX for one that has none
import_environment | words | lib | MAIL_CONFIG MAIL_DEBUG MAIL_LOGTAG TZ XAUTHORITY DISPLAY LANG=C POSTLOG_SERVICE POSTLOG_HOSTNAME -- variables that Postfix programs keep; name=value sets one
in_flow_delay | seconds ..10 |  | 1s -- pause of a sender when mail comes faster than it goes
inet_interfaces | words | lib master | all -- addresses at which mail is received
inet_protocols | words | lib master smtp smtpd | all -- ipv4, ipv6 or all
info_log_address_format | text 1.. |  | external -- form of addresses in the log: external (quoted) or internal
initial_destination_concurrency | number 1.. | qmgr | 5 -- deliveries to a destination that run side by side at first
internal_mail_filter_classes | words |  |  -- mail of the system itself that filters see too: bounce, notify
invalid_hostname_reject_code | number | smtpd | 501 -- reply code of reject_invalid_helo_hostname
ipc_idle | seconds 1.. |  | 5s -- idle time after which a client closes its connection to an internal service
ipc_timeout | seconds 1.. | cleanup lib local master showq | 3600s -- patience with internal services
ipc_ttl | seconds 1.. |  | 1000s -- age at which a connection to an internal service is closed
known_tcp_ports | words |  | lmtp=24, smtp=25, smtps=submissions=465, submission=587 -- port numbers by name that need no /etc/services
line_length_limit | number 512.. | lib sendmail smtpd | 2048 -- bytes of a line that programs take at once; longer ones are cut into pieces
lmdb_map_size | size 1.. |  | 16777216 -- bytes that a new lmdb: file may have; it grows where that is too little
lmtp_address_preference | text 1.. | smtp | any -- which addresses of a host to try first: any, ipv4 or ipv6
lmtp_address_verify_target | text 1.. | smtp | rcpt -- the stage at which a probe ends: rcpt or data
lmtp_assume_final | flag | smtp | no -- report delivery as final when the server announces no DSN
lmtp_balance_inet_protocols | flag | smtp | yes -- try IPv4 and IPv6 addresses in turn within the limits of a session
lmtp_bind_address | text | smtp |  -- IPv4 address that connections come from
lmtp_bind_address6 | text | smtp |  -- IPv6 address that connections come from
lmtp_bind_address_enforce | flag | smtp | no -- defer mail when the bind address cannot be used, instead of taking another
lmtp_body_checks | maps | smtp |  -- tables of patterns for body lines of mail that goes out
lmtp_cname_overrides_servername | flag |  | no -- use the name that a CNAME leads to for logins and certificates
lmtp_connect_timeout | seconds | smtp | 0s -- patience with the connection; 0 leaves it to the system
lmtp_connection_cache_destinations | words | smtp |  -- destinations whose connections are always kept for later mail
lmtp_connection_cache_on_demand | flag | smtp | yes -- keep connections while there is much mail for a destination
lmtp_connection_cache_time_limit | seconds 1.. | smtp | 2s -- how long an unused connection is kept
lmtp_connection_reuse_count_limit | number | smtp | 0 -- deliveries over one connection; 0 for no limit
lmtp_connection_reuse_time_limit | seconds 1.. | smtp | 300s -- age up to which a connection is used again
lmtp_data_done_timeout | seconds 1.. | smtp | 600s -- patience with the reply to the end of a message
lmtp_data_init_timeout | seconds 1.. | smtp | 120s -- patience with the reply to DATA
lmtp_data_xfer_timeout | seconds 1.. | smtp | 180s -- patience with each piece of a message that is sent
lmtp_defer_if_no_mx_address_found | flag |  | no -- defer mail when no MX host has an address, instead of returning it
lmtp_delivery_status_filter | text | lib | $default_delivery_status_filter -- default_delivery_status_filter of this client
lmtp_discard_lhlo_keyword_address_maps | maps | smtp |  -- lmtp_discard_lhlo_keywords by server address
lmtp_discard_lhlo_keywords | words | smtp |  -- LHLO announcements of servers that are not believed
lmtp_dns_reply_filter | text |  |  -- table that drops or replaces DNS records
lmtp_dns_resolver_options | words |  |  -- how names are completed: res_defnames, res_dnsrch
lmtp_dns_support_level | text | smtp |  -- disabled, enabled, or dnssec
lmtp_enforce_tls | flag |  | no -- old form of lmtp_tls_security_level = encrypt or verify
lmtp_fallback_relay | words | smtp |  -- hosts to try when no other takes the mail
lmtp_generic_maps | maps | smtp |  -- tables that replace local addresses in mail that goes out
lmtp_header_checks | maps | smtp |  -- tables of patterns for headers of mail that goes out
lmtp_host_lookup | words 1.. | smtp | dns -- how hosts become addresses: dns, native
lmtp_lhlo_name | text 1.. | smtp | $myhostname -- name that is given in LHLO
lmtp_lhlo_timeout | seconds 1.. | smtp | 300s -- patience with the reply to LHLO, and with the banner
lmtp_line_length_limit | number | smtp | 998 -- bytes after which a line is broken in two; 0 for no limit
lmtp_mail_timeout | seconds 1.. | smtp | 300s -- patience with the reply to MAIL FROM
lmtp_mime_header_checks | maps | smtp |  -- tables of patterns for headers of MIME parts of mail that goes out
lmtp_min_data_rate | number 1.. |  | 500 -- bytes a second below which lmtp_per_request_deadline ends a transfer
lmtp_mx_address_limit | number | smtp | 5 -- addresses of a destination that are tried; 0 for all
lmtp_mx_session_limit | number | smtp | 2 -- sessions with a destination before the mail is deferred; 0 for any number
lmtp_nested_header_checks | maps | smtp |  -- tables of patterns for headers of attached messages of mail that goes out
lmtp_per_request_deadline | flag | smtp | ${lmtp_per_record_deadline?{$lmtp_per_record_deadline}:{no}} -- one deadline for a whole command or message, not for each read or write
lmtp_pix_workaround_delay_time | seconds 1.. |  | 10s -- pause before the last dot that lmtp_pix_workarounds make
lmtp_pix_workaround_maps | maps |  |  -- lmtp_pix_workarounds by server address
lmtp_pix_workaround_threshold_time | seconds |  | 500s -- age of mail from which lmtp_pix_workarounds are applied
lmtp_pix_workarounds | words |  | disable_esmtp,delay_dotcrlf -- ways around a broken firewall: delay_dotcrlf, disable_esmtp
lmtp_quit_timeout | seconds 1.. | smtp | 300s -- patience with the reply to QUIT
lmtp_quote_rfc821_envelope | flag |  | yes -- quote odd local parts in MAIL and RCPT
lmtp_randomize_addresses | flag | smtp | yes -- take MX hosts of the same preference in random order
lmtp_rcpt_timeout | seconds 1.. | smtp | 300s -- patience with the reply to RCPT TO
lmtp_reply_filter | text | smtp |  -- table that changes replies of servers
lmtp_rset_timeout | seconds 1.. | smtp | 20s -- patience with the reply to RSET
lmtp_sasl_auth_cache_name | text |  |  -- table that remembers logins that were refused
lmtp_sasl_auth_cache_time | seconds |  | 90d -- how long a refused login is remembered
lmtp_sasl_auth_enable | flag |  | no -- log in to servers that offer AUTH
lmtp_sasl_auth_soft_bounce | flag |  | yes -- defer mail when a login is refused with a permanent code
lmtp_sasl_mechanism_filter | text |  |  -- login mechanisms that may be used
lmtp_sasl_password_maps | maps |  |  -- user:password by destination, or by sender
lmtp_sasl_path | text |  |  -- what the SASL implementation needs to know
lmtp_sasl_security_options | words |  | noplaintext, noanonymous -- login mechanisms that are not good enough
lmtp_sasl_tls_security_options | text |  | $lmtp_sasl_security_options -- the same inside of TLS
lmtp_sasl_tls_verified_security_options | text |  | $lmtp_sasl_tls_security_options -- the same inside of TLS with a verified certificate
lmtp_sasl_type | text 1.. |  | cyrus -- SASL implementation to use
lmtp_send_dummy_mail_auth | flag |  | no -- add AUTH=<> to MAIL FROM after a login
lmtp_send_xforward_command | flag | smtp | no -- tell the server of a content filter where mail came from
lmtp_sender_dependent_authentication | flag |  | no -- choose the login by sender, which ends the sharing of connections
lmtp_skip_5xx_greeting | flag | smtp | yes -- try the next host when one answers with 5xx at once
lmtp_skip_quit_response | flag | smtp | no -- do not wait for the reply to QUIT
lmtp_starttls_timeout | seconds 1.. |  | 300s -- patience with the handshake of TLS
lmtp_tcp_port | text | smtp | 24 -- port or service to connect to
lmtp_tls_CAfile | text |  |  -- file with the certificates of authorities that are trusted
lmtp_tls_CApath | text |  |  -- directory with the certificates of authorities that are trusted
lmtp_tls_block_early_mail_reply | flag |  | no -- find out replies that a man in the middle sent before TLS began
lmtp_tls_cert_file | text |  |  -- file with our certificate (RSA)
lmtp_tls_chain_files | text |  |  -- files with key and certificates of all kinds, instead of the single ones
lmtp_tls_ciphers | text 1.. |  | medium -- lowest grade of ciphers where TLS is optional
lmtp_tls_connection_reuse | flag |  | no -- keep TLS connections for later mail, in tlsproxy(8)
lmtp_tls_dcert_file | text |  |  -- file with our certificate (DSA)
lmtp_tls_dkey_file | text |  | $lmtp_tls_dcert_file -- file with the key of lmtp_tls_dcert_file
lmtp_tls_eccert_file | text |  |  -- file with our certificate (elliptic curves)
lmtp_tls_eckey_file | text |  | $lmtp_tls_eccert_file -- file with the key of lmtp_tls_eccert_file
lmtp_tls_enforce_peername | flag |  | yes -- with lmtp_enforce_tls, the certificate must have the server's name
lmtp_tls_exclude_ciphers | text |  |  -- ciphers that are never used
lmtp_tls_fingerprint_cert_match | text |  |  -- fingerprints that a server may have at level fingerprint
lmtp_tls_fingerprint_digest | text 1.. |  | ${{$compatibility_level} <level {3.6} ? {md5} : {sha256}} -- digest with which fingerprints are made
lmtp_tls_force_insecure_host_tlsa_lookup | flag |  | no -- ask for TLSA records of hosts whose addresses DNSSEC does not protect
lmtp_tls_key_file | text |  | $lmtp_tls_cert_file -- file with the key of lmtp_tls_cert_file
lmtp_tls_loglevel | text |  | 0 -- how much of TLS is logged, 0 to 4
lmtp_tls_mandatory_ciphers | text 1.. |  | medium -- lowest grade of ciphers where TLS is required
lmtp_tls_mandatory_exclude_ciphers | text |  |  -- ciphers that are never used where TLS is required
lmtp_tls_mandatory_protocols | text |  | >=TLSv1 -- versions of TLS where it is required
lmtp_tls_note_starttls_offer | flag |  | no -- log servers that offer STARTTLS unused
lmtp_tls_per_site | text |  |  -- old form of lmtp_tls_policy_maps
lmtp_tls_policy_maps | maps |  |  -- TLS level and settings by destination
lmtp_tls_protocols | text |  | >=TLSv1 -- versions of TLS where it is optional
lmtp_tls_scert_verifydepth | number |  | 9 -- certificates between a server's and a trusted one
lmtp_tls_secure_cert_match | text 1.. |  | nexthop -- names that a certificate must have at level secure
lmtp_tls_security_level | text |  |  -- none, may, encrypt, dane, dane-only, fingerprint, verify or secure
lmtp_tls_servername | text |  |  -- name sent as SNI: hostname, nexthop, or a name
lmtp_tls_session_cache_database | text |  |  -- table of TLS sessions that can be continued
lmtp_tls_session_cache_timeout | seconds ..8640000 |  | 3600s -- how long a TLS session can be continued
lmtp_tls_trust_anchor_file | text |  |  -- files with the trust anchors that replace the usual authorities
lmtp_tls_verify_cert_match | text 1.. |  | hostname -- names that a certificate must have at level verify
lmtp_tls_wrappermode | flag |  | no -- begin with TLS at once, without STARTTLS
lmtp_use_tls | flag |  | no -- old form of lmtp_tls_security_level = may
lmtp_xforward_timeout | seconds 1.. | smtp | 300s -- patience with the reply to XFORWARD
local_command_shell | text | local |  -- shell for every command of local(8), for example one that limits what can be run
local_delivery_status_filter | text | lib | $default_delivery_status_filter -- default_delivery_status_filter of local(8)
local_destination_concurrency_limit | number | qmgr | 2 -- deliveries to one local user at the same time
local_destination_recipient_limit | number |  | 1 -- recipients of one delivery by local(8); Delivered-To: wants 1
local_header_rewrite_clients | words | smtpd | permit_inet_interfaces -- clients whose message headers are completed and rewritten like local ones
local_login_sender_maps | maps |  | static:* -- sender addresses that a local login name may use with sendmail(1)
local_recipient_maps | maps | smtpd | proxy:unix:passwd.byname $alias_maps -- who exists here; empty accepts everybody
local_transport | text 1.. | rewrite | local:$myhostname -- transport of mail for mydestination
luser_relay | text | local |  -- where mail for unknown local users goes
mail_name | text 1.. | bounce lib local pickup smtp smtpd | Postfix -- what the mail system calls itself in banners, Received: and bounces
mail_owner | text 1.. | lib master pipe postqueue spawn | postfix -- the account that owns the queue
mail_release_date | text 1.. | postconf | 20240304 -- the day of this release
mail_spool_directory | text | local | /var/mail -- where mailboxes are
mail_version | text 1.. | lib master | 3.7.11 -- the number of this release
mailbox_command | text | local |  -- a program that delivers in place of local(8)
mailbox_command_maps | maps | local |  -- mailbox_command by recipient
mailbox_delivery_lock | words 1.. | local | fcntl, dotlock -- how local(8) locks a mailbox: fcntl, flock, dotlock, in this order
mailbox_size_limit | size | local | 51200000 -- how large a mailbox file may grow; 0 is no limit
mailbox_transport | text | local |  -- transport that delivers instead of local(8), for names with an account and without
mailbox_transport_maps | maps | local |  -- mailbox_transport by recipient
maillog_file | text | lib postlogd |  -- log to this file instead of syslog
maillog_file_compressor | text 1.. | postfix | gzip -- program that `postfix logrotate` compresses the old log with
maillog_file_prefixes | words 1.. | lib | /var, /dev/stdout -- where maillog_file may be
maillog_file_rotate_suffix | text 1.. | postfix | %Y%m%d-%H%M%S -- strftime(3) ending of a rotated log
mailq_path | text 1.. | postconf | /usr/bin/mailq -- where mailq(1) is
manpage_directory | text 1.. | postconf | /usr/share/man -- where the manual pages are
maps_rbl_domains | words | smtpd |  -- old form of reject_rbl_client: the DNS lists of reject_maps_rbl
maps_rbl_reject_code | number | smtpd | 554 -- reply code of reject_rbl_client and its relatives
masquerade_classes | words | cleanup | envelope_sender, header_sender, header_recipient -- which addresses masquerade_domains shortens
masquerade_domains | words | cleanup |  -- domains whose host names are taken out of addresses
masquerade_exceptions | words | cleanup |  -- users whose addresses are not masqueraded
master_service_disable | words | master |  -- services of master.cf that do not listen: name/type, or type for all
max_idle | seconds 1.. | lib master postlogd verify | 100s -- idle time after which a daemon ends
max_use | number 1.. | lib master | 100 -- requests after which a daemon ends
maximal_backoff_time | seconds 1.. | qmgr | 4000s -- longest time between two attempts
maximal_queue_lifetime | seconds ..8640000 | bounce lib qmgr | 5d -- how long a message is tried before it goes back
message_drop_headers | words | cleanup | bcc, content-length, resent-bcc, return-path -- headers that cleanup(8) always removes
message_reject_characters | text |  |  -- characters that make a message be refused, in C notation
message_size_limit | size | cleanup lib maildrop smtpd | 10240000 -- how large a message may be, envelope included
message_strip_characters | text |  |  -- characters that are removed from messages, in C notation
meta_directory | text 1.. | postconf | /etc/postfix -- where the files that describe the installation are
milter_command_timeout | seconds 1.. |  | 30s -- patience with a milter's answer to a command
milter_connect_macros | text |  | j {daemon_name} {daemon_addr} v _ -- macros that milters get when a client connects
milter_connect_timeout | seconds 1.. |  | 30s -- patience with the connection to a milter
milter_content_timeout | seconds 1.. |  | 300s -- patience with a milter's answer about the content
milter_data_macros | text |  | i -- macros that milters get at DATA
milter_default_action | text 1.. |  | tempfail -- what to do when a milter fails: accept, reject, tempfail, quarantine, shutdown
milter_end_of_data_macros | text |  | i -- macros that milters get at the end of the message
milter_end_of_header_macros | text |  | i -- macros that milters get at the end of the headers
milter_header_checks | maps |  |  -- tables of patterns for headers that milters add
milter_helo_macros | text |  | {tls_version} {cipher} {cipher_bits} {cert_subject} {cert_issuer} -- macros that milters get at HELO and EHLO
milter_macro_daemon_name | text 1.. |  | $myhostname -- what milters get as {daemon_name}
milter_macro_defaults | text |  |  -- name=value for macros that have no value
milter_macro_v | text 1.. |  | $mail_name $mail_version -- what milters get as {v}
milter_mail_macros | text |  | i {auth_type} {auth_authen} {auth_author} {mail_addr} {mail_host} {mail_mailer} -- macros that milters get at MAIL FROM
milter_protocol | text 1.. |  | 6 -- version of the milter protocol, 2 to 6
milter_rcpt_macros | text |  | i {rcpt_addr} {rcpt_host} {rcpt_mailer} -- macros that milters get at RCPT TO
milter_unknown_command_macros | text |  |  -- macros that milters get at an unknown command
mime_boundary_length_limit | number 1.. | cleanup lib | 2048 -- bytes of a MIME boundary that are compared
mime_header_checks | maps | cleanup | $header_checks -- header_checks for the headers of MIME parts
mime_nesting_limit | number 1.. | cleanup lib | 100 -- depth of MIME parts that is looked into
minimal_backoff_time | seconds 1.. | qmgr | 300s -- shortest time between two attempts
multi_instance_directories | words | sendmail |  -- configuration directories of the other instances
multi_instance_enable | flag |  | no -- let postmulti(1) start and stop this instance
multi_instance_group | text |  |  -- group of instances that this one is of
multi_instance_name | text | lib master |  -- name of this instance, which replaces "postfix" in the log
multi_instance_wrapper | text |  |  -- command that postfix(1) calls for all instances, such as postmulti -p
multi_recipient_bounce_reject_code | number | smtpd | 550 -- reply code of reject_multi_recipient_bounce
mydestination | words | cleanup lib rewrite smtp smtpd | $myhostname, localhost.$mydomain, localhost -- domains whose mail is delivered to local accounts
mydomain | text 1.. | cleanup lib rewrite smtp smtpd |  -- the domain of this machine
myhostname | text 1.. | bounce cleanup lib local pickup postalias rewrite smtp smtpd verify |  -- the name of this machine in the mail system
mynetworks | words | lib smtpd |  -- clients that may relay
mynetworks_style | text 1.. | lib | ${{$compatibility_level} <level {2} ? {subnet} : {host}} -- how much of the network mynetworks is, where that is not set
myorigin | text 1.. | cleanup lib rewrite smtp verify | $myhostname -- the domain of mail that is sent here
nested_header_checks | maps | cleanup | $header_checks -- tables of patterns for headers of attached messages
newaliases_path | text 1.. | postconf | /usr/bin/newaliases -- where newaliases(1) is
non_fqdn_reject_code | number | smtpd | 504 -- reply code of the reject_non_fqdn restrictions
non_smtpd_milters | words |  |  -- milters for mail that does not come over SMTP
notify_classes | words | bounce lib smtp | resource, software -- what the postmaster is told about
openssl_path | text 1.. | postconf | openssl -- the openssl command that `postfix tls` uses
owner_request_special | flag | local | yes -- treat owner-x and x-request as one name
parent_domain_matches_subdomains | words | lib rewrite smtpd | debug_peer_list,fast_flush_domains,mynetworks,permit_mx_backup_networks,qmqpd_authorized_clients,relay_domains,smtpd_access_maps -- lists in which `domain` matches its subdomains too
permit_mx_backup_networks | words | smtpd |  -- networks in which the primary MX of permit_mx_backup must be
pickup_service_name | text 1.. | lib maildrop postqueue | pickup -- the service of master.cf that takes mail out of maildrop/
pipe_delivery_status_filter | text | lib | $default_delivery_status_filter -- default_delivery_status_filter of pipe(8)
plaintext_reject_code | number | smtpd | 450 -- reply code of reject_plaintext_session
postlog_service_name | text 1.. | lib | postlog -- the service of master.cf that writes maillog_file
postlogd_watchdog_timeout | seconds 10.. |  | 10s -- how long postlogd(8) may take for one request
postmulti_control_commands | words |  | reload flush -- commands that postmulti(1) gives to running instances
postmulti_start_commands | words |  | start -- commands with which postmulti(1) starts instances
postmulti_stop_commands | words |  | stop abort drain quick-stop -- commands with which postmulti(1) stops instances
postscreen_access_list | text |  | permit_mynetworks -- clients that are let through or refused before any test
postscreen_allowlist_interfaces | words |  | ${postscreen_whitelist_interfaces?{$postscreen_whitelist_interfaces}:{static:all}} -- own addresses at which a client can get onto the allowlist
postscreen_bare_newline_action | text 1.. |  | ignore -- what to do with clients that send a newline without CR: ignore, enforce, drop
postscreen_bare_newline_enable | flag |  | no -- test for newlines without CR
postscreen_bare_newline_ttl | seconds 1.. |  | 30d -- how long a passed bare newline test counts
postscreen_cache_cleanup_interval | seconds |  | 12h -- how often expired results are removed; 0 for never
postscreen_cache_map | maps |  | btree:$data_directory/postscreen_cache -- table of clients that passed the tests
postscreen_cache_retention_time | seconds 1.. |  | 7d -- how long an expired result is kept
postscreen_client_connection_count_limit | number |  | $smtpd_client_connection_count_limit -- connections of one client at the same time; 0 for no limit
postscreen_command_count_limit | number 1.. |  | 20 -- commands that a client may send to the built-in server
postscreen_command_filter | text |  |  -- table that changes commands of clients
postscreen_command_time_limit | seconds 1.. |  | ${stress?{10}:{300}}s -- time that a client has for one command
postscreen_denylist_action | text 1.. |  | ${postscreen_blacklist_action?{$postscreen_blacklist_action}:{ignore}} -- what to do with clients that postscreen_access_list refuses: ignore, enforce, drop
postscreen_disable_vrfy_command | flag |  | $disable_vrfy_command -- refuse VRFY in the built-in server
postscreen_discard_ehlo_keyword_address_maps | maps |  | $smtpd_discard_ehlo_keyword_address_maps -- postscreen_discard_ehlo_keywords by client
postscreen_discard_ehlo_keywords | text |  | $smtpd_discard_ehlo_keywords -- EHLO keywords that the built-in server does not announce
postscreen_dnsbl_action | text 1.. |  | ignore -- what to do when DNS lists reach the threshold: ignore, enforce, drop
postscreen_dnsbl_allowlist_threshold | number |  | ${postscreen_dnsbl_whitelist_threshold?{$postscreen_dnsbl_whitelist_threshold}:{0}} -- DNS list score that spares a client the other tests; 0 for none
postscreen_dnsbl_max_ttl | seconds 1.. |  | ${postscreen_dnsbl_ttl?{$postscreen_dnsbl_ttl}:{1}}h -- longest time that a passed DNS list test counts
postscreen_dnsbl_min_ttl | seconds 1.. |  | 60s -- shortest time that a passed DNS list test counts
postscreen_dnsbl_reply_map | maps |  |  -- names of DNS lists that clients are told, by their real names
postscreen_dnsbl_sites | words |  |  -- DNS lists with filters and weights: list=answer*weight
postscreen_dnsbl_threshold | number 1.. |  | 1 -- DNS list score from which a client is refused
postscreen_dnsbl_timeout | seconds 1.. |  | 10s -- patience with DNS lists
postscreen_enforce_tls | flag |  | $smtpd_enforce_tls -- old form of postscreen_tls_security_level = encrypt
postscreen_expansion_filter | text 1.. |  | $smtpd_expansion_filter -- characters that $name may bring into replies
postscreen_forbidden_commands | text |  | $smtpd_forbidden_commands -- commands at which the built-in server hangs up
postscreen_greet_action | text 1.. |  | ignore -- what to do with clients that talk before their turn: ignore, enforce, drop
postscreen_greet_banner | text |  | $smtpd_banner -- text of the teaser before the real greeting; empty for none
postscreen_greet_ttl | seconds 1.. |  | 1d -- how long a passed pregreet test counts
postscreen_greet_wait | seconds 1.. |  | ${stress?{2}:{6}}s -- pause in which a client must not talk
postscreen_helo_required | flag |  | $smtpd_helo_required -- the built-in server wants HELO or EHLO first
postscreen_non_smtp_command_action | text 1.. |  | drop -- what to do with clients that send commands of other protocols: ignore, enforce, drop
postscreen_non_smtp_command_enable | flag |  | no -- test for commands of other protocols
postscreen_non_smtp_command_ttl | seconds 1.. |  | 30d -- how long a passed test for such commands counts
postscreen_pipelining_action | text 1.. |  | enforce -- what to do with clients that send ahead unasked: ignore, enforce, drop
postscreen_pipelining_enable | flag |  | no -- test for commands that are sent ahead unasked
postscreen_pipelining_ttl | seconds 1.. |  | 30d -- how long a passed pipelining test counts
postscreen_post_queue_limit | number 5.. |  | $default_process_limit -- clients that may wait for smtpd(8)
postscreen_pre_queue_limit | number 10.. |  | $default_process_limit -- clients that may be tested at the same time
postscreen_reject_footer | text |  | $smtpd_reject_footer -- text behind every refusal of the built-in server
postscreen_reject_footer_maps | maps |  | $smtpd_reject_footer_maps -- postscreen_reject_footer by reply
postscreen_tls_security_level | text |  | $smtpd_tls_security_level -- TLS of the built-in server: none, may, encrypt
postscreen_upstream_proxy_protocol | text |  |  -- protocol of a proxy before us: haproxy, or empty
postscreen_upstream_proxy_timeout | seconds 1.. |  | 5s -- patience with the proxy before us
postscreen_use_tls | flag |  | $smtpd_use_tls -- old form of postscreen_tls_security_level = may
postscreen_watchdog_timeout | seconds 10.. |  | 10s -- how long postscreen(8) may take for one event
prepend_delivered_header | words | local | command, file, forward -- where local(8) adds Delivered-To: command, file, forward
process_id | text | lib |  -- the number of this process
process_id_directory | text 1.. | lib | pid -- directory with lock files, below queue_directory
process_name | text | lib |  -- what this program is called
propagate_unmatched_extensions | words | cleanup local smtp | canonical, virtual -- tables that hand the +extension on to their result
proxy_interfaces | words | lib |  -- addresses of ours on a translator or relay in front of us
proxy_read_maps | words |  | $local_recipient_maps $mydestination $virtual_alias_maps $virtual_alias_domains $virtual_mailbox_maps $virtual_mailbox_domains $relay_recipient_maps $relay_domains $canonical_maps $sender_canonical_maps $recipient_canonical_maps $relocated_maps $transport_maps $mynetworks $smtpd_sender_login_maps $sender_bcc_maps $recipient_bcc_maps $smtp_generic_maps $lmtp_generic_maps $alias_maps $smtpd_client_restrictions $smtpd_helo_restrictions $smtpd_sender_restrictions $smtpd_relay_restrictions $smtpd_recipient_restrictions $address_verify_sender_dependent_default_transport_maps $address_verify_sender_dependent_relayhost_maps $address_verify_transport_maps $fallback_transport_maps $lmtp_discard_lhlo_keyword_address_maps $lmtp_pix_workaround_maps $lmtp_sasl_password_maps $lmtp_tls_policy_maps $mailbox_command_maps $mailbox_transport_maps $postscreen_discard_ehlo_keyword_address_maps $rbl_reply_maps $sender_dependent_default_transport_maps $sender_dependent_relayhost_maps $smtp_discard_ehlo_keyword_address_maps $smtp_pix_workaround_maps $smtp_sasl_password_maps $smtp_tls_policy_maps $smtpd_discard_ehlo_keyword_address_maps $smtpd_milter_maps $virtual_gid_maps $virtual_uid_maps $local_login_sender_maps $postscreen_reject_footer_maps $smtpd_reject_footer_maps $tls_server_sni_maps $tlsproxy_client_policy_maps $default_delivery_status_filter $lmtp_delivery_status_filter $lmtp_dns_reply_filter $lmtp_reply_filter $local_delivery_status_filter $pipe_delivery_status_filter $postscreen_command_filter $smtp_delivery_status_filter $smtp_dns_reply_filter $smtp_reply_filter $smtpd_command_filter $smtpd_dns_reply_filter $virtual_delivery_status_filter $body_checks $header_checks $lmtp_body_checks $lmtp_header_checks $lmtp_mime_header_checks $lmtp_nested_header_checks $milter_header_checks $mime_header_checks $nested_header_checks $smtp_body_checks $smtp_header_checks $smtp_mime_header_checks $smtp_nested_header_checks -- tables that proxymap(8) opens for reading
proxy_write_maps | words |  | $smtp_sasl_auth_cache_name $lmtp_sasl_auth_cache_name $address_verify_map $postscreen_cache_map -- tables that proxymap(8) opens for writing
proxymap_service_name | text 1.. |  | proxymap -- the service of master.cf that reads tables for others
proxywrite_service_name | text 1.. |  | proxywrite -- the service of master.cf that writes tables for others
qmgr_clog_warn_time | seconds |  | 300s -- least time between two warnings that a destination fills the active queue; 0 for none
qmgr_daemon_timeout | seconds 1.. |  | 1000s -- how long qmgr(8) may take for one event
qmgr_fudge_factor | number 10..100 |  | 100 -- percentage of a list's recipients that are delivered in a row (old queue manager)
qmgr_ipc_timeout | seconds 1.. |  | 60s -- patience of qmgr(8) with delivery agents
qmgr_message_active_limit | number 1.. | qmgr | 20000 -- messages in the active queue
qmgr_message_recipient_limit | number 1.. | qmgr | 20000 -- recipients that qmgr(8) keeps in memory, all messages together
qmgr_message_recipient_minimum | number 1.. |  | 10 -- recipients of one message that qmgr(8) always reads
qmqpd_authorized_clients | words |  |  -- clients that may submit mail over QMQP
qmqpd_client_port_logging | flag |  | no -- log the port of QMQP clients too
qmqpd_error_delay | seconds |  | 1s -- pause before a QMQP client hears that it did something wrong
qmqpd_timeout | seconds 1.. |  | 300s -- patience with QMQP clients
queue_directory | text 1.. | cleanup flush lib local master pickup pipe postkick smtp smtpd spawn | /var/spool/postfix -- where the queue is
queue_file_attribute_count_limit | number 1.. |  | 100 -- attributes that a queue file may have; more make the mail corrupt
queue_minfree | size | smtpd | 0 -- bytes of free space in the queue's file system below which smtpd(8) answers 452; 0 for no check
queue_run_delay | seconds 1.. | qmgr sendmail_options | 300s -- time between two scans of the deferred queue
queue_service_name | text 1.. | cleanup flush lib postqueue | qmgr -- the service of master.cf that is the queue manager
rbl_reply_maps | maps | smtpd |  -- default_rbl_reply by DNS list
readme_directory | text 1.. | postconf | /usr/share/doc/postfix -- where the README files are
receive_override_options | words | smtpd |  -- what is left out for mail of a service: no_address_mappings, no_header_body_checks, ...
recipient_bcc_maps | maps | cleanup |  -- copies by recipient
recipient_canonical_classes | words 1.. | cleanup | envelope_recipient, header_recipient -- which addresses recipient_canonical_maps rewrites
recipient_canonical_maps | maps | smtpd |  -- recipient addresses to rewrite
recipient_delimiter | text | lib local pipe qmgr rewrite smtpd |  -- what separates user and extension
reject_code | number | smtpd | 554 -- reply code of reject
reject_tempfail_action | text 1.. | smtpd | defer_if_permit -- what a restriction does when a lookup fails: defer, defer_if_permit
relay_clientcerts | text |  |  -- fingerprints of client certificates that permit_tls_clientcerts lets relay
relay_domains | words | lib postqueue rewrite | ${{$compatibility_level} <level {2} ? {$mydestination} : {}} -- domains that mail is relayed to
relay_domains_reject_code | number | smtpd | 554 -- reply code of reject_unauth_destination
relay_recipient_maps | maps | smtpd |  -- who exists in relay_domains; empty accepts everybody
relay_transport | text 1.. | rewrite | relay -- transport of mail for relay_domains
relayhost | text | rewrite smtp |  -- where all mail for elsewhere goes first
relocated_maps | maps | rewrite |  -- new addresses of people who have gone
remote_header_rewrite_domain | text | cleanup rewrite |  -- domain that completes addresses in headers of strangers' mail; empty leaves them alone
require_home_directory | flag | local | no -- defer mail for users whose home directory is not there
reset_owner_alias | flag | local | no -- give each alias its own owner as sender, also below another owner
resolve_dequoted_address | flag | rewrite | yes -- look at "user@elsewhere"@here without its quotes, so that it is no way around the relay rules
resolve_null_domain | flag | rewrite | no -- take user@ for a local address
resolve_numeric_domain | flag | rewrite | no -- take user@1.2.3.4 for user@[1.2.3.4]
respectful_logging | flag |  | ${{$compatibility_level} <level {3.6} ? {no} : {yes}} -- call lists allowlist and denylist in the log
rewrite_service_name | text 1.. | lib qmgr | rewrite -- the service of master.cf that rewrites and resolves addresses
sample_directory | text 1.. | postconf | /etc/postfix -- where samples of configuration files are
send_cyrus_sasl_authzid | flag |  | no -- tell Cyrus SASL who is acted for, too
sender_bcc_maps | maps | cleanup |  -- copies by sender
sender_canonical_classes | words 1.. | cleanup | envelope_sender, header_sender -- which addresses sender_canonical_maps rewrites
sender_canonical_maps | maps | smtpd |  -- sender addresses to rewrite
sender_dependent_default_transport_maps | maps | rewrite |  -- default_transport by sender
sender_dependent_relayhost_maps | maps | rewrite |  -- relayhost by sender
sendmail_fix_line_endings | text 1.. | sendmail | always -- whether sendmail(1) takes CRLF for a line ending: always, never, strict
sendmail_path | text 1.. | postconf | /usr/sbin/sendmail -- where sendmail(1) is
service_name | text | lib |  -- the service of master.cf that this program runs for
service_throttle_time | seconds 1.. | master | 60s -- pause of master(8) before it starts a program again that died
setgid_group | text 1.. | lib | postdrop -- group of the commands that submit mail and look at the queue
shlib_directory | text 1.. | postconf | /usr/lib/postfix -- where shared libraries and table plug-ins are
show_user_unknown_table_name | flag | rewrite smtpd | yes -- say "in ... table" when a recipient is refused as unknown
showq_service_name | text 1.. | lib postqueue | showq -- the service of master.cf that lists the queue
smtp_address_preference | text 1.. | smtp | any -- which addresses of a host to try first: any, ipv4 or ipv6
smtp_address_verify_target | text 1.. | smtp | rcpt -- the stage at which a probe ends: rcpt or data
smtp_always_send_ehlo | flag | smtp | yes -- say EHLO even when the banner does not mention ESMTP
smtp_balance_inet_protocols | flag | smtp | yes -- try IPv4 and IPv6 addresses in turn within the limits of a session
smtp_bind_address | text | smtp |  -- IPv4 address that connections come from
smtp_bind_address6 | text | smtp |  -- IPv6 address that connections come from
smtp_bind_address_enforce | flag | smtp | no -- defer mail when the bind address cannot be used, instead of taking another
smtp_body_checks | maps | smtp |  -- tables of patterns for body lines of mail that goes out
smtp_cname_overrides_servername | flag |  | no -- use the name that a CNAME leads to for logins and certificates
smtp_connect_timeout | seconds | smtp | 30s -- patience with the connection; 0 leaves it to the system
smtp_connection_cache_destinations | words | smtp |  -- destinations whose connections are always kept for later mail
smtp_connection_cache_on_demand | flag | smtp | yes -- keep connections while there is much mail for a destination
smtp_connection_cache_time_limit | seconds 1.. | smtp | 2s -- how long an unused connection is kept
smtp_connection_reuse_count_limit | number | smtp | 0 -- deliveries over one connection; 0 for no limit
smtp_connection_reuse_time_limit | seconds 1.. | smtp | 300s -- age up to which a connection is used again
smtp_data_done_timeout | seconds 1.. | smtp | 600s -- patience with the reply to the end of a message
smtp_data_init_timeout | seconds 1.. | smtp | 120s -- patience with the reply to DATA
smtp_data_xfer_timeout | seconds 1.. | smtp | 180s -- patience with each piece of a message that is sent
smtp_defer_if_no_mx_address_found | flag |  | no -- defer mail when no MX host has an address, instead of returning it
smtp_delivery_status_filter | text | lib | $default_delivery_status_filter -- default_delivery_status_filter of this client
smtp_discard_ehlo_keyword_address_maps | maps | smtp |  -- smtp_discard_ehlo_keywords by server address
smtp_discard_ehlo_keywords | words | smtp |  -- EHLO announcements of servers that are not believed
smtp_dns_reply_filter | text |  |  -- table that drops or replaces DNS records
smtp_dns_resolver_options | words |  |  -- how names are completed: res_defnames, res_dnsrch
smtp_dns_support_level | text | smtp |  -- disabled, enabled, or dnssec
smtp_enforce_tls | flag |  | no -- old form of smtp_tls_security_level = encrypt or verify
smtp_fallback_relay | words | smtp | $fallback_relay -- where mail goes that no host of its destination takes
smtp_generic_maps | maps | smtp |  -- local addresses to rewrite on the way out
smtp_header_checks | maps | smtp |  -- tables of patterns for headers of mail that goes out
smtp_helo_name | text 1.. | smtp | $myhostname -- name that is given in HELO and EHLO
smtp_helo_timeout | seconds 1.. | smtp | 300s -- patience with the reply to EHLO, and with the banner
smtp_host_lookup | words 1.. | lib smtp | dns -- dns, native (hosts file), or both
smtp_line_length_limit | number | smtp | 998 -- bytes after which a line is broken in two; 0 for no limit
smtp_mail_timeout | seconds 1.. | smtp | 300s -- patience with the reply to MAIL FROM
smtp_mime_header_checks | maps | smtp |  -- tables of patterns for headers of MIME parts of mail that goes out
smtp_min_data_rate | number 1.. |  | 500 -- bytes a second below which smtp_per_request_deadline ends a transfer
smtp_mx_address_limit | number | smtp | 5 -- addresses of a destination that are tried; 0 for all
smtp_mx_session_limit | number | smtp | 2 -- sessions with a destination before the mail is deferred; 0 for any number
smtp_nested_header_checks | maps | smtp |  -- tables of patterns for headers of attached messages of mail that goes out
smtp_never_send_ehlo | flag | smtp | no -- say HELO only
smtp_per_request_deadline | flag | smtp | ${smtp_per_record_deadline?{$smtp_per_record_deadline}:{no}} -- one deadline for a whole command or message, not for each read or write
smtp_pix_workaround_delay_time | seconds 1.. |  | 10s -- pause before the last dot that smtp_pix_workarounds make
smtp_pix_workaround_maps | maps |  |  -- smtp_pix_workarounds by server address
smtp_pix_workaround_threshold_time | seconds |  | 500s -- age of mail from which smtp_pix_workarounds are applied
smtp_pix_workarounds | words |  | disable_esmtp,delay_dotcrlf -- ways around a broken firewall: delay_dotcrlf, disable_esmtp
smtp_quit_timeout | seconds 1.. | smtp | 300s -- patience with the reply to QUIT
smtp_quote_rfc821_envelope | flag |  | yes -- quote odd local parts in MAIL and RCPT
smtp_randomize_addresses | flag | smtp | yes -- take MX hosts of the same preference in random order
smtp_rcpt_timeout | seconds 1.. | smtp | 300s -- patience with the reply to RCPT TO
smtp_reply_filter | text | smtp |  -- table that changes replies of servers
smtp_rset_timeout | seconds 1.. | smtp | 20s -- patience with the reply to RSET
smtp_sasl_auth_cache_name | text |  |  -- table that remembers logins that were refused
smtp_sasl_auth_cache_time | seconds |  | 90d -- how long a refused login is remembered
smtp_sasl_auth_enable | flag |  | no -- log in to servers that offer AUTH
smtp_sasl_auth_soft_bounce | flag |  | yes -- defer mail when a login is refused with a permanent code
smtp_sasl_mechanism_filter | text |  |  -- login mechanisms that may be used
smtp_sasl_password_maps | maps |  |  -- user:password by destination, or by sender
smtp_sasl_path | text |  |  -- what the SASL implementation needs to know
smtp_sasl_security_options | words |  | noplaintext, noanonymous -- login mechanisms that are not good enough
smtp_sasl_tls_security_options | text |  | $smtp_sasl_security_options -- the same inside of TLS
smtp_sasl_tls_verified_security_options | text |  | $smtp_sasl_tls_security_options -- the same inside of TLS with a verified certificate
smtp_sasl_type | text 1.. |  | cyrus -- SASL implementation to use
smtp_send_dummy_mail_auth | flag |  | no -- add AUTH=<> to MAIL FROM after a login
smtp_send_xforward_command | flag | smtp | no -- tell the server of a content filter where mail came from
smtp_sender_dependent_authentication | flag |  | no -- choose the login by sender, which ends the sharing of connections
smtp_skip_5xx_greeting | flag | smtp | yes -- try the next host when one answers with 5xx at once
smtp_skip_quit_response | flag | smtp | yes -- do not wait for the reply to QUIT
smtp_starttls_timeout | seconds 1.. |  | 300s -- patience with the handshake of TLS
smtp_tcp_port | text | smtp | smtp -- port or service to connect to
smtp_tls_CAfile | text |  |  -- file with the certificates of authorities that are trusted
smtp_tls_CApath | text |  |  -- directory with the certificates of authorities that are trusted
smtp_tls_block_early_mail_reply | flag |  | no -- find out replies that a man in the middle sent before TLS began
smtp_tls_cert_file | text |  |  -- file with our certificate (RSA)
smtp_tls_chain_files | text |  |  -- files with key and certificates of all kinds, instead of the single ones
smtp_tls_ciphers | text 1.. |  | medium -- lowest grade of ciphers where TLS is optional
smtp_tls_connection_reuse | flag |  | no -- keep TLS connections for later mail, in tlsproxy(8)
smtp_tls_dane_insecure_mx_policy | text |  | ${{$smtp_tls_security_level} == {dane} ? {dane} : {may}} -- level for TLSA records of MX hosts that DNSSEC did not protect: dane, encrypt or may
smtp_tls_dcert_file | text |  |  -- file with our certificate (DSA)
smtp_tls_dkey_file | text |  | $smtp_tls_dcert_file -- file with the key of smtp_tls_dcert_file
smtp_tls_eccert_file | text |  |  -- file with our certificate (elliptic curves)
smtp_tls_eckey_file | text |  | $smtp_tls_eccert_file -- file with the key of smtp_tls_eccert_file
smtp_tls_enforce_peername | flag |  | yes -- with smtp_enforce_tls, the certificate must have the server's name
smtp_tls_exclude_ciphers | text |  |  -- ciphers that are never used
smtp_tls_fingerprint_cert_match | text |  |  -- fingerprints that a server may have at level fingerprint
smtp_tls_fingerprint_digest | text 1.. |  | ${{$compatibility_level} <level {3.6} ? {md5} : {sha256}} -- digest with which fingerprints are made
smtp_tls_force_insecure_host_tlsa_lookup | flag |  | no -- ask for TLSA records of hosts whose addresses DNSSEC does not protect
smtp_tls_key_file | text |  | $smtp_tls_cert_file -- file with the key of smtp_tls_cert_file
smtp_tls_loglevel | text |  | 0 -- how much of TLS is logged, 0 to 4
smtp_tls_mandatory_ciphers | text 1.. |  | medium -- lowest grade of ciphers where TLS is required
smtp_tls_mandatory_exclude_ciphers | text |  |  -- ciphers that are never used where TLS is required
smtp_tls_mandatory_protocols | text |  | >=TLSv1 -- versions of TLS where it is required
smtp_tls_note_starttls_offer | flag |  | no -- log servers that offer STARTTLS unused
smtp_tls_per_site | text |  |  -- old form of smtp_tls_policy_maps
smtp_tls_policy_maps | maps |  |  -- TLS level and settings by destination
smtp_tls_protocols | text |  | >=TLSv1 -- versions of TLS where it is optional
smtp_tls_scert_verifydepth | number |  | 9 -- certificates between a server's and a trusted one
smtp_tls_secure_cert_match | text 1.. |  | nexthop, dot-nexthop -- names that a certificate must have at level secure
smtp_tls_security_level | text |  |  -- none, may, encrypt, dane, dane-only, fingerprint, verify or secure
smtp_tls_servername | text |  |  -- name sent as SNI: hostname, nexthop, or a name
smtp_tls_session_cache_database | text |  |  -- table of TLS sessions that can be continued
smtp_tls_session_cache_timeout | seconds ..8640000 |  | 3600s -- how long a TLS session can be continued
smtp_tls_trust_anchor_file | text |  |  -- files with the trust anchors that replace the usual authorities
smtp_tls_verify_cert_match | text 1.. |  | hostname -- names that a certificate must have at level verify
smtp_tls_wrappermode | flag |  | no -- begin with TLS at once, without STARTTLS
smtp_use_tls | flag |  | no -- old form of smtp_tls_security_level = may
smtp_xforward_timeout | seconds 1.. | smtp | 300s -- patience with the reply to XFORWARD
smtpd_authorized_verp_clients | words | smtpd | $authorized_verp_clients -- clients that may ask for VERP with XVERP
smtpd_authorized_xclient_hosts | words | smtpd |  -- clients that may use XCLIENT to be taken for others
smtpd_authorized_xforward_hosts | words | smtpd |  -- clients that may use XFORWARD to tell where mail came from
smtpd_banner | text 1.. | smtpd | $myhostname ESMTP $mail_name -- text after the 220 of the greeting
smtpd_client_auth_rate_limit | number |  | 0 -- AUTH commands of a client per anvil_rate_time_unit; 0 for no limit
smtpd_client_connection_count_limit | number | smtpd | 50 -- connections of a client at the same time; 0 for no limit
smtpd_client_connection_rate_limit | number | smtpd | 0 -- connections of a client per anvil_rate_time_unit; 0 for no limit
smtpd_client_event_limit_exceptions | words | smtpd | ${smtpd_client_connection_limit_exceptions:$mynetworks} -- clients to which the limits of clients do not apply
smtpd_client_message_rate_limit | number | smtpd | 0 -- messages of a client per anvil_rate_time_unit; 0 for no limit
smtpd_client_new_tls_session_rate_limit | number |  | 0 -- new TLS sessions of a client per anvil_rate_time_unit; 0 for no limit
smtpd_client_port_logging | flag | smtpd | no -- log the port of clients too
smtpd_client_recipient_rate_limit | number | smtpd | 0 -- recipients of a client per anvil_rate_time_unit; 0 for no limit
smtpd_client_restrictions | words | smtpd |  -- conditions on the client, at the start
smtpd_command_filter | text | smtpd |  -- table that changes commands of clients
smtpd_data_restrictions | words | smtpd |  -- conditions at DATA
smtpd_delay_open_until_valid_rcpt | flag | smtpd | yes -- make a queue file only when a recipient was accepted
smtpd_delay_reject | flag | smtpd | yes -- wait with refusals until RCPT TO
smtpd_discard_ehlo_keyword_address_maps | maps | smtpd |  -- smtpd_discard_ehlo_keywords by client
smtpd_discard_ehlo_keywords | words | smtpd |  -- EHLO keywords that are not announced
smtpd_dns_reply_filter | text |  |  -- table that drops or replaces DNS records that smtpd(8) asks for
smtpd_end_of_data_restrictions | words | smtpd |  -- conditions at the end of the message
smtpd_enforce_tls | flag |  | no -- old form of smtpd_tls_security_level = encrypt
smtpd_error_sleep_time | seconds | smtpd | 1s -- pause after errors of a client
smtpd_etrn_restrictions | words | smtpd |  -- who may use ETRN
smtpd_expansion_filter | text 1.. | smtpd | \t\40!"#$%&'()*+,-./0123456789:;<=>?@ABCDEFGHIJKLMNOPQRSTUVWXYZ[\\]^_`abcdefghijklmnopqrstuvwxyz{|}~ -- characters that $name may bring into replies to DNS list matches
smtpd_forbid_bare_newline | text 1.. | smtpd | no -- newlines without CR: no, normalize (yes) or reject, against SMTP smuggling
smtpd_forbid_bare_newline_exclusions | words | smtpd | $mynetworks -- clients that may send newlines without CR all the same
smtpd_forbid_bare_newline_reject_code | number 500..599 | smtpd | 550 -- reply code of smtpd_forbid_bare_newline = reject
smtpd_forbid_unauth_pipelining | flag | smtpd | no -- hang up on clients that send commands ahead without permission
smtpd_forbidden_commands | words | smtpd | CONNECT GET POST regexp:{{/^[^A-Z]/ Bogus}} -- commands at which smtpd(8) hangs up
smtpd_hard_error_limit | number 1.. | smtpd | ${stress?{1}:{20}} -- errors after which the client is cut off
smtpd_helo_required | flag | smtpd | no -- refuse mail without HELO or EHLO
smtpd_helo_restrictions | words | smtpd |  -- conditions on the name in HELO
smtpd_history_flush_threshold | number 1.. |  | 100 -- lines of a session's history that are logged at most when it fails
smtpd_junk_command_limit | number 1.. | smtpd | ${stress?{1}:{100}} -- commands without use (NOOP, VRFY, RSET, ETRN) before the tarpit begins
smtpd_log_access_permit_actions | words | smtpd |  -- access actions that permit and are logged
smtpd_milter_maps | maps |  |  -- smtpd_milters by client
smtpd_milters | words |  |  -- milters for mail that comes over SMTP
smtpd_min_data_rate | number 1.. | smtpd | 500 -- bytes a second below which smtpd_per_request_deadline ends a transfer
smtpd_noop_commands | words | smtpd |  -- commands that are answered with 250 and ignored
smtpd_null_access_lookup_key | text | smtpd | <> -- what the null sender is in access(5) tables
smtpd_peername_lookup | flag | smtpd | yes -- ask DNS for the names of clients
smtpd_per_request_deadline | flag | smtpd | ${smtpd_per_record_deadline?{$smtpd_per_record_deadline}:{${stress?{yes}:{no}}}} -- one deadline for a whole command or reply, not for each read or write
smtpd_policy_service_default_action | text 1.. | smtpd | 451 4.3.5 Server configuration problem -- what check_policy_service does when no policy server answers
smtpd_policy_service_max_idle | seconds 1.. | smtpd | 300s -- idle time after which a connection to a policy server is closed
smtpd_policy_service_max_ttl | seconds 1.. | smtpd | 1000s -- age at which a connection to a policy server is closed
smtpd_policy_service_policy_context | text | smtpd |  -- text that policy servers get as policy_context
smtpd_policy_service_request_limit | number | smtpd | 0 -- requests over one connection to a policy server; 0 for no limit
smtpd_policy_service_retry_delay | seconds 1.. | smtpd | 1s -- pause before a policy server is asked again
smtpd_policy_service_timeout | seconds 1.. | smtpd | 100s -- patience with policy servers
smtpd_policy_service_try_limit | number 1.. | smtpd | 2 -- how often a policy server is asked
smtpd_proxy_ehlo | text |  | $myhostname -- name given to a before-queue filter in EHLO
smtpd_proxy_filter | text |  |  -- host and port of a filter that mail goes through before it is queued
smtpd_proxy_options | words |  |  -- how a before-queue filter is used: speed_adjust
smtpd_proxy_timeout | seconds 1.. |  | 100s -- patience with a before-queue filter
smtpd_recipient_limit | number 1.. | smtpd | 1000 -- recipients of one message
smtpd_recipient_overshoot_limit | number 1.. | smtpd | 1000 -- recipients beyond smtpd_recipient_limit before each counts as an error
smtpd_recipient_restrictions | words | smtpd |  -- conditions at RCPT TO, against unwanted mail
smtpd_reject_footer | text | smtpd |  -- text behind every 4xx and 5xx reply
smtpd_reject_footer_maps | maps | smtpd |  -- smtpd_reject_footer by reply
smtpd_reject_unlisted_recipient | flag | smtpd | yes -- refuse unknown recipients of our domains, although no restriction asks for it
smtpd_reject_unlisted_sender | flag | smtpd | no -- refuse unknown senders of our domains, although no restriction asks for it
smtpd_relay_before_recipient_restrictions | flag | smtpd | ${{$compatibility_level} <level {3.6} ? {no} : {yes}} -- check smtpd_relay_restrictions before smtpd_recipient_restrictions
smtpd_relay_restrictions | words | smtpd | ${{$compatibility_level} <level {1} ? {} : {permit_mynetworks, permit_sasl_authenticated, defer_unauth_destination}} -- conditions at RCPT TO, on who may relay
smtpd_restriction_classes | words | smtpd |  -- names for lists of restrictions
smtpd_sasl_auth_enable | flag |  | no -- offer AUTH
smtpd_sasl_authenticated_header | flag |  | no -- put the login name into Received:
smtpd_sasl_exceptions_networks | words |  |  -- clients that are not offered AUTH
smtpd_sasl_local_domain | text |  |  -- realm that is added to login names
smtpd_sasl_mechanism_filter | words |  | !external, static:rest -- login mechanisms that may be offered
smtpd_sasl_path | text 1.. |  | smtpd -- what the SASL implementation needs to know: a service name or a socket
smtpd_sasl_response_limit | number 12288.. |  | 12288 -- bytes of one answer of a client during a login
smtpd_sasl_security_options | words |  | noanonymous -- login mechanisms that are not good enough
smtpd_sasl_service | text 1.. |  | smtp -- service name that the SASL implementation gets
smtpd_sasl_tls_security_options | text |  | $smtpd_sasl_security_options -- login mechanisms that are not good enough inside of TLS
smtpd_sasl_type | text 1.. |  | cyrus -- SASL implementation to use
smtpd_sender_login_maps | maps | smtpd |  -- login names that own a sender address
smtpd_sender_restrictions | words | smtpd |  -- conditions on MAIL FROM
smtpd_service_name | text 1.. |  | smtpd -- the service of master.cf to which postscreen(8) hands clients
smtpd_soft_error_limit | number 1.. | smtpd | 10 -- errors of a client before the tarpit begins
smtpd_starttls_timeout | seconds 1.. |  | ${stress?{10}:{300}}s -- patience with the handshake of TLS
smtpd_timeout | seconds 1.. | smtpd | ${stress?{10}:{300}}s -- patience with a client's next command, and with its taking of a reply
smtpd_tls_CAfile | text |  |  -- file with the certificates of authorities that are trusted for clients
smtpd_tls_CApath | text |  |  -- directory with the certificates of authorities that are trusted for clients
smtpd_tls_always_issue_session_ids | flag |  | yes -- give session ids also where sessions cannot be continued
smtpd_tls_ask_ccert | flag |  | no -- ask clients for a certificate
smtpd_tls_auth_only | flag |  | no -- offer AUTH inside of TLS only
smtpd_tls_ccert_verifydepth | number |  | 9 -- certificates between a client's and a trusted one
smtpd_tls_cert_file | text |  |  -- file with our certificate (RSA)
smtpd_tls_chain_files | text |  |  -- files with key and certificates of all kinds, instead of the single ones
smtpd_tls_ciphers | text 1.. |  | medium -- lowest grade of ciphers where TLS is optional
smtpd_tls_dcert_file | text |  |  -- file with our certificate (DSA)
smtpd_tls_dh1024_param_file | text |  |  -- file with the parameters of Diffie-Hellman
smtpd_tls_dh512_param_file | text |  |  -- file with parameters of Diffie-Hellman for export ciphers, obsolete
smtpd_tls_dkey_file | text |  | $smtpd_tls_dcert_file -- file with the key of smtpd_tls_dcert_file
smtpd_tls_eccert_file | text |  |  -- file with our certificate (elliptic curves)
smtpd_tls_eckey_file | text |  | $smtpd_tls_eccert_file -- file with the key of smtpd_tls_eccert_file
smtpd_tls_eecdh_grade | text 1.. |  | auto -- curves for the key exchange: none, strong, ultra, auto
smtpd_tls_exclude_ciphers | text |  |  -- ciphers that are never used
smtpd_tls_fingerprint_digest | text 1.. |  | ${{$compatibility_level} <level {3.6} ? {md5} : {sha256}} -- digest with which fingerprints of clients are made
smtpd_tls_key_file | text |  | $smtpd_tls_cert_file -- file with the key of smtpd_tls_cert_file
smtpd_tls_loglevel | text |  | 0 -- how much of TLS is logged, 0 to 4
smtpd_tls_mandatory_ciphers | text 1.. |  | medium -- lowest grade of ciphers where TLS is required
smtpd_tls_mandatory_exclude_ciphers | text |  |  -- ciphers that are never used where TLS is required
smtpd_tls_mandatory_protocols | text |  | >=TLSv1 -- versions of TLS where it is required
smtpd_tls_protocols | text |  | >=TLSv1 -- versions of TLS where it is optional
smtpd_tls_received_header | flag |  | no -- put version, cipher and certificate names into Received:
smtpd_tls_req_ccert | flag |  | no -- require a certificate of clients where TLS is required
smtpd_tls_security_level | text |  |  -- none, may or encrypt
smtpd_tls_session_cache_database | text |  |  -- table of TLS sessions that can be continued
smtpd_tls_session_cache_timeout | seconds ..8640000 |  | 3600s -- how long a TLS session can be continued
smtpd_tls_wrappermode | flag |  | no -- begin with TLS at once, without STARTTLS, as smtps (465) does
smtpd_upstream_proxy_protocol | text |  |  -- protocol of a proxy before us: haproxy, or empty
smtpd_upstream_proxy_timeout | seconds 1.. |  | 5s -- patience with the proxy before us
smtpd_use_tls | flag |  | no -- old form of smtpd_tls_security_level = may
smtputf8_autodetect_classes | words 1.. | pickup | sendmail, verify -- mail that is searched for UTF-8 headers: sendmail, verify, bounce, ...
smtputf8_enable | flag | bounce smtpd | ${{$compatibility_level} <level {1} ? {no} : {yes}} -- support addresses and headers in UTF-8
soft_bounce | flag | lib smtp smtpd | no -- turn every permanent refusal into a temporary one
stale_lock_time | seconds 1.. | lib | 500s -- age at which a mailbox's lock file is taken for left behind
stress | text | lib smtpd |  -- "yes" while all processes of a service are busy; master(8) sets it
strict_7bit_headers | flag | cleanup | no -- refuse mail with 8-bit text in its headers
strict_8bitmime | flag | cleanup | no -- both strict_7bit_headers and strict_8bitmime_body
strict_8bitmime_body | flag | cleanup | no -- refuse 8-bit text that no header announces
strict_mailbox_ownership | flag | local virtual | yes -- defer mail for a mailbox that does not belong to its user
strict_mime_encoding_domain | flag | cleanup | no -- refuse bad Content-Transfer-Encoding of messages and multiparts
strict_rfc821_envelopes | flag | smtpd | no -- want <> around addresses, and no comments or phrases
strict_smtputf8 | flag | smtpd | no -- refuse UTF-8 where the client did not ask for SMTPUTF8
sun_mailtool_compatibility | flag |  | no -- old way to turn off mailbox locks of the kernel
swap_bangpath | flag | rewrite | yes -- take site!user for user@site
syslog_facility | text 1.. | lib | mail -- facility of the log
syslog_name | text 1.. | lib master | ${multi_instance_name?{$multi_instance_name}:{postfix}} -- what stands before /program in the log
tcp_windowsize | number |  | 0 -- bytes of the TCP window, for broken routers; 0 for the system's own
tls_append_default_CA | flag |  | no -- trust the system's authorities besides those of CAfile and CApath
tls_config_file | text |  | default -- configuration file of the OpenSSL library: default, none, or a path
tls_config_name | text |  |  -- section of tls_config_file to use
tls_daemon_random_bytes | number 1.. |  | 32 -- random bytes that smtp(8) and smtpd(8) ask of tlsmgr(8)
tls_dane_digests | text 1.. |  | sha512 sha256 -- digests of TLSA records, the best first
tls_disable_workarounds | text |  |  -- ways of OpenSSL around bugs of others that are turned off
tls_eecdh_auto_curves | text 1.. |  | X25519 X448 prime256v1 secp521r1 secp384r1 -- curves of the grade auto, the best first
tls_eecdh_strong_curve | text 1.. |  | prime256v1 -- curve of the grade strong
tls_eecdh_ultra_curve | text 1.. |  | secp384r1 -- curve of the grade ultra
tls_export_cipherlist | text 1.. |  | aNULL:-aNULL:HIGH:MEDIUM:LOW:EXPORT:+RC4:@STRENGTH -- OpenSSL's list for the grade export
tls_fast_shutdown_enable | flag |  | yes -- end TLS without waiting for the other side
tls_high_cipherlist | text 1.. |  | aNULL:-aNULL:HIGH:@STRENGTH -- OpenSSL's list for the grade high
tls_legacy_public_key_fingerprints | flag |  | no -- make fingerprints of public keys as releases before 2.9.6 did
tls_low_cipherlist | text 1.. |  | aNULL:-aNULL:HIGH:MEDIUM:LOW:+RC4:@STRENGTH -- OpenSSL's list for the grade low
tls_medium_cipherlist | text 1.. |  | aNULL:-aNULL:HIGH:MEDIUM:+RC4:@STRENGTH -- OpenSSL's list for the grade medium
tls_null_cipherlist | text 1.. |  | eNULL:!aNULL -- OpenSSL's list for the grade null: no encryption
tls_preempt_cipherlist | flag |  | no -- let the server choose the cipher, not the client
tls_random_bytes | number 1.. |  | 32 -- bytes that tlsmgr(8) reads from tls_random_source at once
tls_random_exchange_name | text |  | ${data_directory}/prng_exch -- file in which tlsmgr(8) keeps randomness over a restart
tls_random_prng_update_period | seconds 1.. |  | 3600s -- how often tlsmgr(8) writes that file
tls_random_reseed_period | seconds 1.. |  | 3600s -- longest time before tlsmgr(8) reads tls_random_source again
tls_random_source | text |  | dev:/dev/urandom -- where randomness comes from: dev:/path or egd:/path
tls_server_sni_maps | maps |  |  -- key and certificates by the name that a client asks for
tls_session_ticket_cipher | text |  | aes-256-cbc -- cipher of session tickets; empty for no tickets
tls_ssl_options | text |  |  -- OpenSSL options to turn on
tls_wildcard_matches_multiple_labels | flag |  | yes -- let *.domain match several labels
tlsmgr_service_name | text 1.. |  | tlsmgr -- the service of master.cf that keeps sessions and randomness of TLS
tlsproxy_client_CAfile | text |  | $smtp_tls_CAfile -- what smtp_tls_CAfile is in tlsproxy(8)
tlsproxy_client_CApath | text |  | $smtp_tls_CApath -- what smtp_tls_CApath is in tlsproxy(8)
tlsproxy_client_cert_file | text |  | $smtp_tls_cert_file -- what smtp_tls_cert_file is in tlsproxy(8)
tlsproxy_client_chain_files | text |  | $smtp_tls_chain_files -- what smtp_tls_chain_files is in tlsproxy(8)
tlsproxy_client_dcert_file | text |  | $smtp_tls_dcert_file -- what smtp_tls_dcert_file is in tlsproxy(8)
tlsproxy_client_dkey_file | text |  | $smtp_tls_dkey_file -- what smtp_tls_dkey_file is in tlsproxy(8)
tlsproxy_client_eccert_file | text |  | $smtp_tls_eccert_file -- what smtp_tls_eccert_file is in tlsproxy(8)
tlsproxy_client_eckey_file | text |  | $smtp_tls_eckey_file -- what smtp_tls_eckey_file is in tlsproxy(8)
tlsproxy_client_enforce_tls | flag |  | $smtp_enforce_tls -- what smtp_enforce_tls is in tlsproxy(8)
tlsproxy_client_fingerprint_digest | text 1.. |  | $smtp_tls_fingerprint_digest -- what smtp_tls_fingerprint_digest is in tlsproxy(8)
tlsproxy_client_key_file | text |  | $smtp_tls_key_file -- what smtp_tls_key_file is in tlsproxy(8)
tlsproxy_client_loglevel | text |  | $smtp_tls_loglevel -- what smtp_tls_loglevel is in tlsproxy(8)
tlsproxy_client_loglevel_parameter | text |  | smtp_tls_loglevel -- name of the parameter that log lines of tlsproxy_client_loglevel mention
tlsproxy_client_per_site | text |  | $smtp_tls_per_site -- what smtp_tls_per_site is in tlsproxy(8)
tlsproxy_client_policy_maps | maps |  | ${tlsproxy_client_policy:$smtp_tls_policy_maps} -- what smtp_tls_policy_maps is in tlsproxy(8)
tlsproxy_client_scert_verifydepth | number |  | $smtp_tls_scert_verifydepth -- what smtp_tls_scert_verifydepth is in tlsproxy(8)
tlsproxy_client_security_level | text |  | ${tlsproxy_client_level:$smtp_tls_security_level} -- what smtp_tls_security_level is in tlsproxy(8)
tlsproxy_client_use_tls | flag |  | $smtp_use_tls -- what smtp_use_tls is in tlsproxy(8)
tlsproxy_enforce_tls | flag |  | $smtpd_enforce_tls -- what smtpd_enforce_tls is in tlsproxy(8)
tlsproxy_service_name | text 1.. |  | tlsproxy -- the service of master.cf that does TLS for others
tlsproxy_tls_CAfile | text |  | $smtpd_tls_CAfile -- what smtpd_tls_CAfile is in tlsproxy(8)
tlsproxy_tls_CApath | text |  | $smtpd_tls_CApath -- what smtpd_tls_CApath is in tlsproxy(8)
tlsproxy_tls_always_issue_session_ids | flag |  | $smtpd_tls_always_issue_session_ids -- what smtpd_tls_always_issue_session_ids is in tlsproxy(8)
tlsproxy_tls_ask_ccert | flag |  | $smtpd_tls_ask_ccert -- what smtpd_tls_ask_ccert is in tlsproxy(8)
tlsproxy_tls_ccert_verifydepth | number |  | $smtpd_tls_ccert_verifydepth -- what smtpd_tls_ccert_verifydepth is in tlsproxy(8)
tlsproxy_tls_cert_file | text |  | $smtpd_tls_cert_file -- what smtpd_tls_cert_file is in tlsproxy(8)
tlsproxy_tls_chain_files | text |  | $smtpd_tls_chain_files -- what smtpd_tls_chain_files is in tlsproxy(8)
tlsproxy_tls_ciphers | text 1.. |  | $smtpd_tls_ciphers -- what smtpd_tls_ciphers is in tlsproxy(8)
tlsproxy_tls_dcert_file | text |  | $smtpd_tls_dcert_file -- what smtpd_tls_dcert_file is in tlsproxy(8)
tlsproxy_tls_dh1024_param_file | text |  | $smtpd_tls_dh1024_param_file -- what smtpd_tls_dh1024_param_file is in tlsproxy(8)
tlsproxy_tls_dh512_param_file | text |  | $smtpd_tls_dh512_param_file -- what smtpd_tls_dh512_param_file is in tlsproxy(8)
tlsproxy_tls_dkey_file | text |  | $smtpd_tls_dkey_file -- what smtpd_tls_dkey_file is in tlsproxy(8)
tlsproxy_tls_eccert_file | text |  | $smtpd_tls_eccert_file -- what smtpd_tls_eccert_file is in tlsproxy(8)
tlsproxy_tls_eckey_file | text |  | $smtpd_tls_eckey_file -- what smtpd_tls_eckey_file is in tlsproxy(8)
tlsproxy_tls_eecdh_grade | text 1.. |  | $smtpd_tls_eecdh_grade -- what smtpd_tls_eecdh_grade is in tlsproxy(8)
tlsproxy_tls_exclude_ciphers | text |  | $smtpd_tls_exclude_ciphers -- what smtpd_tls_exclude_ciphers is in tlsproxy(8)
tlsproxy_tls_fingerprint_digest | text 1.. |  | $smtpd_tls_fingerprint_digest -- what smtpd_tls_fingerprint_digest is in tlsproxy(8)
tlsproxy_tls_key_file | text |  | $smtpd_tls_key_file -- what smtpd_tls_key_file is in tlsproxy(8)
tlsproxy_tls_loglevel | text |  | $smtpd_tls_loglevel -- what smtpd_tls_loglevel is in tlsproxy(8)
tlsproxy_tls_mandatory_ciphers | text 1.. |  | $smtpd_tls_mandatory_ciphers -- what smtpd_tls_mandatory_ciphers is in tlsproxy(8)
tlsproxy_tls_mandatory_exclude_ciphers | text |  | $smtpd_tls_mandatory_exclude_ciphers -- what smtpd_tls_mandatory_exclude_ciphers is in tlsproxy(8)
tlsproxy_tls_mandatory_protocols | text |  | $smtpd_tls_mandatory_protocols -- what smtpd_tls_mandatory_protocols is in tlsproxy(8)
tlsproxy_tls_protocols | text |  | $smtpd_tls_protocols -- what smtpd_tls_protocols is in tlsproxy(8)
tlsproxy_tls_req_ccert | flag |  | $smtpd_tls_req_ccert -- what smtpd_tls_req_ccert is in tlsproxy(8)
tlsproxy_tls_security_level | text |  | $smtpd_tls_security_level -- what smtpd_tls_security_level is in tlsproxy(8)
tlsproxy_use_tls | flag |  | $smtpd_use_tls -- what smtpd_use_tls is in tlsproxy(8)
tlsproxy_watchdog_timeout | seconds 10.. |  | 10s -- how long tlsproxy(8) may take for one event
trace_service_name | text 1.. | bounce lib | trace -- the service of master.cf that makes success and -bv reports
transport_maps | maps | rewrite |  -- transport:nexthop by recipient or domain
transport_retry_time | seconds 1.. | qmgr | 60s -- time after which a transport that failed is tried again
trigger_timeout | seconds 1.. |  | 10s -- patience with a wake-up call to another program
undisclosed_recipients_header | text | cleanup |  -- header that is added where To: and Cc: are missing; empty for none
unknown_address_reject_code | number | smtpd | 450 -- reply code for addresses whose domain has no MX and no address
unknown_address_tempfail_action | text 1.. | smtpd | $reject_tempfail_action -- what reject_unknown_*_domain does when DNS fails
unknown_client_reject_code | number | smtpd | 450 -- reply code of reject_unknown_client_hostname
unknown_helo_hostname_tempfail_action | text 1.. | smtpd | $reject_tempfail_action -- what reject_unknown_helo_hostname does when DNS fails
unknown_hostname_reject_code | number | smtpd | 450 -- reply code of reject_unknown_helo_hostname
unknown_local_recipient_reject_code | number | smtpd | 550 -- reply code for unknown users of mydestination
unknown_relay_recipient_reject_code | number | smtpd | 550 -- reply code for unknown users of relay_domains
unknown_virtual_alias_reject_code | number | smtpd | 550 -- reply code for unknown users of virtual_alias_domains
unknown_virtual_mailbox_reject_code | number | smtpd | 550 -- reply code for unknown users of virtual_mailbox_domains
unverified_recipient_defer_code | number 200..499 | smtpd | 450 -- reply code of reject_unverified_recipient after a probe that failed for now
unverified_recipient_reject_code | number 200..599 | smtpd | 450 -- reply code of reject_unverified_recipient after a probe that bounced
unverified_recipient_reject_reason | text | smtpd |  -- text instead of what the probe found out about a recipient
unverified_recipient_tempfail_action | text 1.. | smtpd | $reject_tempfail_action -- what reject_unverified_recipient does when a probe failed for now
unverified_sender_defer_code | number 200..499 | smtpd | 450 -- reply code of reject_unverified_sender after a probe that failed for now
unverified_sender_reject_code | number 200..599 | smtpd | 450 -- reply code of reject_unverified_sender after a probe that bounced
unverified_sender_reject_reason | text | smtpd |  -- text instead of what the probe found out about a sender
unverified_sender_tempfail_action | text 1.. | smtpd | $reject_tempfail_action -- what reject_unverified_sender does when a probe failed for now
verp_delimiter_filter | text 1.. | smtpd | -=+ -- characters that may be VERP delimiters
virtual_alias_address_length_limit | number 1.. | cleanup | 1000 -- bytes of an address that comes out of virtual_alias_maps
virtual_alias_domains | words | rewrite | $virtual_alias_maps -- domains all of whose addresses are aliases
virtual_alias_expansion_limit | number 1.. | cleanup | 1000 -- addresses that one address may become
virtual_alias_maps | maps | cleanup rewrite smtpd | $virtual_maps -- aliases for addresses of any domain
virtual_alias_recursion_limit | number 1.. | cleanup | 1000 -- steps that an expansion may take
virtual_delivery_status_filter | text | lib | $default_delivery_status_filter -- default_delivery_status_filter of virtual(8)
virtual_gid_maps | maps | virtual |  -- group of each virtual mailbox
virtual_mailbox_base | text 1.. | virtual |  -- directory below which virtual mailboxes are
virtual_mailbox_domains | words | rewrite | $virtual_mailbox_maps -- domains of mailboxes without accounts
virtual_mailbox_limit | size | virtual | 51200000 -- how large a virtual mailbox may grow
virtual_mailbox_lock | words 1.. | virtual | fcntl, dotlock -- how virtual(8) locks a mailbox: fcntl, flock, dotlock, in this order
virtual_mailbox_maps | maps | rewrite smtpd virtual |  -- virtual mailbox of each address
virtual_minimum_uid | number 1.. | virtual | 100 -- lowest user id that virtual_uid_maps may give
virtual_transport | text 1.. | rewrite | virtual -- transport of mail for virtual_mailbox_domains
virtual_uid_maps | maps | virtual |  -- owner of each virtual mailbox
"""
