"""The window: the only package that draws. Panels show and ask; they decide nothing."""
