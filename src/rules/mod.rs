//! Findings: one file per rule. Rules read what the machine and the summaries say; they never walk trees or run anything.
