"""The translations of what people read (data/translations): collected from data/ and the program, checked, compiled."""
