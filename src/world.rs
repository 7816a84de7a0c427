//! One snapshot of configuration, environment, resolver and store; the machine's window.
