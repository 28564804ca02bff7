"""Clients that send anything: no crash, no hang, bounded memory, clear replies."""

import itertools
import random
import re
import socket
import threading
import tracemalloc
from types import SimpleNamespace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from labctl.node.mta.smtpd import reading
from labctl.node.mta.smtpd.commands import obey
from labctl.node.mta.smtpd.dialogue import Dialogue
from labctl.node.mta.smtpd.message.decoding import ChunkDecoder, DotDecoder
from labctl.node.mta.smtpd.session import Mode

REPLY = re.compile(rb"(?:[2-5]\d\d-[^\r\n]*\r\n)*[2-5]\d\d [^\r\n]*\r\n")
GRAMMAR = [
    b"EHLO x.test",
    b"HELO [198.18.0.5]",
    b"MAIL FROM:<ann@outside.test> SIZE=10 BODY=8BITMIME RET=HDRS ENVID=a+2Bb",
    b"MAIL FROM:<>",
    b'RCPT TO:<"b o b"@example.test> NOTIFY=SUCCESS,DELAY ORCPT=rfc822;x',
    b"RCPT TO:<bob@example.test>",
    b"RCPT TO:<@a,@b:bob@example.test>",
    b"DATA",
    b"BDAT 5 LAST",
    b"BDAT 99999999999999999999",
    b"RSET",
    b"VRFY bob SMTPUTF8",
    b"ETRN #relayed.test",
    b"XCLIENT NAME=x ADDR=IPV6:::1",
    b"XFORWARD IDENT=+00 HELO=x",
    b"NOOP",
    b"\xffQUIT",
    b"Subject: x",
]
SPLICES = [
    b"\0",
    b"\r",
    b"<",
    b">",
    b'"',
    b"\\",
    b"@",
    b":",
    b" ",
    b"\t",
    b"\xc3\xbc",
    b"\xff",
    b"+",
]


def mutated(chance: random.Random, line: bytes) -> bytes:
    """A command with something missing, doubled or put in."""
    for _ in range(chance.randrange(4)):
        start, end = sorted(chance.choices(range(len(line) + 1), k=2))
        middle = chance.choice([b"", line[start:end] * 2, chance.choice(SPLICES), b"x" * 700])
        line = line[:start] + middle + line[end:]
    return line


