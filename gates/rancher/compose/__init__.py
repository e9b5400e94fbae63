"""A whole stack, as docker-compose.yml and rancher-compose.yml describe it."""
