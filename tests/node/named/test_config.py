"""named.conf."""

import pytest

from labctl.node.named.config import Config, ConfigError, parse


def test_the_file_of_a_lab_is_understood():
    """It is BIND's syntax, so that a student can read it elsewhere too."""
    text = """
    // a comment
    options { directory "/srv/dns"; recursion no; listen-on port 5353 { 198.18.0.2; }; };
    zone "example.test" { type master; file "example.zone"; }; # another
    zone "." { type primary; file "/etc/root.zone"; };
    """

    assert parse(text) == Config(
        directory="/srv/dns",
        listen_on=("198.18.0.2",),
        port=5353,
        zones={"example.test": "/srv/dns/example.zone", ".": "/etc/root.zone"},
    )


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("acl x { any; };", "unknown statement 'acl'"),
        ("options { recursion yes; };", "recursion is not supported"),
        ('zone "a" { type slave; file "a"; };', "type 'slave' is not supported"),
        ('zone "a" { type master; };', "zone 'a' has no file"),
        ("options { recursion no; }", "missing ';' after 'options'"),
        ("options { recursion no;", "missing '}'"),
        ("};", "unexpected '}'"),
    ],
)
def test_what_has_no_effect_here_is_refused_by_name(text, complaint):
    """A setting that is ignored in silence costs somebody an afternoon."""
    with pytest.raises(ConfigError, match=complaint):
        parse(text)
