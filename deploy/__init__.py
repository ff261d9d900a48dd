"""Running Baton: the demo's supervisor, and samples for systemd and containers."""
