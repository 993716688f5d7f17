"""Records of the persons in a survey -> estimates with their precision, and the submission that has them."""
