"""The demo brand 山茶 and the simulator behind it.

A plan says what a brand is like; `simulate` lets its members live: they join, talk, ask, react, fall silent
and leave. A planted fault changes a healthy life from one day on, so it is known what should be found.
"""
