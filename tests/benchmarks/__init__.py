"""Figures, not tests: what ``make bench`` measures. Every judgement is a ratio of two things measured alternately in one run."""
