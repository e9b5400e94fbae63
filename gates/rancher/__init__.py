"""The last door: a service on Rancher is upgraded, watched, and confirmed or brought back."""
