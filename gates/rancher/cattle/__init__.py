"""The driver of Rancher 1.6, whose server is called cattle: API `/v2-beta`."""
