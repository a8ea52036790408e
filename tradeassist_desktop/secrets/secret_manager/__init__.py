"""Secrets in Google Cloud Secret Manager."""
