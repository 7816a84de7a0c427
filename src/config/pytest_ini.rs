//! pytest's configuration files (spec: pytest-collection.md section 1).
