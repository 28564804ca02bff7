"""What the name server of a lab answers, query by query."""

import dns.flags
import dns.message
import dns.name
import dns.opcode
import dns.query
import dns.rcode
import dns.rdataclass
import dns.rdatatype
import pytest

from labctl.node.named.answer import respond
from labctl.node.named.zones import ZoneError, read_zone

ROOT = """
@ 3600 SOA ns.example.test. hostmaster.example.test. 1 3600 900 604800 300
@ 3600 NS ns.example.test.
"""
EXAMPLE = """
$TTL 3600
@        SOA   ns hostmaster 7 3600 900 604800 300
@        NS    ns
@        MX    10 mx
@        MX    20 backup.school.test.
ns       A     198.18.0.2
mx       A     198.18.0.10
mx       AAAA  2001:db8::10
www      CNAME mx
far      CNAME host.school.test.
loop     CNAME pool
pool     CNAME loop
nowhere  CNAME gone.example.test.
a.deep   A     198.18.0.30
*.wild   A     198.18.0.40
branch   NS    ns.branch
ns.branch A    198.18.0.50
"""
SCHOOL = """
$TTL 3600
@        SOA   ns.example.test. hostmaster 1 3600 900 604800 300
@        NS    ns.example.test.
backup   A     198.18.0.20
host     A     198.18.0.21
"""
MANY = SCHOOL + "".join(f"many TXT {'x' * 100}{number}\n" for number in range(30))
ZONES = {
    zone.origin: zone
    for zone in (
        read_zone(ROOT, "."),
        read_zone(EXAMPLE, "example.test"),
        read_zone(MANY, "school.test"),
    )
}


def ask(name, kind, *, stream=False, **options):
    query = dns.message.make_query(name, kind, **options)
    return dns.message.from_wire(respond(query.to_wire(), ZONES, stream=stream))


def lines(section):
    return [line for records in section for line in records.to_text().splitlines()]


def test_answers_are_authoritative_and_offer_no_recursion():
    """A resolver that sees RA would ask us for the rest of the world."""
    response = ask("mx.example.test", "A")

    assert lines(response.answer) == ["mx.example.test. 3600 IN A 198.18.0.10"]
    assert response.flags & dns.flags.AA
    assert not response.flags & dns.flags.RA


def test_mail_exchangers_bring_their_addresses():
    """An MTA saves a query per host, also for hosts of other zones of ours."""
    response = ask("example.test", "MX")

    assert lines(response.answer) == [
        "example.test. 3600 IN MX 10 mx.example.test.",
        "example.test. 3600 IN MX 20 backup.school.test.",
    ]
    assert lines(response.additional) == [
        "mx.example.test. 3600 IN A 198.18.0.10",
        "mx.example.test. 3600 IN AAAA 2001:db8::10",
        "backup.school.test. 3600 IN A 198.18.0.20",
    ]


@pytest.mark.parametrize(
    ("name", "kind", "rcode"),
    [
        pytest.param("none.example.test", "A", "NXDOMAIN", id="no such name"),
        pytest.param("mx.example.test", "MX", "NOERROR", id="no such type"),
        pytest.param("deep.example.test", "A", "NOERROR", id="only names below it"),
        pytest.param("wild.example.test", "A", "NOERROR", id="a wildcard below it"),
    ],
)
def test_nothing_is_said_with_the_soa(name, kind, rcode):
    """RFC 2308: without the SOA a negative answer cannot be remembered."""
    response = ask(name, kind)

    assert dns.rcode.to_text(response.rcode()) == rcode
    assert response.answer == []
    assert lines(response.authority) == [
        "example.test. 300 IN SOA ns.example.test. hostmaster.example.test. "
        "7 3600 900 604800 300"
    ]


def test_the_root_is_closed():
    """A name outside of the lab does not exist, and nothing waits for an answer."""
    response = ask("www.example.com", "A")

    assert response.rcode() == dns.rcode.NXDOMAIN
    assert response.flags & dns.flags.AA
    assert [records.name for records in response.authority] == [dns.name.root]


def test_a_server_without_a_root_refuses_what_is_not_its_own():
    """An authority does not speak for others."""
    zones = {origin: zone for origin, zone in ZONES.items() if origin != dns.name.root}
    query = dns.message.make_query("www.example.com", "A")
    response = dns.message.from_wire(respond(query.to_wire(), zones, stream=False))

    assert response.rcode() == dns.rcode.REFUSED


def test_a_cname_is_followed_across_zones():
    """The asker gets the address in one answer."""
    assert lines(ask("far.example.test", "A").answer) == [
        "far.example.test. 3600 IN CNAME host.school.test.",
        "host.school.test. 3600 IN A 198.18.0.21",
    ]


