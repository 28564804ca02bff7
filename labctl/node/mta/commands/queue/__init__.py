"""Commands for what lies in the queue: postqueue, mailq, postsuper, postcat."""
