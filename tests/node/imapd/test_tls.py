"""STARTTLS, STLS and the encrypted ports, with the clients of Python's own library."""

from __future__ import annotations

import datetime
import imaplib
import poplib
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from labctl.node.base import tls
from labctl.node.base.log import Log
from labctl.node.base.standard_streams import Peer, StandardStreams
from labctl.node.imapd.service import Service as ImapService
from labctl.node.pop3d.service import Service as Pop3Service

HOST = "localhost"
START = datetime.datetime(2020, 1, 1, tzinfo=datetime.UTC)


@pytest.fixture
def authority(tmp_path, monkeypatch) -> ssl.SSLContext:
    """A certificate for both servers; what a client needs to believe it."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, HOST)])
    certificate = (
        x509.CertificateBuilder(name, name, key.public_key(), 1)
        .not_valid_before(START)
        .not_valid_after(START + datetime.timedelta(days=36500))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(HOST)]), critical=False)
        .sign(key, hashes.SHA256())
    )
    encoding = serialization.Encoding.PEM
    form = serialization.PrivateFormat.PKCS8
    pem = certificate.public_bytes(encoding)
    secret = key.private_bytes(encoding, form, serialization.NoEncryption())
    for program in ("imapd", "ipop3d"):
        (tmp_path / f"{program}.pem").write_bytes(pem + secret)
    monkeypatch.setattr(tls, "CERTIFICATES", str(tmp_path))
    monkeypatch.setattr(tls, "KEYS", str(tmp_path / "none"))
    return ssl.create_default_context(cadata=pem.decode())


Serve = Callable[[type, int], int]


@pytest.fixture
def serve(tmp_path: Path) -> Iterator[Serve]:
    """Serve one client on a port of this machine; the service believes in another port."""
    threads: list[threading.Thread] = []

    def start(service: type, port: int) -> int:
        listener = socket.create_server(("127.0.0.1", 0))
        listener.settimeout(10)

        def answer() -> None:
            with listener, listener.accept()[0] as connection:
                connection.setblocking(True)
                streams = StandardStreams(connection.fileno(), connection.fileno())
                streams.heed = lambda _numbers: None  # signals belong to the main thread
                peer = Peer(HOST, "127.0.0.1", "client [127.0.0.1]", port)
                service(streams, peer, Log("test", path=str(tmp_path / "log"))).run()

        threads.append(threading.Thread(target=answer))
        threads[-1].start()
        return int(listener.getsockname()[1])

    yield start
    for thread in threads:
        thread.join(10)
        assert not thread.is_alive()


def test_imap_starttls(authority, serve):
    """RFC 3501 6.2.1: offered before, not after; then passwords may be sent."""
    client = imaplib.IMAP4(HOST, serve(ImapService, 143), timeout=10)
    before = client.capabilities
    client.starttls(authority)
    after = client.capability()[1][0].decode().split()
    client.logout()

    assert "STARTTLS" in before
    assert "STARTTLS" not in after
    assert {"AUTH=PLAIN", "AUTH=LOGIN"} <= set(after)


def test_imaps(authority, serve):
    """RFC 8314: encrypted from the first octet."""
    client = imaplib.IMAP4_SSL(HOST, serve(ImapService, 993), ssl_context=authority, timeout=10)

    assert client.noop()[0] == "OK"
    client.logout()


def test_pop3_stls(authority, serve):
    """RFC 2595 4."""
    client = poplib.POP3(HOST, serve(Pop3Service, 110), timeout=10)
    before = client.capa()
    client.stls(authority)
    after = client.capa()
    client.quit()

    assert "STLS" in before
    assert "STLS" not in after
    assert after["SASL"] == ["PLAIN", "LOGIN"]


def test_pop3s(authority, serve):
    """RFC 8314."""
    client = poplib.POP3_SSL(HOST, serve(Pop3Service, 995), context=authority, timeout=10)

    assert client.getwelcome().startswith(b"+OK POP3 ")
    client.quit()


def test_what_was_said_before_the_handshake_does_not_count(authority, serve):
    """RFC 3207 6: somebody in between could have put it there."""
    with socket.create_connection((HOST, serve(ImapService, 143)), timeout=10) as raw:
        raw.recv(4096)
        raw.sendall(b"a STARTTLS\r\nb NOSUCH\r\n")
        assert raw.recv(4096) == b"a OK STARTTLS completed\r\n"
        with authority.wrap_socket(raw, server_hostname=HOST) as client:
            client.sendall(b"c LOGOUT\r\n")
            told = client.recv(4096) + client.recv(4096)

    assert b"NOSUCH" not in told
    assert b"c OK LOGOUT completed" in told


def test_a_client_that_cannot_is_let_go(authority, serve):
    """The log says why."""
    with socket.create_connection((HOST, serve(ImapService, 993)), timeout=10) as raw:
        raw.sendall(b"a NOOP\r\n" * 3)
        while raw.recv(4096):
            pass


def test_nothing_is_offered_without_a_certificate(serve):
    """As the course has it: SSLTYPE=none."""
    client = imaplib.IMAP4(HOST, serve(ImapService, 143), timeout=10)

    assert "STARTTLS" not in client.capabilities
    assert client._simple_command("STARTTLS")[0] == "NO"
    client.logout()
