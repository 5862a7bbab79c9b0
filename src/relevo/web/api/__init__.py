"""The REST API under `/api/v1`: reads rows of the caller's workspace, and asks the rooms below for every change."""
