"""What leaves the desk as a file or a picture."""
