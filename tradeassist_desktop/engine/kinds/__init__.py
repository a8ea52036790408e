"""The five kinds of conditions traders know, as forms."""
