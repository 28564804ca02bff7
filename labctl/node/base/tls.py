"""The encrypted side of a connection: octets of the wire in, octets of the client out.

INPUT AND OUTPUT
    ``certificate_of("imapd")`` is the file of a server's certificate and key, None where there
    is none: then TLS is not offered.  A ``Cipher`` does no I/O; its caller carries octets.

WHERE
    ``/etc/ssl/certs/PROGRAM.pem``, with the private key in it or in
    ``/etc/ssl/private/PROGRAM.pem``, as UW-IMAP on Debian.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    import ssl

CERTIFICATES: Final = "/etc/ssl/certs"
KEYS: Final = "/etc/ssl/private"
_PIECE: Final = 1 << 16


class Certificate(NamedTuple):
    """The files of a certificate and of its key."""

    chain: str
    key: str


class TlsFailure(Exception):
    """The handshake failed, or the peer breaks the protocol; the text is for the log."""


def certificate_of(program: str) -> Certificate | None:
    """The certificate with which this program may offer TLS."""
    chain, key = f"{CERTIFICATES}/{program}.pem", f"{KEYS}/{program}.pem"
    if not os.access(chain, os.R_OK):
        return None
    return Certificate(chain, key if os.access(key, os.R_OK) else chain)


class Cipher:
    """One TLS connection, as its server."""

    def __init__(self, certificate: Certificate) -> None:
        import ssl  # slow to load, and seldom wanted

        self._ssl = ssl
        self._incoming, self._outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        try:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(certificate.chain, certificate.key)
        except (OSError, ssl.SSLError) as error:
            raise TlsFailure(f"{certificate.chain}: {error.strerror or error}") from error
        self._connection: ssl.SSLObject = context.wrap_bio(
            self._incoming, self._outgoing, server_side=True
        )

    def shake_hands(self, received: bytes) -> bool:
        """Take what came; whether the handshake is complete."""
        self._incoming.write(received)
        try:
            self._connection.do_handshake()
        except self._ssl.SSLWantReadError:
            return False
        except self._ssl.SSLError as error:
            raise TlsFailure(str(error.reason or error)) from error
        return True

    def decrypted(self, received: bytes) -> bytes:
        """What the client said in these octets of the wire; EOFError when it said goodbye."""
        self._incoming.write(received)
        pieces = []
        try:
            while piece := self._connection.read(_PIECE):
                pieces.append(piece)
        except self._ssl.SSLWantReadError:
            return b"".join(pieces)
        except self._ssl.SSLError as error:
            if not isinstance(error, self._ssl.SSLZeroReturnError):
                raise EOFError(str(error.reason or error)) from error
        if not pieces:
            raise EOFError("connection closed")
        return b"".join(pieces)

    def encrypted(self, data: bytes) -> bytes:
        """The octets of the wire for what we say."""
        if data:
            self._connection.write(data)
        return self.pending()

    def pending(self) -> bytes:
        """What the protocol itself has to say."""
        return self._outgoing.read()
