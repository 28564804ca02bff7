"""Commands that leave a message in maildrop: sendmail and postdrop."""
