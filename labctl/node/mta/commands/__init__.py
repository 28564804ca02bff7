"""The commands of the MTA: one file each."""
