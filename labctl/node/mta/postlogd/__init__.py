"""postlogd(8): writes the log for those who may not write the file themselves."""
