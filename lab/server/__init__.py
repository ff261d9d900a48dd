"""The wire: sockets, TLS and HTTP for every server of the lab, with faults at socket level."""
