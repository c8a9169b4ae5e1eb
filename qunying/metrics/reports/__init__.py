"""报告: the numbers of a week, a month or any days, put together from declared blocks; files and links of them; and the
daily report."""
