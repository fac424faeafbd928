"""Work with CAP files: feeds, output formats, repairs, templates, threads, exercises."""
