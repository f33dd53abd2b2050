"""Small pieces that several models share; shapes in, shapes out, no text and no sound."""
