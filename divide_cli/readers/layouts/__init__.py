"""Documents -> raw rows: one module for each family of layouts."""
