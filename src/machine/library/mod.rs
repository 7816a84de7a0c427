//! Models of libraries that no reading can give, one file each.
