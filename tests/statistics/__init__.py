"""What the statistics of experiments promise, checked against known truths."""
