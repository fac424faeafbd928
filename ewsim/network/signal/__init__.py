"""Signal: path loss, shadowing, coverage, the strongest cells."""
