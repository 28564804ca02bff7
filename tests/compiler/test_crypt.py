"""sha512-crypt, held against a kept library."""

import pytest
from passlib.hash import sha512_crypt as library

from labctl.compiler.crypt import sha512_crypt


def test_the_vector_of_the_specification():
    """Drepper's own example with a salt of ten characters."""
    assert sha512_crypt("Hello world!", "saltstring", 5000) == (
        "$6$rounds=5000$saltstring$svn8UoSVapNtMuq1ukKS4tPQd8iKwSMHWjl/O817G3"
        "uBnIFNjnQJuesI68u4OTLiBFdcbYEdFCoEOfaS35inz1"
    )


@pytest.mark.parametrize("length", [0, 1, 7, 63, 64, 65, 130])
def test_passwords_of_every_length_agree_with_the_library(length):
    """The blocks of SHA-512 have 128 bytes, its digests 64: the edges are there."""
    password = "pässword"[:1] * (length % 2) + "x" * length
    hashed = sha512_crypt(password, "0123456789abcdef", 1000)

    assert library.verify(password, hashed)
