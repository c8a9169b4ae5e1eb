"""The ingest API: what other programs tell us about members, many rows at a time, written before it is answered."""