class Trickle:
    """A reader that has ``total`` bytes, all the same, in pieces."""

    buffered, deadline, timeout, limit = 0, None, 1.0, 2048

    def __init__(self, piece: bytes, total: int) -> None:
        self.pieces = itertools.chain(itertools.repeat(piece, total // len(piece)), [b""])
        self.back = b""

    def read_some(self) -> bytes:
        piece, self.back = self.back or next(self.pieces), b""
        return piece

    def unread(self, data: bytes) -> None:
        self.back = data


@pytest.mark.parametrize("seed", range(40))
def test_no_line_breaks_a_session(talk, seed):
    """Forty sessions of fifty broken commands each, the same ones every time."""
    chance = random.Random(seed)
    session = talk(
        smtpd_hard_error_limit="1000",
        smtpd_junk_command_limit="1000",
        smtpd_authorized_xclient_hosts="198.18.0.0/15",
        smtpd_authorized_xforward_hosts="198.18.0.0/15",
        smtpd_reject_footer="call $sender",
        strict_rfc821_envelopes=chance.choice(["yes", "no"]),
        smtputf8_enable=chance.choice(["yes", "no"]),
    )
    for _ in range(50):
        line = mutated(chance, chance.choice(GRAMMAR)).replace(b"\n", b"")
        reply = obey.receive_line(session.session, line)
        session.session.mode = Mode.COMMAND
        session.session.denied = None

        assert REPLY.fullmatch(reply.encode()), line


@settings(max_examples=150, deadline=None)
@given(data=st.binary(max_size=120), cuts=st.lists(st.integers(0, 120), max_size=4))
def test_content_does_not_depend_on_how_it_was_sent(data, cuts):
    """TCP keeps no boundaries: where a piece ends must mean nothing."""
    data = data.replace(b"a", b"\r").replace(b"b", b"\n").replace(b"c", b".")
    data += b"\r\n.\r\nQUIT\r\n"
    places = sorted({min(cut, len(data)) for cut in cuts} | {0, len(data)})
    for strict, detect in itertools.product([False, True], repeat=2):
        whole = DotDecoder(strict=strict, detect=detect)
        pieces = DotDecoder(strict=strict, detect=detect)
        text = whole.feed(data)
        parts, sent = [], 0
        for start, end in itertools.pairwise(places):
            if not pieces.finished:
                parts.append(pieces.feed(data[start:end]))
                sent = end

        assert b"".join(parts) == text
        assert pieces.rest + data[sent:] == whole.rest
        assert pieces.bare_newline == whole.bare_newline


@pytest.mark.parametrize("decoder", [DotDecoder, ChunkDecoder])
def test_carriage_returns_cost_no_more_than_other_bytes(decoder):
    """A run that is searched anew from each of its bytes would take minutes."""
    run = b"\r" * 500_000 + b"x\r\n"

    assert decoder().feed(run).endswith(b"x\n")


def test_data_without_a_line_end_fills_no_memory(talk):
    """A client may send for hours, and does not own our machine."""
    session = talk(message_size_limit="1000000").play("""
        C: EHLO x.test
        C: MAIL FROM:<ann@outside.test>
        C: RCPT TO:<bob@example.test>
        C: DATA
        S: 354 End data with <CR><LF>.<CR><LF>
    """)
    tracemalloc.start()
    with pytest.raises(EOFError):
        reading.read_data(session.session, Trickle(b"x" * 65536, 100_000_000))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()

    assert peak < 4_000_000 + 2 * 1_000_000  # the fake queue keeps what fits the limit


def test_a_chunk_that_is_too_large_is_refused_and_thrown_away(talk):
    """BDAT of 4 GB announced: the answer is known, and nothing is kept until it may be said."""
    session = talk(message_size_limit="1000").play("""
        C: EHLO x.test
        C: MAIL FROM:<ann@outside.test>
        C: RCPT TO:<bob@example.test>
    """)
    reply = obey.receive_line(session.session, b"BDAT 4294967296 LAST")
    reader = Trickle(b"x" * 65536, 100_000_000)
    tracemalloc.start()
    with pytest.raises(EOFError):
        reading.read_chunk(session.session, reader, reply)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()

    assert str(reply) == "552 5.3.4 Chunk exceeds message size limit"
    assert peak < 1_000_000


def test_a_hundred_thousand_recipients_end_the_session(talk):
    """smtpd_recipient_limit, its overshoot, and then the limit of errors."""
    session = talk(smtpd_recipient_limit="100", smtpd_recipient_overshoot_limit="50")
    session.play("C: EHLO x.test\nC: MAIL FROM:<ann@outside.test>")
    replies = [session.say("RCPT TO:<bob@example.test>") for _ in range(100 + 50 + 20)]

    assert len(session.queue.recipients) == 100
    assert set(replies[100:]) == {"452 4.5.3 Error: too many recipients"}
    assert session.session.errors == 20


@pytest.fixture
def converse(talk):
    """Run a whole dialogue over a socket; what the server said."""

    def converse(send, **more):
        session = talk(smtpd_timeout="1s", smtpd_error_sleep_time="0", **more).session
        ours, theirs = socket.socketpair()
        client = threading.Thread(target=send, args=(theirs,))
        client.start()
        with ours:
            Dialogue(session, ours).run(None)
        client.join()
        said = b"".join(iter(lambda: theirs.recv(65536), b""))
        theirs.close()
        return SimpleNamespace(said=said, session=session)

    return converse


def test_a_byte_now_and_then_does_not_hold_a_process_for_ever(converse):
    """smtpd_per_request_deadline: the time is for the command, not for each of its bytes."""
    ended = threading.Event()

    def drip(client):
        client.settimeout(5.0)
        for byte in itertools.cycle(b"NOOP"):
            try:
                client.send(bytes([byte]))
            except OSError:
                return
            if ended.wait(0.2):
                return

    talk = converse(drip, smtpd_per_request_deadline="yes")

    assert talk.said.endswith(b"421 4.4.2 mx.example.test Error: timeout exceeded\r\n")
    assert talk.session.reason == "timeout"


def test_a_line_of_megabytes_is_one_line(converse):
    """What is longer than line_length_limit is not the next command."""

    def send(client):
        client.sendall(b"NOOP " + b"x" * 3_000_000 + b"\r\nQUIT\r\n")
        client.shutdown(socket.SHUT_WR)

    talk = converse(send)

    assert talk.said.splitlines()[1:] == [b"250 2.0.0 Ok", b"221 2.0.0 Bye"]
    assert "request longer than 2048: NOOP xxxxxxxxxxxxxxxxxxxxxxxxx..." in "".join(
        talk.session.env.log.lines
    )


@pytest.mark.parametrize("seed", range(25))
def test_no_stream_of_bytes_breaks_a_dialogue(converse, seed):
    """Commands, content and rubbish in one stream, cut off anywhere."""
    chance = random.Random(seed)
    lines = [mutated(chance, chance.choice(GRAMMAR)) for _ in range(30)]
    ends = [chance.choice([b"\r\n", b"\r\n", b"\n", b"\r\n.\r\n"]) for _ in lines]
    stream = b"".join(line + end for line, end in zip(lines, ends, strict=True))

    def send(client):
        client.sendall(stream[: chance.randrange(len(stream))])
        client.shutdown(socket.SHUT_WR)

    talk = converse(
        send,
        smtpd_hard_error_limit="1000",
        smtpd_forbid_bare_newline=chance.choice(["no", "normalize", "reject"]),
        smtpd_authorized_xclient_hosts="198.18.0.0/15",
    )

    assert re.fullmatch(rb"(?:%s)*" % REPLY.pattern, talk.said)
    assert talk.session.mode is not Mode.COMMAND or talk.session.reason == "lost connection"
