"""The restriction language: one line of a table for each rule that it has."""

import pytest

from labctl.node.base.log import Fatal
from labctl.node.mta.smtpd.restrictions.answer_pattern import matches
from labctl.node.mta.smtpd.restrictions.table import RESTRICTIONS
from labctl.node.mta.smtpd.restrictions.verdict import HangUp
from labctl.node.mta.smtpd.restrictions.words.dnsbl import reversed_address

RCPT = "RCPT TO:<bob@example.test>"
NOT_FOUND = "450 4.1.8 <ann@outside.test>: Sender address rejected: Domain not found"


def refusal(talk, restrictions, command=RCPT, sender="ann@outside.test", helo="h.test", **more):
    """What RCPT says under smtpd_recipient_restrictions."""
    started = talk(smtpd_recipient_restrictions=restrictions, **more)
    started.say(f"EHLO {helo}")
    started.say(f"MAIL FROM:<{sender}>")
    return started.say(command)


@pytest.mark.parametrize(
    ("recipient", "reply"),
    [
        pytest.param("bob@example.test", "250 2.1.5 Ok", id="anyone may write to us"),
        pytest.param("bob@EXAMPLE.test", "250 2.1.5 Ok", id="domains ignore case"),
        pytest.param("any@relayed.test", "250 2.1.5 Ok", id="we relay for relay_domains"),
        pytest.param("postmaster", "250 2.1.5 Ok", id="postmaster is always there"),
        pytest.param(
            "eve@elsewhere.test",
            "454 4.7.1 <eve@elsewhere.test>: Relay access denied",
            id="strangers may not relay",
        ),
        pytest.param(
            "nobody@example.test",
            "550 5.1.1 <nobody@example.test>: Recipient address rejected: "
            "User unknown in local recipient table",
            id="unknown users are refused at once",
        ),
    ],
)
def test_default_policy(talk, recipient, reply):
    """main.cf as shipped makes no open relay and no bounces."""
    assert refusal(talk, "", f"RCPT TO:<{recipient}>") == reply


def test_our_networks_may_relay(talk):
    """permit_mynetworks is what makes a mail server useful to its owners."""
    session = talk(mynetworks="198.18.0.0/24")
    session.play("C: MAIL FROM:<>\nC: RCPT TO:<eve@elsewhere.test>\nS: 250 2.1.5 Ok")


@pytest.mark.parametrize(
    ("restrictions", "reply"),
    [
        ("reject", "554 5.7.1 <bob@example.test>: Recipient address rejected: Access denied"),
        ("permit, reject", "250 2.1.5 Ok"),
        ("defer", "450 4.3.2 <bob@example.test>: Recipient address rejected: Try again later"),
        (
            "defer_if_permit",
            "450 4.7.0 <bob@example.test>: Recipient address rejected: "
            "defer_if_permit requested",
        ),
        (
            "defer_if_reject, reject",
            "450 4.7.0 <bob@example.test>: Recipient address rejected: "
            "defer_if_reject requested",
        ),
        ("warn_if_reject reject", "250 2.1.5 Ok"),
        (
            "warn_if_reject, reject, reject",
            "554 5.7.1 <bob@example.test>: Recipient address rejected: Access denied",
        ),
        ("no_such_word", "451 4.3.5 Server configuration error"),
        ("check_sender_access", "451 4.3.5 Server configuration error"),
        ("reject_plaintext_session", "450 4.7.1 Session encryption is required"),
        ("reject_unlisted_recipient", "250 2.1.5 Ok"),
        (
            "strict_class",
            "554 5.7.1 <bob@example.test>: Recipient address rejected: Access denied",
        ),
        ("reject_unknown_sender_domain", NOT_FOUND),
    ],
)
def test_words_that_end_a_list(talk, restrictions, reply):
    """Codes and texts are those of postconf(5)."""
    settings = {"smtpd_restriction_classes": "strict_class", "strict_class": "reject"}

    assert refusal(talk, restrictions, **settings) == reply


