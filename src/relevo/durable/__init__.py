"""The mailbox (wake, run, lease) and the engines that bring wake-ups."""
