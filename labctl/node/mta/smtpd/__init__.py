"""smtpd(8): accepts mail from the network, or says why not."""
