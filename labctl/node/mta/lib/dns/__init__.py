"""Questions to name servers, as the mail system asks them."""
