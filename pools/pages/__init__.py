"""What the pages about pools show: pure builders from facts and findings, and thin views."""
