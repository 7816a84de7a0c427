//! Import edges, exports, cycles.
