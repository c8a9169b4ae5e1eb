"""运营SOP: declared playbooks that findings advise; a run gives their steps out as to-dos and drafts day by day
and looks at the numbers again when its window is over."""
