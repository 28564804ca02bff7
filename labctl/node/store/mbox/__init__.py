"""The mbox format: sessions on a file, what is in it, and how it is changed."""
