"""The rules of work, one idea a file: parameters as written, their compiled form, one pure function."""
