"""Tests of the mechanism rows, through the public interface."""
