"""Messages of the domain name system, held against dnspython's."""

from __future__ import annotations

import dns.message
import dns.rrset
import pytest
from hypothesis import given
from hypothesis import strategies as st

from labctl.node.mta.lib.dns import names, wire
from labctl.node.mta.lib.dns.wire import TYPES, BadName, Malformed


def response(question: str, kind: str, *answers: str, rcode: int = 0) -> dns.message.Message:
    message = dns.message.make_response(dns.message.make_query(question, kind))
    message.set_rcode(rcode)
    for answer in answers:
        owner, type_, data = answer.split(" ", 2)
        message.answer.append(dns.rrset.from_text(owner, 300, "IN", type_, data))
    return message


@pytest.mark.parametrize("kind", list(TYPES))
def test_a_question_is_what_a_server_expects(kind: str):
    """Recursion is wanted: a stub resolver follows nothing by itself."""
    message = dns.message.from_wire(wire.query("mail.Example.test", kind))

    assert message.to_text().splitlines()[1:] == [
        "opcode QUERY",
        "rcode NOERROR",
        "flags RD",
        ";QUESTION",
        f"mail.Example.test. IN {kind}",
        ";ANSWER",
        ";AUTHORITY",
        ";ADDITIONAL",
    ]


@pytest.mark.parametrize(
    ("kind", "data", "value"),
    [
        ("A", "198.18.0.10", (0, "198.18.0.10")),
        ("AAAA", "2001:db8::10", (0, "2001:db8::10")),
        ("MX", "10 Mail.a.test.", (10, "Mail.a.test")),
        ("MX", "0 .", (0, "")),
        ("NS", "ns.a.test.", (0, "ns.a.test")),
        ("PTR", "host.other.test.", (0, "host.other.test")),
        ("CNAME", r"dot\.in.label.test.", (0, r"dot\.in.label.test")),
        ("TXT", '"one " "two"', (0, "one two")),
    ],
)
def test_records_have_the_value_that_was_sent(kind: str, data: str, value: tuple[int, str]):
    """With names that share their end with the question (RFC 1035 4.1.4)."""
    message = wire.parse(response("a.test.", kind, f"a.test. {kind} {data}").to_wire())

    assert [record.value for record in message.answers] == [value]


def test_names_are_compared_without_case():
    """RFC 4343: a server may answer in another case than it was asked."""
    message = wire.parse(response("A.Test.", "A", "a.tesT. A 198.18.0.1").to_wire())

    assert message.records(message.questions[0].name, TYPES["A"])


@pytest.mark.parametrize("name", ["", "a..test", "x" * 64 + ".test", ".".join(["x" * 63] * 4)])
def test_what_can_be_no_name_is_not_asked_for(name: str):
    """RFC 1035 2.3.4."""
    with pytest.raises(BadName):
        wire.query(name, "A")


def test_a_name_with_other_letters_goes_out_as_ascii():
    """RFC 3490: domains of internationalized addresses."""
    assert names.encode("bücher.test") == b"\x0dxn--bcher-kva\x04test\x00"


def test_only_the_answer_to_the_question_counts():
    """Anybody can send a datagram with the right number."""
    query = dns.message.make_query("a.test", "A")
    good = dns.message.make_response(query)
    other = dns.message.make_response(dns.message.make_query("b.test", "A", id=query.id))

    assert wire.parse(good.to_wire()).answers_to(query.to_wire())
    assert not wire.parse(other.to_wire()).answers_to(query.to_wire())
    assert not wire.parse(query.to_wire()).answers_to(query.to_wire())


@pytest.mark.parametrize(
    "name",
    [
        b"\xc0\x0c",  # a pointer to itself
        b"\xc0\xff",  # ahead
        b"\x05ab",  # cut short
        b"\x80",  # a kind of label that nobody uses
        b"\x3f" + b"x" * 63 + b"\xc0\x0c",  # back to where it began, and round again
    ],
)
def test_a_name_that_does_not_end_is_refused(name: bytes):
    """A loop would be followed for ever."""
    with pytest.raises(Malformed):
        names.read(bytes(12) + name, 12)


@given(st.binary(max_size=80))
def test_any_bytes_are_a_message_or_malformed(data: bytes):
    """What comes from the network must not end a process."""
    try:
        for record in wire.parse(response("a.test.", "MX").to_wire()[:7] + data).answers:
            assert record.type not in wire.VALUES or record.value
    except Malformed:
        pass
