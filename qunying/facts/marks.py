"""Bits of `Fact.marks`: what is known of a message once its text is gone."""

QUESTION = 1
"""A member asked something."""
VALID = 2
"""有效发言: not a bare 收到, 1, emoji or red-packet grab."""
TEXTLESS = 4
"""Image, file, sticker and the like: no text to judge."""
INTERACTION_ITEM = 8
"""A staff post that asks members to answer: topic, poll, quiz."""
FLAGGED_TIME = 16
"""The source's time lay in the future, or its clock was off: ours stands instead."""
