"""What a person types: one file per command, no logic; render.py alone prints."""
