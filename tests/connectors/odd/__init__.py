"""A platform from outside, announced like a third party's app: what it hears can break our intake."""
