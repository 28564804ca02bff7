"""Tables of rules: regexp:, pcre: and cidr:, asked from the first line to the last."""
