"""The measures of inequality among the subgroups of a question, in a year and over the years."""
