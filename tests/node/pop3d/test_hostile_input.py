"""Whatever a POP3 client sends, there is one answer, and the session goes on."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from labctl.node.pop3d.session import Session, State

VERBS = ["USER", "PASS", "STAT", "LIST", "RETR", "TOP", "DELE", "UIDL", "NOOP", "RSET", "LAST"]
VERBS += ["CAPA", "AUTH", "APOP", "XTND", "RPOP", "", "\0", "é"]
ARGUMENTS = ["", " ", "1", "0", "-1", "99999999999999999999", "1 1", "1 -1", "x", "eve", "\xff"]


class Nowhere:
    """Nobody may log in here."""

    mechanisms = ()
    plaintext = True
    challenge = ""
    offers_tls = False

    def login(self, user: str, password: str) -> str:
        return "Bad login"

    apop = authenticate = login

    def log_update(self, left: int, deleted: int, seen: int) -> None: ...


@settings(max_examples=300, deadline=None, derandomize=True)
@given(st.lists(st.tuples(st.sampled_from(VERBS), st.sampled_from(ARGUMENTS)), max_size=8))
def test_every_line_has_an_answer(lines):
    """RFC 1939 3: +OK or -ERR, whatever was asked."""
    session = Session(Nowhere())
    for verb, argument in lines:
        reply = session.receive(f"{verb} {argument}".encode("utf-8", "surrogateescape"))
        assert reply.startswith((b"+OK", b"-ERR"))
        assert reply.endswith(b"\r\n")
        if session.state is State.CLOSED:
            return


@settings(max_examples=200, deadline=None, derandomize=True)
@given(st.binary(max_size=300))
def test_any_octets_have_an_answer(line):
    """What is not POP3 at all is refused."""
    assert Session(Nowhere()).receive(line).startswith((b"+OK", b"-ERR"))
