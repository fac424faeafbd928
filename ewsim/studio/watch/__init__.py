"""Send and watch: a run after every change, its figures by moment, injects, and the clock of all pages."""
