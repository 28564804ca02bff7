"""Which machines take mail for a destination."""
