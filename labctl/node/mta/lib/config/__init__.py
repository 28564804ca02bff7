"""main.cf and master.cf: what they say, read into values."""
