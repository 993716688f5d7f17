"""Why numbers are what they are: parts of group values, their changes, and the terms of these."""
