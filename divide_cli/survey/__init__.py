"""Person-level records of a survey -> estimates with their precision, and the submission that holds them."""
