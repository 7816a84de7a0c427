//! Bytes to summary. (spec: python-import.md section 9)