@pytest.mark.parametrize(
    ("action", "reply"),
    [
        ("OK", "250 2.1.5 Ok"),
        ("DUNNO", "250 2.1.5 Ok"),
        ("12345", "250 2.1.5 Ok"),
        ("REJECT", "554 5.7.1 <ann@outside.test>: Sender address rejected: Access denied"),
        ("reject go away", "554 5.7.1 <ann@outside.test>: Sender address rejected: go away"),
        ("550 5.7.9 no", "550 5.7.9 <ann@outside.test>: Sender address rejected: no"),
        ("451 later", "451 4.7.1 <ann@outside.test>: Sender address rejected: later"),
        ("550 5.1.1 no", "550 5.1.7 <ann@outside.test>: Sender address rejected: no"),
        (
            "DEFER_IF_PERMIT",
            "450 4.7.1 <ann@outside.test>: Sender address rejected: Service unavailable",
        ),
        ("reject_plaintext_session", "450 4.7.1 Session encryption is required"),
        ("no such action", "451 4.3.5 Server configuration error"),
    ],
)
def test_actions_of_access_tables(talk, action, reply):
    """access(5): what an entry may say."""
    table = f"check_sender_access inline:{{ {{ann@outside.test = {action}}} }}"

    assert refusal(talk, table) == reply


@pytest.mark.parametrize(
    ("sender", "key"),
    [
        ("x+y@a.dom.test", "x+y@a.dom.test"),
        ("x+y@a.dom.test", "x@a.dom.test"),
        ("x+y@a.dom.test", "a.dom.test"),
        ("x+y@a.dom.test", "dom.test"),
        ("x+y@a.dom.test", "x+y@"),
        ("x+y@a.dom.test", "x@"),
        ("", "<>"),
    ],
)
def test_keys_of_a_sender(talk, sender, key):
    """access(5): a table may name an address, a domain, a parent domain or a local part."""
    table = f"check_sender_access inline:{{ {{{key} = REJECT}} }}"
    reply = refusal(talk, table, sender=sender, recipient_delimiter="+")

    assert reply.endswith(f"<{sender}>: Sender address rejected: Access denied")


@pytest.mark.parametrize(
    ("helo", "restriction", "reply"),
    [
        (
            "-bad-.test",
            "reject_invalid_helo_hostname",
            "501 5.5.2 <-bad-.test>: {} Invalid name",
        ),
        (
            "[999.1.1.1]",
            "reject_invalid_helo_hostname",
            "501 5.5.2 <[999.1.1.1]>: {} invalid ip address",
        ),
        ("[198.18.0.5]", "reject_invalid_helo_hostname", "250 2.1.5 Ok"),
        (
            "short",
            "reject_non_fqdn_helo_hostname",
            "504 5.5.2 <short>: {} need fully-qualified hostname",
        ),
        (
            "198.18.0.5",
            "reject_non_fqdn_helo_hostname",
            "504 5.5.2 <198.18.0.5>: {} need fully-qualified hostname",
        ),
        ("nx.test", "reject_unknown_helo_hostname", "450 4.7.1 <nx.test>: {} Host not found"),
    ],
)
def test_helo_names(talk, helo, restriction, reply):
    """What is wrong with a name that a client gives itself."""
    assert refusal(talk, restriction, helo=helo) == reply.format("Helo command rejected:")


def test_a_sender_domain_without_mail_is_refused_for_good(talk):
    """RFC 7505: the domain says itself that it takes no mail, so it sends none."""
    session = talk(smtpd_sender_restrictions="reject_unknown_sender_domain")
    session.dns.null_mx.add("null.test")
    session.say("MAIL FROM:<ann@null.test>")

    assert session.say(RCPT) == (
        "550 5.7.27 <ann@null.test>: Sender address rejected: "
        "Domain null.test does not accept mail (nullMX)"
    )


