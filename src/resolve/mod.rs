//! Directories and names to locations; each directory is listed once. (spec: python-import.md section 2)
