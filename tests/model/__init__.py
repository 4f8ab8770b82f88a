"""Tests of the world around the servers, and of the drivers."""
