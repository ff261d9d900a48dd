"""The watch's own event loop: one in each `watch` worker's process, where it waits for many pools at once."""
