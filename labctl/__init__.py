"""labctl: one YAML file becomes a small internet of mail."""

__version__ = "0.1.0"
