"""Tables of what the services know, for views to show."""
