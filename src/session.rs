//! One analysis as one call, for every front end.
