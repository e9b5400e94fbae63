"""Copy-paste detection: tokens, matching, classes of copies, and the gate."""