def test_dns_trouble_only_postpones(talk):
    """reject_tempfail_action: what cannot be looked up must not be lost."""
    session = talk(smtpd_sender_restrictions="reject_unknown_sender_domain")
    session.dns.broken.add("slow.test")
    session.say("MAIL FROM:<ann@slow.test>")

    assert session.say(RCPT).startswith("450 4.1.8 <ann@slow.test>")
    assert session.say("RCPT TO:<nobody@example.test>").startswith("450 4.1.8")


def test_a_listed_client_hears_by_whom_it_is_listed(talk):
    """default_rbl_reply names the list, so that the client's owner can complain there."""
    session = talk(smtpd_client_restrictions="reject_rbl_client bl.test=127.0.0.[2..4]")
    session.dns.addresses["5.0.18.198.bl.test"] = ("127.0.0.3",)
    session.say("MAIL FROM:<ann@outside.test>")

    assert session.say(RCPT) == (
        "554 5.7.1 Service unavailable; Client host [198.18.0.5] blocked using bl.test; "
        "known source"
    )


def test_a_client_without_a_name(talk):
    """reject_unknown_client_hostname tells the address, because there is no name to tell."""
    nameless = talk().session.client._replace(name="unknown", name_status=5)
    session = talk(nameless, smtpd_client_restrictions="reject_unknown_client_hostname")
    session.say("MAIL FROM:<ann@outside.test>")

    assert session.say(RCPT) == (
        "450 4.7.25 Client host rejected: cannot find your hostname, [198.18.0.5]"
    )


def test_refusals_are_logged_with_everything_that_was_said(talk):
    """This line is what an administrator looks for when a user complains."""
    session = talk()
    session.play("C: HELO h.test\nC: MAIL FROM:<ann@outside.test>\nC: RCPT TO:<e@far.test>")

    assert session.log.lines == [
        "NOQUEUE: reject: RCPT from client.outside.test[198.18.0.5]: 454 4.7.1 <e@far.test>: "
        "Relay access denied; from=<ann@outside.test> to=<e@far.test> proto=SMTP helo=<h.test>"
    ]


def test_nothing_is_delayed_when_the_site_says_so(talk):
    """smtpd_delay_reject = no: the client hears of it as early as possible."""
    table = "check_helo_access inline:{ {h.test = REJECT} }"
    session = talk(smtpd_delay_reject="no", smtpd_helo_restrictions=table)

    assert session.say("HELO h.test") == (
        "554 5.7.1 <h.test>: Helo command rejected: Access denied"
    )


def test_bounces_have_one_recipient(talk):
    """reject_multi_recipient_bounce: the null sender writes to one address only."""
    session = talk(smtpd_data_restrictions="reject_multi_recipient_bounce")
    session.play("""
        C: MAIL FROM:<>
        C: RCPT TO:<ann@example.test>
        C: RCPT TO:<bob@example.test>
        C: DATA
        S: 550 5.5.3 <DATA>: Data command rejected: Multi-recipient bounce
    """)


@pytest.mark.parametrize(
    ("answer", "pattern", "counts"),
    [
        ("127.0.0.2", "", True),
        ("127.0.0.2", "127.0.0.2", True),
        ("127.0.0.7", "127.0.0.[4..6]", False),
        ("127.0.0.9", "127.0.[0;5].[2;8..10]", True),
    ],
)
def test_filters_of_block_lists(answer, pattern, counts):
    """postconf(5) reject_rbl_client: which answers count."""
    assert matches(answer, pattern) is counts


@pytest.mark.parametrize(
    ("pattern", "complaint"),
    [
        ("127.0.0", 'need "." at "127.0.0><"'),
        ("127.0.0.[4..", 'numeric range error at "127.0.0.[4..><"'),
        ("127.0.0.[9..4]", 'numeric range error at "127.0.0.[9..>4<]"'),
        ("127.0.0.300", 'need decimal number 0..255 or "[" at "127.0.0.>300<"'),
    ],
)
def test_a_filter_that_makes_no_sense_stops_the_server(pattern, complaint):
    """Mail must not go on as if there were no block list."""
    with pytest.raises(Fatal) as error:
        matches("127.0.0.2", pattern)

    assert str(error.value) == f"RBL reply error: {complaint}"


