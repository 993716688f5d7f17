"""Documents -> raw rows: one module a family of layouts, and how a layout is recognised."""
