"""What a studio begins with: shipped scenarios, finished runs, one's own files, a new country."""
