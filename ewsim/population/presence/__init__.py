"""Where every handset is camped, and when."""
