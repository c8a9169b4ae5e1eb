"""平台接入: files and platforms in, words out. Importers decode files into incoming entries; intake turns entries into
members, memberships and facts; a batch can be undone."""
