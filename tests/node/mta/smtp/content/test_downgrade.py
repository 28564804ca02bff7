"""Quoted-printable for servers that know seven bits only."""

from __future__ import annotations

from labctl.node.mta.smtp.content.downgrade import downgrade, quoted_printable


def test_eight_bit_octets_and_final_spaces_are_quoted() -> None:
    """A server without 8BITMIME may clear the eighth bit, and strip line ends."""
    assert quoted_printable("Köln = 1 ".encode()) == [b"K=C3=B6ln =3D 1=20"]


def test_long_lines_get_soft_breaks() -> None:
    """RFC 2045 6.7 (5): no encoded line is longer than 76 characters."""
    lines = quoted_printable(b"\xff" * 60)

    assert all(len(line) <= 76 for line in lines)
    assert b"".join(line.removesuffix(b"=") for line in lines) == b"=FF" * 60


def test_only_parts_of_eight_bits_change() -> None:
    """A boundary that looks like quoted-printable must stay as it is."""
    text = (
        b'Content-Type: multipart/mixed; boundary="=_x"\nContent-Transfer-Encoding: 8bit\n\n'
        b"--=_x\nContent-Transfer-Encoding: 8bit\n\n\xc3=\n"
        b"--=_x\nContent-Transfer-Encoding: base64\n\nQQ==\n--=_x--\n"
    )

    assert downgrade(text) == (
        b'Content-Type: multipart/mixed; boundary="=_x"\nContent-Transfer-Encoding: 7bit\n\n'
        b"--=_x\nContent-Transfer-Encoding: quoted-printable\n\n=C3=3D\n"
        b"--=_x\nContent-Transfer-Encoding: base64\n\nQQ==\n--=_x--\n"
    )
