"""Tables of cells and sites: reading, checking, naming, exporting."""
