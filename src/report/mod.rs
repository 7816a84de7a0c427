//! Renderers: one file each. Data comes in ready; nothing is analysed here.
