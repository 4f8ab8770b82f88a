"""Every reader of what comes from outside, fed what nobody would send: `make fuzz` is an hour."""
