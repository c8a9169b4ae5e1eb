"""发件箱: words and to-dos that wait for a platform or a person. `say` drafts a post, `assign` gives a staff
member a to-do, `finish`, `drop` and `reopen` say what became of them."""
