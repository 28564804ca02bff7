"""The table of qshape(1)."""

from labctl.node.mta.commands.queue.shape import Buckets, Shape


def shape(*domains):
    found = Shape(Buckets(3, 10))
    for domain, minutes in domains:
        found.add(domain, minutes)
    return found


def squeezed(lines):
    return [" ".join(line.split()) for line in lines]


def test_the_busiest_domain_comes_first():
    """The one that is to be looked at is at the top."""
    lines = shape(("a.test", 1), ("b.test", 12), ("b.test", 500)).table()

    assert squeezed(lines) == [
        "T 10 20 20+",
        "TOTAL 3 1 1 1",
        "b.test 2 0 1 1",
        "a.test 1 1 0 0",
    ]
    assert {len(line) for line in lines} == {80}


def test_ages_double_from_column_to_column():
    """Backoff times double too: each column is about one more attempt."""
    assert Buckets().headings == (
        *("T", "5", "10", "20", "40", "80", "160", "320", "640", "1280", "1280+"),
    )
    assert Buckets(4, 5, linear=True).headings == ("T", "5", "10", "15", "15+")


def test_parents_have_a_line_when_enough_is_below_them():
    """A provider with a thousand domains is one problem and not a thousand."""
    found = shape(("a.far.test", 1), ("b.far.test", 1), ("far.test", 1), ("x.test", 1))

    assert [line.split()[0] for line in found.table(parents=True, fewest=2)[2:]] == [
        *(".far.test", "far.test", "a.far.test", "b.far.test", "x.test"),
    ]
    assert not any(".far.test" in line.split() for line in found.table(parents=True))


def test_large_numbers_have_room():
    """Columns that run into one another cannot be read."""
    line = shape(*[("a.test", 1)] * 1234).table()[1]

    assert line.endswith("TOTAL 1234 1234  0   0")
