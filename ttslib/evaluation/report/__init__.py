"""The evaluation report: systems compared over the same sentences."""
