"""`pytest tests/golden --rewrite-golden` writes the files anew; a person reads the diff."""


def pytest_addoption(parser):
    parser.addoption("--rewrite-golden", action="store_true", help="write golden files anew")
