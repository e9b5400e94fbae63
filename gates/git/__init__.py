"""All that touches a repository: asking git, changes, snapshots."""
