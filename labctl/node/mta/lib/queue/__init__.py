"""The queue on disk: its directories, its files, and the records in them."""
