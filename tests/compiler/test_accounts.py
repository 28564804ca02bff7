"""Accounts of a node."""

from passlib.hash import sha512_crypt

from labctl.compiler.accounts import hash_password


def test_the_hash_is_one_that_crypt_knows():
    """The servers check it as they would on a real machine."""
    assert sha512_crypt.verify("secret", hash_password("ann", "secret"))


def test_the_hash_is_the_same_every_time_and_another_for_everybody():
    """A plan is the same every time; equal passwords must not show."""
    assert hash_password("ann", "secret") == hash_password("ann", "secret")
    assert hash_password("ann", "secret") != hash_password("bob", "secret")
