"""The brief: two pages for those who decide. Who was missed, where, why, and what would help."""
