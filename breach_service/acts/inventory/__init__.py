"""What people do to the inventory: change an entry, end one, bring a file in; each makes a dated revision."""
