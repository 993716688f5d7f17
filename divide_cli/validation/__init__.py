"""Rules -> findings: the report of what a submission breaks."""
