"""Direct-to-device satellite."""