def test_addresses_are_looked_up_backwards():
    """RFC 5782: least significant part first, in both families."""
    assert reversed_address("198.18.0.5") == "5.0.18.198"
    assert reversed_address("2001:db8::1").startswith("1.0.0.0.")


@pytest.mark.parametrize("name", RESTRICTIONS)
def test_every_restriction_explains_itself(name):
    """The reference page prints the docstring, so there has to be one."""
    assert RESTRICTIONS[name].ask.__doc__


@pytest.mark.parametrize(
    ("entry", "reply", "line"),
    [
        (
            "DELAY 1m",
            "451 4.3.5 Server configuration error",
            'unknown smtpd restriction: "DELAY"',
        ),
        (
            "hash:/etc/x",
            "451 4.3.5 Server configuration error",
            "do not specify lookup tables inside SMTPD access maps",
        ),
        ("FILTER smtp", "250 2.1.5 Ok", 'entry "eve@x.test" requires transport:destination'),
        ("FILTER", "250 2.1.5 Ok", 'entry "eve@x.test" has FILTER entry without value'),
        ("REDIRECT bob", "250 2.1.5 Ok", 'entry "eve@x.test" requires user@domain target'),
        ("PREPEND x", "250 2.1.5 Ok", 'entry "eve@x.test" requires header: text'),
    ],
)
def test_entries_that_make_no_sense_are_named(talk, entry, reply, line):
    """Who wrote the table finds the line that is wrong in the log."""
    table = f"inline:{{{{eve@x.test={entry}}}}}"
    session = talk(smtpd_sender_restrictions=f"check_sender_access {table}")
    session.say("EHLO x.test")
    session.say("MAIL FROM:<eve@x.test>")

    assert session.say("RCPT TO:<bob@example.test>") == reply
    assert any(line in one for one in session.log.lines)


def test_a_hangup_says_nothing(talk):
    """access(5) HANGUP: no reply that a spammer could learn from."""
    session = talk(smtpd_sender_restrictions="check_sender_access static:HANGUP")
    session.say("EHLO x.test")
    session.say("MAIL FROM:<eve@x.test>")

    with pytest.raises(HangUp):
        session.say("RCPT TO:<bob@example.test>")
    assert ": hangup: RCPT from " in session.log.lines[-1]


def test_what_is_permitted_is_logged_when_asked_for(talk):
    """smtpd_log_access_permit_actions: which exception let this mail in?"""
    session = talk(
        smtpd_log_access_permit_actions="permit_auth_destination, OK",
        smtpd_sender_restrictions="check_sender_access static:OK",
        smtpd_relay_restrictions="permit_auth_destination, reject",
    )
    session.say("EHLO x.test")
    session.say("MAIL FROM:<eve@x.test>")
    session.say("RCPT TO:<bob@example.test>")
    permits = [
        line.partition(": permit: ")[2] for line in session.log.lines if "permit:" in line
    ]

    assert [line.partition(": ")[2].partition(";")[0] for line in permits] == [
        "action=OK for Sender address=eve@x.test from static:OK",
        "action=permit_auth_destination for Recipient address=bob@example.test ",
    ]


def test_a_doubt_of_one_stage_softens_no_refusal_of_another(talk):
    """access(5) DEFER_IF_REJECT: it is about the list that it stands in."""
    session = talk(
        smtpd_sender_restrictions="check_sender_access inline:{{eve@x.test=DEFER_IF_REJECT}}",
    )
    session.say("EHLO x.test")
    session.say("MAIL FROM:<eve@x.test>")

    assert session.say("RCPT TO:<nosuch@example.test>").startswith("550 5.1.1 ")