def test_a_cname_that_leads_nowhere_does_not_exist():
    """RFC 6604 3: the response code is about the last name of the chain."""
    response = ask("nowhere.example.test", "A")

    assert response.rcode() == dns.rcode.NXDOMAIN
    assert len(response.answer) == 1


def test_a_loop_of_cnames_ends():
    """A mistake in a zone file must not stop the server."""
    assert ask("loop.example.test", "A").rcode() == dns.rcode.NOERROR


def test_a_wildcard_answers_for_the_name_that_was_asked():
    """RFC 4592: the records take the name of the question."""
    assert lines(ask("any.thing.wild.example.test", "A").answer) == [
        "any.thing.wild.example.test. 3600 IN A 198.18.0.40"
    ]


def test_below_a_delegation_there_is_a_referral_with_glue():
    """RFC 1034 4.2.1: the address of a server inside of its own zone has to come along."""
    response = ask("host.branch.example.test", "A")

    assert not response.flags & dns.flags.AA
    assert lines(response.authority) == [
        "branch.example.test. 3600 IN NS ns.branch.example.test."
    ]
    assert lines(response.additional) == ["ns.branch.example.test. 3600 IN A 198.18.0.50"]


def test_names_match_in_any_case_and_the_question_comes_back_as_it_was():
    """Resolvers mix the case of their questions to make forgeries harder."""
    response = ask("Mx.eXample.TEST", "A")

    assert response.question[0].name.to_text() == "Mx.eXample.TEST."
    assert len(response.answer) == 1


@pytest.mark.parametrize(
    ("options", "size"),
    [
        pytest.param({"use_edns": False}, 512, id="classic"),
        pytest.param({"payload": 1000}, 1000, id="as the client can"),
        pytest.param({"payload": 65000}, 1232, id="no fragments"),
    ],
)
def test_what_does_not_fit_is_truncated(options, size):
    """The client asks again over TCP, and there gets everything."""
    query = dns.message.make_query("many.school.test", "TXT", **options)
    wire = respond(query.to_wire(), ZONES, stream=False)
    truncated = dns.message.from_wire(wire)
    whole = ask("many.school.test", "TXT", stream=True, **options)

    assert len(wire) <= size
    assert truncated.flags & dns.flags.TC
    assert not whole.flags & dns.flags.TC
    assert len(whole.answer[0]) == 30


@pytest.mark.parametrize(
    ("change", "rcode"),
    [
        pytest.param({"kind": "AXFR"}, dns.rcode.REFUSED, id="zone transfer"),
        pytest.param({"kind": "IXFR"}, dns.rcode.REFUSED, id="incremental transfer"),
        pytest.param({"opcode": dns.opcode.STATUS}, dns.rcode.NOTIMP, id="another opcode"),
        pytest.param({"use_edns": 1}, dns.rcode.BADVERS, id="a future EDNS"),
    ],
)
def test_what_is_not_served_is_refused(change, rcode):
    """Every question gets an answer, so that nobody waits."""
    query = dns.message.make_query("example.test", change.get("kind", "A"))
    query.use_edns(change.get("use_edns", -1))
    query.set_opcode(change.get("opcode", dns.opcode.QUERY))
    response = dns.message.from_wire(respond(query.to_wire(), ZONES, stream=True))

    assert response.rcode() == rcode


@pytest.mark.parametrize(
    ("query", "response"),
    [
        pytest.param(b"\x12\x34" + bytes(5), None, id="too short to answer"),
        pytest.param(b"\x12\x34\x81\x80" + bytes(8), None, id="a response"),
        pytest.param(
            b"\x12\x34\x01\x00\x00\x01" + bytes(6) + b"\xff",
            b"\x12\x34\x81\x01" + bytes(8),
            id="a broken question",
        ),
    ],
)
def test_garbage_gets_a_format_error_or_silence(query, response):
    """Two servers that answer each other's errors would never end."""
    assert respond(query, ZONES, stream=False) == response


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("mx A 198.18.0.10\n", id="no SOA"),
        pytest.param(EXAMPLE + "bad A 198.18.0.300\n", id="no address"),
        pytest.param(EXAMPLE + "bad NONSENSE x\n", id="no type"),
        pytest.param(EXAMPLE + "mx CNAME ns\n", id="a CNAME beside others"),
    ],
)
def test_a_wrong_zone_file_is_an_error(text):
    """The log has to say it; a server that guesses hides the mistake."""
    with pytest.raises(ZoneError):
        read_zone(text, "example.test")
