"""Claims: published figures as tests. A claims file in, a verdict for each claim out."""
