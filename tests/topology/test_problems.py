"""Messages about topology files."""

from labctl.topology.problems import Place, unknown_name

HERE = Place("campus.yml", 14, 9, "nodes.mx1.domains[0]")


def test_a_misspelled_domain_gets_a_suggestion():
    """The author sees where, what and what to do, in two lines."""
    problem = unknown_name(HERE, "domain", "exmaple.test", {"example.test", "school.test"})

    assert str(problem) == (
        "campus.yml:14:9: nodes.mx1.domains[0]: no domain is called 'exmaple.test'\n"
        "    Did you mean 'example.test'?"
    )


def test_without_a_near_name_all_of_them_are_listed():
    """A guess that is far off would lead astray."""
    assert unknown_name(HERE, "network", "zzz", {"lan", "dmz"}).hint == "There is: dmz, lan."


def test_a_file_without_any_such_name_says_so():
    """There is nothing to choose from."""
    assert unknown_name(HERE, "user", "ann", ()).hint == "This file defines no user yet."
