"""mh folders: a directory, a file a message, nothing kept beside."""
