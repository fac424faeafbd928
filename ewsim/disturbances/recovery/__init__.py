"""Who repairs what, and what is brought meanwhile: crews and deployable cells."""
