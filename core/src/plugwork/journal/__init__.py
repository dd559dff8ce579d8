"""The event path: writer, leases, reaper, waking and watching. Import from the modules."""
