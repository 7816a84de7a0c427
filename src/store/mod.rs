//! Summaries on demand: read, decoded, parsed once, in parallel where many are asked for.
