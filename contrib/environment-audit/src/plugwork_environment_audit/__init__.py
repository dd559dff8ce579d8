"""A plugwork job that audits a Python environment: files, sizes, licences and imports."""
