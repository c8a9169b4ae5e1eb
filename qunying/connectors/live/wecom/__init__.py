"""WeCom: the app of a corporation, and the robot of a single internal group."""
